//! The storage as a guest's browser uses it: on the public endpoint, from a page of ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, CONTENT_LENGTH, CONTENT_TYPE, ETAG, ORIGIN, RANGE,
};
use http::{HeaderMap, Method, Request, StatusCode};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use super::Report;
use crate::storage::key::StorageKey;
use crate::storage::multipart::PartConditions;
use crate::storage::{PutConditions, Storage, StorageError};

const PHOTO: &[u8] = b"a photo's bytes";
const OTHER: &[u8] = b"others' bytes..";
const TYPE: &str = "image/jpeg";
const CHECKSUM: &str = "x-amz-checksum-sha256";
const TTL: std::time::Duration = std::time::Duration::from_secs(300);

/// A page of ours, and one key that it may write.
struct Visit<'a> {
    storage: &'a Storage,
    page: &'a Url,
    origin: String,
    key: String,
}

type Answer = (StatusCode, HeaderMap, Bytes);

pub(super) async fn examine(storage: &Storage, page: &Url, report: &mut Report<'_>) {
    let key = StorageKey::Incoming { id: Uuid::new_v4(), file_type: None }.to_string();
    let visit = Visit { storage, page, origin: page.origin().ascii_serialization(), key };
    if let Err(error) = visit.look(report).await {
        report.fail(
            format!("a browser cannot use the storage: {error}"),
            "check HASTY_S3_PUBLIC_ENDPOINT, and what stands between it and the storage",
        );
    }
    if let Err(error) = storage.delete(&visit.key).await {
        report.warn(format!("{} cannot be removed: {error}", visit.key), "let this key pair delete objects");
    }
}

