//! A server whose store holds so many small objects, and the requests that it is asked.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rusty_s3::{
    Bucket, Credentials, S3Action, UrlStyle,
    actions::{GetObject, HeadObject, PutObject},
};
use tempfile::TempDir;

use super::{
    super::{
        load::{Call, Calls, drive, text},
        process::Process,
    },
    keys::{key, random},
};
use crate::project;

const FILL_CONNECTIONS: usize = 48;
const FILLS_BETWEEN_REPORTS: usize = 50_000;
const SIGNED_FOR: Duration = Duration::from_secs(3600);
/// Less CPU than this in `REST` is a server at rest.
const IDLE_CPU: Duration = Duration::from_millis(10);
const REST: Duration = Duration::from_secs(2);
const LONGEST_UNREST: Duration = Duration::from_secs(600);
/// Whatever else is listed must be there in the smaller store too.
const FEW_ENTRIES: &str = "200";

/// A kind of request.
#[derive(Clone, Copy)]
pub(super) enum Request {
    Put,
    Get,
    Head,
    List,
    ListFromMiddle,
    ListPrefixes,
}

impl Request {
    pub(super) const ALL: [Self; 6] =
        [Self::Put, Self::Get, Self::Head, Self::List, Self::ListFromMiddle, Self::ListPrefixes];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Put => "PUT",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::List => "list 1000",
            Self::ListFromMiddle => "middle, 200",
            Self::ListPrefixes => "delimiter, 200",
        }
    }

    /// Enough in all rounds for the clock of `/proc`, few enough PUTs that the small store stays small.
    pub(super) fn calls_per_round(self) -> usize {
        match self {
            Self::Put => 50,
            Self::Get | Self::Head => 500,
            Self::List => 50,
            Self::ListFromMiddle | Self::ListPrefixes => 100,
        }
    }
}

/// The store, and how many of the keys are in it.
pub(super) struct Filled {
    server: Option<Process>,
    binary: PathBuf,
    folder: PathBuf,
    bucket: Bucket,
    credentials: Credentials,
    count: AtomicUsize,
    /// Removed with this value, after the server.
    _temporary: Option<TempDir>,
}

impl Filled {
    /// Starts the server on a folder that stays, or on one of its own.
    pub(super) fn open(binary: &Path, keep: Option<PathBuf>) -> Result<Self> {
        let temporary = if keep.is_none() { Some(tempfile::tempdir_in(project::target())?) } else { None };
        let folder = keep.or_else(|| Some(temporary.as_ref()?.path().to_owned())).context("a folder")?;
        let (server, bucket) = serve(binary, &folder)?;
        let key_pair = fs::read_to_string(folder.join("s3-key"))?;
        let (id, secret) = key_pair.trim().split_once(':').context("a key pair without a colon")?;
        let credentials = Credentials::new(id, secret);
        let count = fs::read_to_string(folder.join("objects")).ok().and_then(|count| count.parse().ok());
        let count = AtomicUsize::new(count.unwrap_or(0));
        let binary = binary.to_owned();
        Ok(Self { server: Some(server), binary, folder, bucket, credentials, count, _temporary: temporary })
    }

