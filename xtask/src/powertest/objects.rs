//! Whoever holds the store's key pair: an S3 client that puts, replaces, copies and deletes objects of its own.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use rand::{Rng, rngs::StdRng, seq::IteratorRandom};
use rusty_s3::Method;

use super::{
    facts::{Content, Fact, Verdict},
    payload,
    site::{Answer, Call, Site},
    uploads::Uploads,
};

pub(super) const BUCKET: &str = "power";
const LISTED_AT_ONCE: &str = "1000";

pub(super) struct Objects {
    /// Of all keys that this writer, and nobody else, writes.
    prefix: String,
    rng: StdRng,
    keys: BTreeMap<String, Key>,
    uploads: Uploads,
    /// How many keys have had a name.
    named: usize,
}

/// What stands under a key: an object or nothing.
type State = Option<Content>;

struct Key {
    state: Fact<State>,
    /// Since the last check.
    is_touched: bool,
}

/// What a GET shows.
enum Seen {
    State(State),
    Failure(String),
}

impl Objects {
    pub(super) fn new(prefix: &str, rng: StdRng) -> Self {
        Self { prefix: prefix.to_owned(), rng, keys: BTreeMap::new(), uploads: Uploads::default(), named: 0 }
    }

    /// Does one thing, chosen at random. After an error nobody knows whether it was done.
    pub(super) fn step(&mut self, site: &Site) -> Result<()> {
        let existing = self.existing_key();
        match (self.rng.random_range(0..100), existing) {
            (0..40, _) | (_, None) => self.put(site, None),
            (40..55, Some(key)) => self.put(site, Some(key)),
            (55..70, Some(source)) => self.copy(site, &source),
            (70..85, Some(key)) => self.delete(site, key),
            (_, Some(_)) => self.upload(site),
        }
    }

    fn put(&mut self, site: &Site, key: Option<String>) -> Result<()> {
        let key = key.unwrap_or_else(|| self.unused_key());
        let bytes = payload::random(&mut self.rng);
        let content = Content::of(&bytes);
        let call = site.s3(Method::Put, &path(&key), &[], &[], bytes)?;
        self.change(site, key, Some(content), call)
    }

    fn copy(&mut self, site: &Site, source: &str) -> Result<()> {
        let content = self.keys.get(source).and_then(|key| *key.state.settled());
        let target = if self.rng.random() { self.existing_key() } else { None };
        let target = target.unwrap_or_else(|| self.unused_key());
        // S3 refuses to copy an object to itself.
        if target == source {
            return self.put(site, Some(target));
        }
        let headers = [("x-amz-copy-source", path(source))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let call = site.s3(Method::Put, &path(&target), &[], &headers, Vec::new())?;
        self.change(site, target, content, call)
    }

    fn delete(&mut self, site: &Site, key: String) -> Result<()> {
        let call = site.s3(Method::Delete, &path(&key), &[], &[], Vec::new())?;
        self.change(site, key, None, call)
    }

    fn upload(&mut self, site: &Site) -> Result<()> {
        let key = self.unused_key();
        self.uploads.begin(site, &key)?;
        for size_bytes in if self.rng.random_bool(0.1) { vec![payload::PART_BYTES] } else { vec![] } {
            self.uploads.add_part(site, payload::of_size(&mut self.rng, size_bytes))?;
        }
        self.uploads.add_part(site, payload::random(&mut self.rng))?;
        match self.rng.random_range(0..100) {
            0..70 => {
                let (content, call) = self.uploads.complete_last(site)?;
                self.change(site, key, Some(content), call)?;
                self.uploads.forget_last();
                Ok(())
            }
            70..80 => self.uploads.abort_last(site),
            // The check completes it.
            _ => Ok(()),
        }
    }

    fn change(&mut self, site: &Site, key: String, change: State, call: Call) -> Result<()> {
        let key = self.keys.entry(key).or_insert_with(Key::absent);
        key.is_touched = true;
        key.state.send(change);
        site.write(call)?;
        key.state.acknowledge();
        Ok(())
    }

    fn existing_key(&mut self) -> Option<String> {
        let existing = self.keys.iter().filter(|(_, key)| key.state.settled().is_some());
        existing.choose(&mut self.rng).map(|(key, _)| key.clone())
    }

    fn unused_key(&mut self) -> String {
        self.named += 1;
        format!("{}/{:06}", self.prefix, self.named)
    }

    /// Holds what the store shows against what it acknowledged: all of what was touched since the last check, and this
    /// share of the rest.
    pub(super) fn check(&mut self, site: &Site, share: f64) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        for (key, content) in self.uploads.check(site, &mut verdict)? {
            let key = self.keys.entry(key).or_insert_with(Key::absent);
            key.is_touched = true;
            key.state.send(Some(content));
            key.state.acknowledge();
        }
        let listed = list(site, BUCKET, &format!("{}/", self.prefix))?;
        for key in listed.keys().filter(|key| !self.keys.contains_key(*key)) {
            verdict.half_visible(format!("{key} is listed, and nobody wrote it"));
        }
        for (name, key) in &mut self.keys {
            let listed = listed.get(name).copied();
            let is_as_listed = listed == key.state.settled().map(|content| content.size_bytes);
            if key.is_touched || !is_as_listed || self.rng.random_bool(share) {
                key.check(site, name, listed, &mut verdict)?;
            }
        }
        Ok(verdict)
    }
}

