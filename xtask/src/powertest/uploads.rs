//! Multipart uploads of one S3 client: those that are neither completed nor aborted, and those that nobody has heard
//! the end of.

use anyhow::{Context, Result};
use rusty_s3::Method;
use sha2::{Digest, Sha256};

use super::{
    facts::{Content, Verdict},
    objects::path,
    site::{Call, Site},
};

#[derive(Default)]
pub(super) struct Uploads {
    open: Vec<Upload>,
}

struct Upload {
    key: String,
    id: String,
    /// Of the parts that were acknowledged, in their order.
    etags: Vec<String>,
    /// Of these parts together.
    sha256: Sha256,
    size_bytes: usize,
    end: End,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    None,
    Completing,
    Aborting,
    Aborted,
}

impl Uploads {
    pub(super) fn begin(&mut self, site: &Site, key: &str) -> Result<()> {
        let answer = site.write(site.s3(Method::Post, &path(key), &[("uploads", "")], &[], Vec::new())?)?;
        let id = answer.elements("UploadId").pop().context("no UploadId")?;
        let upload =
            Upload { key: key.to_owned(), id, etags: Vec::new(), sha256: Sha256::new(), size_bytes: 0, end: End::None };
        self.open.push(upload);
        Ok(())
    }

    /// Sends the next part of the upload that was begun last.
    pub(super) fn add_part(&mut self, site: &Site, bytes: Vec<u8>) -> Result<()> {
        let upload = self.last()?;
        let number = (upload.etags.len() + 1).to_string();
        let (size_bytes, sha256) = (bytes.len(), upload.sha256.clone().chain_update(&bytes));
        let query = [("partNumber", number.as_str()), ("uploadId", &upload.id)];
        let answer = site.write(site.s3(Method::Put, &path(&upload.key), &query, &[], bytes)?)?;
        upload.etags.push(answer.header("etag").context("a part without an ETag")?.to_owned());
        upload.size_bytes += size_bytes;
        upload.sha256 = sha256;
        Ok(())
    }

    /// The request that completes the upload that was begun last, and the object that it makes.
    pub(super) fn complete_last(&mut self, site: &Site) -> Result<(Content, Call)> {
        let upload = self.last()?;
        upload.end = End::Completing;
        Ok((upload.content(), upload.completion(site)?))
    }

    /// It has become an object.
    pub(super) fn forget_last(&mut self) {
        self.open.pop();
    }

    pub(super) fn abort_last(&mut self, site: &Site) -> Result<()> {
        let upload = self.last()?;
        upload.end = End::Aborting;
        site.write(upload.abortion(site)?)?;
        upload.end = End::Aborted;
        Ok(())
    }

    fn last(&mut self) -> Result<&mut Upload> {
        self.open.last_mut().context("no upload has begun")
    }

    /// Ends all of them, and answers the objects that they have become.
    pub(super) fn check(&mut self, site: &Site, verdict: &mut Verdict) -> Result<Vec<(String, Content)>> {
        let mut objects = Vec::new();
        for upload in self.open.drain(..) {
            let listed = site.ask(site.s3(
                Method::Get,
                &path(&upload.key),
                &[("uploadId", upload.id.as_str())],
                &[],
                Vec::new(),
            )?)?;
            let is_there = listed.status == 200;
            match (upload.end, is_there) {
                (End::None | End::Completing, true) => {
                    let parts: Vec<_> = listed.elements("ETag").iter().map(|tag| tag.replace("&quot;", "\"")).collect();
                    if !parts.starts_with(&upload.etags) {
                        verdict.lost(format!("{}: the parts {:?}, {parts:?} are there", upload.key, upload.etags));
                    } else if upload.etags.is_empty() {
                        site.write(upload.abortion(site)?)?;
                    } else if let Err(error) = site.write(upload.completion(site)?) {
                        verdict
                            .lost(format!("{}: its parts are there, and it cannot be completed: {error}", upload.key));
                    } else {
                        objects.push((upload.key.clone(), upload.content()));
                    }
                }
                (End::None, false) => {
                    verdict.lost(format!("{}: an upload, which answers {}", upload.key, listed.status));
                }
                // It was completed, then.
                (End::Completing, false) => objects.push((upload.key.clone(), upload.content())),
                (End::Aborting, true) => drop(site.write(upload.abortion(site)?)?),
                (End::Aborting | End::Aborted, false) => {}
                (End::Aborted, true) => verdict.lost(format!("{}: that its upload was aborted", upload.key)),
            }
        }
        Ok(objects)
    }
}

impl Upload {
    fn content(&self) -> Content {
        Content { sha256: self.sha256.clone().finalize().into(), size_bytes: self.size_bytes }
    }

    fn completion(&self, site: &Site) -> Result<Call> {
        let part = |(index, etag): (usize, &String)| {
            format!("<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>", index + 1)
        };
        let parts: String = self.etags.iter().enumerate().map(part).collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>").into_bytes();
        site.s3(Method::Post, &path(&self.key), &[("uploadId", &self.id)], &[], body)
    }

    fn abortion(&self, site: &Site) -> Result<Call> {
        site.s3(Method::Delete, &path(&self.key), &[("uploadId", &self.id)], &[], Vec::new())
    }
}