    /// Puts objects until there are `objects`.
    pub(super) fn fill(&mut self, objects: usize) -> Result<()> {
        let (start, before) = (Instant::now(), self.count());
        let calls = || {
            let put = self.count() - before;
            if put > 0 && put.is_multiple_of(FILLS_BETWEEN_REPORTS) {
                let rate = put as f64 / start.elapsed().as_secs_f64();
                println!("{:>9} of {objects} objects, {rate:.0} a second", before + put);
            }
            Some(self.put())
        };
        drive(FILL_CONNECTIONS, objects.saturating_sub(before), Duration::MAX, &calls)?;
        self.note_count()
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub(super) fn server(&self) -> &Process {
        self.server.as_ref().expect("the server runs except while `restart` starts another")
    }

    /// Waits until the server does nothing by itself any more; answers the time and the processor time until then.
    pub(super) fn rest(&self) -> Result<(Duration, Duration)> {
        let (start, cpu) = (Instant::now(), self.server().cpu()?);
        let mut before = cpu;
        while start.elapsed() < LONGEST_UNREST {
            pause(REST);
            let now = self.server().cpu()?;
            if now - before <= IDLE_CPU {
                return Ok((start.elapsed() - REST, before - cpu));
            }
            before = now;
        }
        bail!("the server does not come to rest")
    }

    /// Ends the server by this signal and starts it again; answers the time to the first object.
    pub(super) fn restart(&mut self, signal: &str) -> Result<Duration> {
        self.note_count()?;
        self.server.take().expect("the server runs").end(signal)?;
        let start = Instant::now();
        let (server, bucket) = serve(&self.binary, &self.folder)?;
        (self.server, self.bucket) = (Some(server), bucket);
        text(self.get(self.count() / 2))?;
        Ok(start.elapsed())
    }

    /// Requests of one kind without end.
    pub(super) fn calls(&self, request: Request) -> Result<Box<Calls<'_>>> {
        let asked = AtomicUsize::new(0);
        let any = move || {
            let mut state = asked.fetch_add(1, Ordering::Relaxed) as u64;
            usize::try_from(random(&mut state) >> 1).unwrap_or(0)
        };
        let url = match request {
            Request::Put => return Ok(Box::new(|| Some(self.put()))),
            Request::Get => return Ok(Box::new(move || Some(self.get(any() % self.count())))),
            Request::Head => return Ok(Box::new(move || Some(self.head(any() % self.count())))),
            Request::List => self.list(&[("max-keys", "1000")]),
            Request::ListPrefixes => {
                self.list(&[("prefix", "incoming/"), ("delimiter", "/"), ("max-keys", FEW_ENTRIES)])
            }
            Request::ListFromMiddle => self.list(&[("continuation-token", &self.middle()?), ("max-keys", FEW_ENTRIES)]),
        };
        Ok(Box::new(move || Some(call("GET", url.clone(), &[]))))
    }

    /// The token that the server gives to whoever has read to the middle of the photos.
    fn middle(&self) -> Result<String> {
        let page = text(call("GET", self.list(&[("start-after", "photos/8"), ("max-keys", "1")]), &[]))?;
        let token = page.split_once("<NextContinuationToken>").and_then(|(_, rest)| rest.split_once('<'));
        Ok(token.context("a page without a token")?.0.to_owned())
    }

    fn put(&self) -> Call {
        let key = key(self.count.fetch_add(1, Ordering::Relaxed));
        let url = PutObject::new(&self.bucket, Some(&self.credentials), &key).sign(SIGNED_FOR);
        call("PUT", url.into(), &key.as_bytes()[..20])
    }

    fn get(&self, number: usize) -> Call {
        let key = key(number);
        call("GET", GetObject::new(&self.bucket, Some(&self.credentials), &key).sign(SIGNED_FOR).into(), &[])
    }

    fn head(&self, number: usize) -> Call {
        let key = key(number);
        call("HEAD", HeadObject::new(&self.bucket, Some(&self.credentials), &key).sign(SIGNED_FOR).into(), &[])
    }

    fn list(&self, query: &[(&'static str, &str)]) -> String {
        // ListObjectsV2 is the GET of an object without a key.
        let mut list = GetObject::new(&self.bucket, Some(&self.credentials), "");
        list.query_mut().insert("list-type", "2");
        query.iter().for_each(|(name, value)| list.query_mut().insert(*name, (*value).to_owned()));
        list.sign(SIGNED_FOR).into()
    }

    fn note_count(&self) -> Result<()> {
        Ok(fs::write(self.folder.join("objects"), self.count().to_string())?)
    }
}

/// Starts the server, which makes this bucket for itself.
fn serve(binary: &Path, folder: &Path) -> Result<(Process, Bucket)> {
    let (process, url) = Process::start_listening(binary, |serve| {
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder);
    })?;
    Ok((process, Bucket::new(url.parse()?, UrlStyle::Path, "hasty-media", "us-east-1")?))
}

fn call(method: &'static str, url: String, body: &[u8]) -> Call {
    Call { method, url, headers: Vec::new(), body: body.to_vec() }
}

#[expect(clippy::disallowed_methods, reason = "no condition tells that nothing happens any more")]
fn pause(duration: Duration) {
    thread::sleep(duration);
}