impl Key {
    fn absent() -> Self {
        Self { state: Fact::new(None), is_touched: false }
    }

    fn check(&mut self, site: &Site, name: &str, listed: Option<usize>, verdict: &mut Verdict) -> Result<()> {
        self.is_touched = false;
        let state = match get(site, BUCKET, name)? {
            Seen::State(state) => state,
            Seen::Failure(failure) => {
                verdict.corrupt(format!("{name}: {failure}"));
                return Ok(());
            }
        };
        let head = site.ask(site.s3(Method::Head, &path(name), &[], &[], Vec::new())?)?;
        let head = if head.status == 200 { head.header("content-length").map(str::to_owned) } else { None };
        let got = state.map(|content| content.size_bytes);
        if listed != got || head != got.map(|size| size.to_string()) {
            verdict.half_visible(format!("{name}: {listed:?} bytes listed, {got:?} by GET, {head:?} by HEAD"));
        }
        let expected = *self.state.settled();
        let what = || format!("{name}: {} instead of {}", in_words(state), in_words(expected));
        verdict.judge(self.state.see(state), what());
        Ok(())
    }
}

fn in_words(state: State) -> String {
    state.map_or("nothing".to_owned(), |Content { sha256, size_bytes }| {
        format!("{size_bytes} bytes {}…", hex::encode(&sha256[..4]))
    })
}

/// An error of the connection is one of the object too: the store cuts a body short that it cannot vouch for.
fn get(site: &Site, bucket: &str, key: &str) -> Result<Seen> {
    let call = site.s3(Method::Get, &format!("/{bucket}/{key}"), &[], &[], Vec::new())?;
    Ok(match site.ask(call) {
        Ok(Answer { status: 200, body, .. }) => Seen::State(Some(Content::of(&body))),
        Ok(Answer { status: 404, .. }) => Seen::State(None),
        Ok(Answer { status, .. }) => Seen::Failure(format!("GET answers {status}")),
        Err(error) => Seen::Failure(format!("GET fails: {error:#}")),
    })
}

/// All keys that begin with `prefix`, and their sizes.
fn list(site: &Site, bucket: &str, prefix: &str) -> Result<BTreeMap<String, usize>> {
    let mut listed = BTreeMap::new();
    let mut after = String::new();
    loop {
        let query =
            [("list-type", "2"), ("max-keys", LISTED_AT_ONCE), ("prefix", prefix), ("start-after", after.as_str())];
        let answer = site.ask(site.s3(Method::Get, &format!("/{bucket}"), &query, &[], Vec::new())?)?;
        ensure!(answer.status == 200, "the list of {bucket}/{prefix} answers {}", answer.status);
        let sizes = answer.elements("Size").into_iter().map(|size| size.parse());
        let page = answer.elements("Key").into_iter().zip(sizes.collect::<Result<Vec<usize>, _>>()?);
        let last = listed.len();
        listed.extend(page);
        let is_truncated = answer.elements("IsTruncated").first().is_some_and(|text| text == "true");
        match listed.last_key_value() {
            Some((key, _)) if is_truncated && listed.len() > last => after = key.clone(),
            _ => return Ok(listed),
        }
    }
}

/// Where the guests' photos go: whatever is listed there can be read, whole. Answers how many bytes they are.
pub(super) fn check_readable(
    site: &Site,
    bucket: &str,
    known: &mut BTreeMap<String, usize>,
    verdict: &mut Verdict,
) -> Result<()> {
    let listed = list(site, bucket, "")?;
    for (key, size_bytes) in listed.iter().filter(|(key, size)| known.get(*key) != Some(*size)) {
        match get(site, bucket, key)? {
            Seen::State(Some(content)) if content.size_bytes == *size_bytes => {}
            Seen::State(Some(content)) => {
                verdict.half_visible(format!("{key}: {size_bytes} bytes listed, {} by GET", content.size_bytes));
            }
            // The server tidies up meanwhile.
            Seen::State(None) if !list(site, bucket, key)?.contains_key(key) => {}
            Seen::State(None) => verdict.half_visible(format!("{key} is listed, and GET does not find it")),
            Seen::Failure(failure) => verdict.corrupt(format!("{key}: {failure}")),
        }
    }
    *known = listed;
    Ok(())
}

pub(super) fn make_bucket(site: &Site) -> Result<()> {
    site.write(site.s3(Method::Put, &format!("/{BUCKET}"), &[], &[], Vec::new())?).map(drop)
}

pub(super) fn path(key: &str) -> String {
    format!("/{BUCKET}/{key}")
}
