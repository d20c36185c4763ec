//! Requests in a fixed order, and what may be seen after each.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use md5::{Digest, Md5};

use crate::support::client::S3Client;
use crate::support::request::{Answer, Request};
use crate::support::{BUCKET, TestStore, path_of};

/// All parts but the last have at least 5 MiB.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// Of a larger object, only the end is looked at: so much of it.
pub const END_BYTES: usize = 400_000;

/// An object as a client sees it.
#[derive(Clone, PartialEq)]
pub struct Seen {
    pub len: usize,
    pub end: Arc<[u8]>,
    pub etag: String,
    pub content_type: String,
    pub place: String,
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes, {} {} {:?}", self.len, self.etag, self.content_type, self.place)
    }
}

impl Seen {
    /// A photo with these many bytes, of which `seed` decides.
    fn photo(seed: u8, len: usize) -> Seen {
        let body = bytes(seed, len);
        let etag = format!("\"{}\"", hex::encode(Md5::digest(&body)));
        Seen { len, end: body.into(), etag, content_type: "image/jpeg".to_owned(), place: format!("place {seed}") }
    }

    pub fn of(answer: &Answer) -> Seen {
        let range = answer.header("content-range").split_once('/');
        let len = range.map_or(answer.header("content-length"), |(_, len)| len);
        Seen {
            len: len.parse().expect("a length"),
            end: answer.body.to_vec().into(),
            etag: answer.header("etag").to_owned(),
            content_type: answer.header("content-type").to_owned(),
            place: answer.header("x-amz-meta-place").to_owned(),
        }
    }

    fn put<'a>(&self, client: &'a S3Client, key: &str) -> Request<'a> {
        let request = client.request(Method::PUT, &path_of(key)).body(self.end.to_vec());
        request.header("content-type", &self.content_type).header("x-amz-meta-place", &self.place)
    }
}

fn bytes(seed: u8, len: usize) -> Vec<u8> {
    (0..len).map(|i| (i / 7) as u8 ^ seed).collect()
}

type MakeRequest = Box<dyn for<'a> Fn(&'a S3Client) -> Request<'a> + Send + Sync>;

/// One request that changes something.
pub struct Step {
    pub what: &'static str,
    pub request: MakeRequest,
    /// What the keys show afterwards.
    pub shows: Vec<(&'static str, Option<Seen>)>,
    /// The upload that is over afterwards.
    ends: Option<String>,
    makes_bucket: bool,
    /// How many files nobody needs afterwards.
    pub frees: usize,
    /// It makes no sense unless the step before it went well.
    pub needs_previous: bool,
}

impl Step {
    fn new(
        what: &'static str,
        shows: Vec<(&'static str, Option<Seen>)>,
        request: impl for<'a> Fn(&'a S3Client) -> Request<'a> + Send + Sync + 'static,
    ) -> Step {
        Step {
            what,
            request: Box::new(request),
            shows,
            ends: None,
            makes_bucket: false,
            frees: 0,
            needs_previous: false,
        }
    }

    fn put(what: &'static str, key: &'static str, photo: Seen) -> Step {
        let shows = vec![(key, Some(photo.clone()))];
        Step::new(what, shows, move |client| photo.put(client, key))
    }

    fn frees(self, frees: usize) -> Step {
        Step { frees, ..self }
    }

