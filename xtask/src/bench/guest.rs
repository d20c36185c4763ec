//! What a guest does, as calls.

use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{
    load::{Call, Calls, ask, drive},
    server::Server,
};

const PHOTO_BYTES: usize = 1_024;
/// The API's limit for one request.
const LARGEST_BATCH: usize = 500;
const PUT_CONNECTIONS: usize = 16;

pub(super) struct Guest<'a> {
    server: &'a Server,
    token: String,
}

impl<'a> Guest<'a> {
    pub(super) fn invite(server: &'a Server) -> Result<Self> {
        let invitation = ask(server.invitation())?;
        Ok(Self { server, token: invitation["token"].as_str().context("an invitation without a token")?.to_owned() })
    }

    /// As a client of the original asks: a file name only.
    pub(super) fn policies(&self) -> Box<Calls<'_>> {
        Box::new(|| Some(self.call("POST", "/api/files/policy/", r#"{"filename":"a.jpg"}"#)))
    }

    pub(super) fn lists(&self) -> Box<Calls<'_>> {
        Box::new(|| Some(self.call("GET", "/api/images/", "")))
    }

    /// One for each of `count` images, whose bytes are in storage when this returns.
    pub(super) fn completions(&self, count: usize) -> Result<Box<Calls<'_>>> {
        let uploaded = Mutex::new(self.upload(count)?);
        Ok(Box::new(move || {
            let file = uploaded.lock().expect("no connection panics while it holds the list").pop()?;
            let metadata = json!({ "make": "Canon", "model": "EOS 80D", "xDimension": 6000, "yDimension": 4000 });
            let body = json!({ "file": file, "fileSize": PHOTO_BYTES, "fileType": "image/jpeg", "metadata": metadata });
            Some(self.call("POST", "/api/files/complete/", &body.to_string()))
        }))
    }

    /// Signs and sends `count` files of different bytes, and answers their ids.
    fn upload(&self, count: usize) -> Result<Vec<Value>> {
        let mut signed = Vec::new();
        while signed.len() < count {
            let batch = (count - signed.len()).min(LARGEST_BATCH);
            let files = vec![json!({ "filename": "a.jpg", "size": PHOTO_BYTES, "type": "image/jpeg" }); batch];
            let answer = ask(self.call("POST", "/api/files/policy/", &json!({ "files": files }).to_string()))?;
            let policies = answer["files"].as_array().context("a batch without files")?;
            ensure!(policies.len() == batch, "{batch} files asked for, {} answered", policies.len());
            signed.extend(policies.iter().cloned());
        }
        let puts = Mutex::new(signed.iter().map(put).collect::<Result<Vec<_>>>()?);
        let next = || puts.lock().expect("no connection panics while it holds the list").pop();
        drive(PUT_CONNECTIONS, usize::MAX, std::time::Duration::MAX, &next)?;
        Ok(signed.iter().map(|policy| policy["file_id"].clone()).collect())
    }

    fn call(&self, method: &'static str, path: &str, body: &str) -> Call {
        self.server.call(method, path, Some(&self.token), body)
    }
}

/// The request that a policy asks for.
fn put(policy: &Value) -> Result<Call> {
    let url = policy["url"].as_str().with_context(|| format!("no URL: {policy}"))?.to_owned();
    let headers = policy["headers"].as_object().with_context(|| format!("no headers: {policy}"))?;
    let headers =
        headers.iter().map(|(name, value)| Ok((name.clone(), value.as_str().context("a header")?.to_owned())));
    let mut body = policy["file_id"].to_string().into_bytes();
    body.resize(PHOTO_BYTES, 0);
    Ok(Call { method: "PUT", url, headers: headers.collect::<Result<_>>()?, body })
}