impl Visit<'_> {
    async fn look(&self, report: &mut Report<'_>) -> Result<(), StorageError> {
        let url = self.upload_link();
        if self.is_elsewhere(&url) {
            self.preflight(&url, report).await?;
        }
        let (status, headers, body) = self.put(&url, PHOTO, &[]).await?;
        if !status.is_success() {
            let text = String::from_utf8_lossy(&body).chars().take(300).collect::<String>();
            report.fail(
                format!("a signed PUT on the public endpoint answers {status}: {text}"),
                "a proxy must keep the Host header and the path as they are: both are signed",
            );
            return Ok(());
        }
        report.ok("a signed PUT on the public endpoint is taken");
        self.readable(&url, &headers, report);
        self.refusals(&url, report).await?;
        self.range(report).await?;
        self.parts(report).await
    }

    fn upload_link(&self) -> Url {
        let conditions = PutConditions {
            content_length: Some(PHOTO.len() as u64),
            content_type: Some(TYPE.to_owned()),
            checksum_sha256: Some(STANDARD.encode(Sha256::digest(PHOTO))),
        };
        self.storage.presign_put(self.page, &self.key, &conditions, TTL)
    }

    fn is_elsewhere(&self, url: &Url) -> bool {
        url.origin().ascii_serialization() != self.origin
    }

    async fn preflight(&self, url: &Url, report: &mut Report<'_>) -> Result<(), StorageError> {
        let request = Request::builder()
            .method(Method::OPTIONS)
            .uri(url.as_str())
            .header(ORIGIN, &self.origin)
            .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
            .header(ACCESS_CONTROL_REQUEST_HEADERS, format!("content-type,{CHECKSUM}"));
        let (status, headers, _) = self.send(request, Bytes::new()).await?;
        if status.is_success() && self.allows(&headers) {
            report.ok(format!("it tells browsers that pages of {} may send photos", self.origin));
        } else {
            report.fail(
                format!("it does not let pages of {} send photos (CORS preflight: {status})", self.origin),
                "run hasty doctor --fix, or set a CORS rule for PUT, GET and HEAD by hand",
            );
        }
        Ok(())
    }

    fn allows(&self, headers: &HeaderMap) -> bool {
        let allowed = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN);
        allowed.is_some_and(|allowed| allowed == "*" || allowed.as_bytes() == self.origin.as_bytes())
    }

    /// Parts are joined by their ETags, which the page has to see.
    fn readable(&self, url: &Url, headers: &HeaderMap, report: &mut Report<'_>) {
        if !headers.contains_key(ETAG) {
            report.fail("its answer to a PUT has no ETag", "use another storage, or a proxy that lets the header pass");
        }
        if !self.is_elsewhere(url) {
            return;
        }
        let exposed = headers.get_all(ACCESS_CONTROL_EXPOSE_HEADERS).iter().filter_map(|names| names.to_str().ok());
        let mut names = exposed.flat_map(|names| names.split(',')).map(str::trim);
        if self.allows(headers) && names.any(|name| name == "*" || name.eq_ignore_ascii_case("etag")) {
            report.ok("a page can read the answer and its ETag");
        } else {
            report.fail(
                "a page cannot read the answer to its PUT, or the ETag in it",
                "let the CORS rule expose ETag: hasty doctor --fix adds such a rule",
            );
        }
    }

    /// What must not be taken.
    async fn refusals(&self, url: &Url, report: &mut Report<'_>) -> Result<(), StorageError> {
        let (status, ..) = self.put(url, OTHER, &[]).await?;
        if status.is_success() {
            report.warn(
                "it takes other bytes than those whose SHA-256 was signed",
                "nothing: each photo is verified after it has arrived, and this one would be rejected",
            );
        } else {
            report.ok("it refuses bytes that are not those whose SHA-256 was signed");
        }
        let source = format!("/{}/{}", self.storage.bucket(), self.key);
        let (status, ..) = self.put(url, PHOTO, &[("x-amz-copy-source", &source)]).await?;
        if status.is_success() {
            report.fail(
                "whoever holds an upload link can copy other people's photos (an unsigned x-amz-copy-source is obeyed)",
                "use another storage, or let the proxy in front of it refuse PUTs with this header",
            );
        } else {
            report.ok("it obeys no header that was not signed");
        }
        let mut tampered = url.clone();
        tampered.set_path(&format!("{}x", url.path()));
        if self.put(&tampered, PHOTO, &[]).await?.0.is_success() {
            report.fail(
                "it takes a PUT whose signature is wrong",
                "use another storage: anybody could write to this one",
            );
        }
        Ok(())
    }

    async fn range(&self, report: &mut Report<'_>) -> Result<(), StorageError> {
        let link = self.storage.links(self.page, TTL).get(&self.key);
        let request = Request::builder().uri(link).header(ORIGIN, &self.origin).header(RANGE, "bytes=2-6");
        let (status, _, body) = self.send(request, Bytes::new()).await?;
        if status == StatusCode::PARTIAL_CONTENT && body == PHOTO[2..7] {
            report.ok("a signed GET is answered, and a range of it too");
        } else {
            report.fail(format!("a signed GET of a range answers {status}"), "a proxy must let Range pass");
        }
        Ok(())
    }

    async fn parts(&self, report: &mut Report<'_>) -> Result<(), StorageError> {
        let upload_id = self.storage.begin_upload(&self.key, TYPE, Some("SHA256")).await?;
        let checksum = STANDARD.encode(Sha256::digest(PHOTO));
        let part = PartConditions {
            upload_id: &upload_id,
            number: 1,
            size_bytes: PHOTO.len() as u64,
            checksum_sha256: Some(&checksum),
        };
        let url = self.storage.presign_part(self.page, &self.key, &part, TTL);
        let request = Request::builder().method(Method::PUT).uri(url.as_str()).header(CHECKSUM, &checksum);
        let request = request.header(ORIGIN, &self.origin).header(CONTENT_LENGTH, PHOTO.len());
        let (status, ..) = self.send(request, Bytes::from_static(PHOTO)).await?;
        let stored = self.storage.list_parts(&self.key, &upload_id).await?.unwrap_or_default();
        self.storage.abort_upload(&self.key, &upload_id).await?;
        if status.is_success() && stored.len() == 1 {
            report.ok("large files can go in parts");
        } else {
            report.fail(format!("a signed part answers {status}"), "large files cannot be sent: use another storage");
        }
        Ok(())
    }

    async fn put(&self, url: &Url, body: &'static [u8], more: &[(&str, &str)]) -> Result<Answer, StorageError> {
        let mut request = Request::builder().method(Method::PUT).uri(url.as_str()).header(ORIGIN, &self.origin);
        request = request.header(CONTENT_TYPE, TYPE).header(CHECKSUM, STANDARD.encode(Sha256::digest(PHOTO)));
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        self.send(request.header(CONTENT_LENGTH, body.len()), Bytes::from_static(body)).await
    }

    async fn send(&self, request: http::request::Builder, body: Bytes) -> Result<Answer, StorageError> {
        let request = request.body(body).map_err(|error| StorageError::Unreachable(error.to_string()))?;
        self.storage.send(request).await
    }
}