    fn ends(self, upload: &str) -> Step {
        Step { ends: Some(upload.to_owned()), ..self }
    }
}

/// What a client may see: after a request that was not acknowledged, the old or the new.
#[derive(Clone, Default)]
pub struct Model {
    /// Whether the bucket may be missing.
    pub may_lack_bucket: bool,
    pub objects: BTreeMap<&'static str, Vec<Option<Seen>>>,
    /// Whether an upload may be listed, and whether it may be gone.
    pub uploads: BTreeMap<String, (bool, bool)>,
}

impl Model {
    pub fn apply(&mut self, step: &Step, is_acknowledged: bool) {
        for (key, seen) in &step.shows {
            let may_show = self.objects.entry(key).or_insert_with(|| vec![None]);
            if is_acknowledged {
                may_show.clear();
            }
            may_show.push(seen.clone());
        }
        self.may_lack_bucket &= !(step.makes_bucket && is_acknowledged);
        if let Some(upload) = &step.ends {
            self.uploads.insert(upload.clone(), (!is_acknowledged, true));
        }
    }
}

/// Fills a store that is about to be put to the test, and says what it holds.
pub async fn prepare(store: &TestStore) -> (Model, Vec<Step>) {
    let mut model = Model::default();
    for (key, seed, len) in [("kept", 1, 1000), ("replaced", 2, 50_000), ("deleted", 3, 2000), ("source", 4, 300)] {
        let step = Step::put("put", key, Seen::photo(seed, len));
        assert_eq!((step.request)(store).send().await.status, 200);
        model.apply(&step, true);
    }
    for key in ["twin 1", "twin 2"] {
        let step = Step::put("put", key, Seen::photo(5, 10));
        assert_eq!((step.request)(store).send().await.status, 200);
        model.apply(&step, true);
    }
    let assembled = begin_upload(store, "assembled", bytes(6, PART_BYTES)).await;
    let aborted = begin_upload(store, "aborted", bytes(7, 100)).await;
    let steps = steps(&assembled, &aborted);
    model.uploads = [assembled, aborted].map(|id| (id, (true, false))).into();
    (model, steps)
}

/// For a store that is not there yet.
pub fn first_steps() -> (Model, Vec<Step>) {
    let make = Step::new("make the bucket", Vec::new(), |client| client.request(Method::PUT, &format!("/{BUCKET}")));
    let make = Step { makes_bucket: true, ..make };
    let put = Step { needs_previous: true, ..Step::put("put", "first", Seen::photo(20, 500)) };
    (Model { may_lack_bucket: true, ..Model::default() }, vec![make, put])
}

/// A write, so many that change nothing, and two more: the log of the index goes into the database among them.
pub fn many_steps(count: usize) -> Vec<Step> {
    let delete = || {
        let shows = vec![("nothing", None)];
        Step::new("delete nothing", shows, |client| client.request(Method::DELETE, &path_of("nothing")))
    };
    let mut steps = vec![Step::put("put", "before", Seen::photo(21, 500))];
    steps.extend((0..count).map(|_| delete()));
    steps.push(Step::put("put", "behind", Seen::photo(22, 500)));
    steps.push(Step::put("put", "later", Seen::photo(23, 500)));
    steps
}

/// One more write.
pub fn one_step() -> Vec<Step> {
    vec![Step::put("put", "more", Seen::photo(24, 500))]
}

async fn begin_upload(store: &TestStore, key: &str, part: Vec<u8>) -> String {
    let create = store.request(Method::POST, &path_of(key)).query("uploads", "").header("content-type", "image/png");
    let id = create.header("x-amz-meta-place", "in parts").send().await.first("UploadId");
    assert_eq!(upload_part(store, key, &id, 1, part).send().await.status, 200);
    id
}

fn upload_part<'a>(client: &'a S3Client, key: &str, id: &str, number: u8, part: Vec<u8>) -> Request<'a> {
    let request = client.request(Method::PUT, &path_of(key)).query("partNumber", &number.to_string());
    request.query("uploadId", id).body(part)
}

fn steps(assembled: &str, aborted: &str) -> Vec<Step> {
    let source = Seen::photo(4, 300);
    vec![
        Step::put("put nothing", "empty", Seen::photo(10, 0)),
        Step::put("put a small one", "small", Seen::photo(11, 1000)),
        Step::put("put a large one", "large", Seen::photo(12, 300_000)),
        Step::put("replace", "replaced", Seen::photo(13, 60_000)).frees(1),
        Step::new("copy", vec![("copy", Some(source))], |client| {
            let request = client.request(Method::PUT, &path_of("copy"));
            request.header("x-amz-copy-source", path_of("source"))
        }),
        last_part(assembled),
        complete(assembled),
        abort(aborted),
        Step::new("delete", vec![("deleted", None)], |client| client.request(Method::DELETE, &path_of("deleted")))
            .frees(1),
        Step::new("delete two", vec![("twin 1", None), ("twin 2", None)], |client| {
            let keys = "<Object><Key>twin 1</Key></Object><Object><Key>twin 2</Key></Object>";
            let request = client.request(Method::POST, &format!("/{BUCKET}")).query("delete", "");
            request.body(format!("<Delete>{keys}</Delete>"))
        })
        .frees(2),
    ]
}

fn last_part(id: &str) -> Step {
    let id = id.to_owned();
    Step::new("put a part", Vec::new(), move |client| upload_part(client, "assembled", &id, 2, bytes(8, 2000)))
}

fn complete(id: &str) -> Step {
    let parts = [bytes(6, PART_BYTES), bytes(8, 2000)];
    let md5s = parts.each_ref().map(Md5::digest);
    let etag = format!("\"{}-2\"", hex::encode(Md5::digest(md5s.concat())));
    let part = |number: usize| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", hex::encode(md5s[number - 1]))
    };
    let body = format!("<CompleteMultipartUpload>{}{}</CompleteMultipartUpload>", part(1), part(2));
    let whole = parts.concat();
    let seen = Seen {
        len: whole.len(),
        end: whole[whole.len() - END_BYTES..].into(),
        etag,
        content_type: "image/png".to_owned(),
        place: "in parts".to_owned(),
    };
    let (upload, id) = (id, id.to_owned());
    let step = Step::new("complete", vec![("assembled", Some(seen))], move |client| {
        client.request(Method::POST, &path_of("assembled")).query("uploadId", &id).body(body.clone())
    });
    Step { needs_previous: true, ..step.ends(upload) }
}

fn abort(id: &str) -> Step {
    let (upload, id) = (id, id.to_owned());
    let step = Step::new("abort", vec![("aborted", None)], move |client| {
        client.request(Method::DELETE, &path_of("aborted")).query("uploadId", &id)
    });
    step.ends(upload).frees(1)
}
