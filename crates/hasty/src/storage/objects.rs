//! The few calls that the server itself makes about objects.

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderName, Method, StatusCode};

use super::{Storage, StorageError, refused};

/// What storage says of an object.
#[derive(Debug)]
pub struct ObjectHead {
    pub size_bytes: u64,
    pub etag: String,
    pub content_type: String,
    /// Base64; storage's own, of the whole object.
    pub checksum_sha256: Option<String>,
}

impl Storage {
    /// `None` where there is no such object.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        let headers = [("x-amz-checksum-mode", "ENABLED".to_owned())];
        let (status, headers, _) = self.call(Method::HEAD, url, &[], &headers, Bytes::new()).await?;
        match status {
            StatusCode::OK => Ok(Some(object_head(&headers))),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(refused("HeadObject", status, &[])),
        }
    }

    /// The first bytes of an object that still has this ETag.
    pub async fn read_start(&self, key: &str, etag: &str, len: usize) -> Result<Bytes, StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        let headers = [("if-match", etag.to_owned()), ("range", format!("bytes=0-{}", len - 1))];
        match self.call(Method::GET, url, &[], &headers, Bytes::new()).await? {
            (StatusCode::OK | StatusCode::PARTIAL_CONTENT, _, body) => Ok(body.slice(..body.len().min(len))),
            (StatusCode::PRECONDITION_FAILED | StatusCode::NOT_FOUND, ..) => Err(StorageError::Changed),
            (status, _, body) => Err(refused("GetObject", status, &body)),
        }
    }

    /// The whole object, as a stream; `None` where there is none.
    pub async fn read(&self, key: &str) -> Result<Option<(ObjectHead, Body)>, StorageError> {
        self.read_as(key, &[]).await
    }

    /// The whole object, as a stream, if it still has this ETag.
    pub async fn read_again(&self, key: &str, etag: &str) -> Result<Body, StorageError> {
        let found = self.read_as(key, &[("if-match", etag.to_owned())]).await?;
        found.map(|(_, body)| body).ok_or(StorageError::Changed)
    }

    async fn read_as(
        &self,
        key: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Option<(ObjectHead, Body)>, StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        let (head, body) =
            self.open(self.request(Method::GET, url, &[], headers, Bytes::new())?.map(Body::from)).await?.into_parts();
        match head.status {
            StatusCode::OK => Ok(Some((object_head(&head.headers), body))),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::PRECONDITION_FAILED => Err(StorageError::Changed),
            status => Err(refused("GetObject", status, &[])),
        }
    }

    pub async fn put(&self, key: &str, content_type: &str, body: Bytes) -> Result<(), StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        let headers = [("content-type", content_type.to_owned())];
        match self.call(Method::PUT, url, &[], &headers, body).await? {
            (status, ..) if status.is_success() => Ok(()),
            (status, _, body) => Err(refused("PutObject", status, &body)),
        }
    }

    /// Copies inside the bucket, if the source still has this ETag; the copy has the given type.
    pub async fn copy(&self, from: &str, etag: &str, to: &str, content_type: &str) -> Result<(), StorageError> {
        let url = self.object_url(self.own_endpoint(), to);
        let headers = [
            ("content-type", content_type.to_owned()),
            ("x-amz-copy-source", format!("/{}/{from}", self.bucket)),
            ("x-amz-copy-source-if-match", etag.to_owned()),
            ("x-amz-metadata-directive", "REPLACE".to_owned()),
        ];
        match self.call(Method::PUT, url, &[], &headers, Bytes::new()).await? {
            // A copy that fails after its head was sent says so in the body of a 200 (S3, CopyObject).
            (StatusCode::OK, _, body) if !contains(&body, b"<Error>") => Ok(()),
            (StatusCode::PRECONDITION_FAILED | StatusCode::NOT_FOUND, ..) => Err(StorageError::Changed),
            (status, _, body) => Err(refused("CopyObject", status, &body)),
        }
    }

    /// Also succeeds where there is no such object.
    pub async fn delete(&self, key: &str) -> Result<(), StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        match self.call(Method::DELETE, url, &[], &[], Bytes::new()).await? {
            (status, ..) if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            (status, _, body) => Err(refused("DeleteObject", status, &body)),
        }
    }
}

fn object_head(headers: &HeaderMap) -> ObjectHead {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let checksum = text(HeaderName::from_static("x-amz-checksum-sha256"));
    ObjectHead {
        size_bytes: text(CONTENT_LENGTH).and_then(|length| length.parse().ok()).unwrap_or(0),
        etag: text(ETAG).unwrap_or_default().to_owned(),
        content_type: text(CONTENT_TYPE).unwrap_or_default().to_owned(),
        // A composite checksum, of the parts' checksums, ends in -<number of parts> (S3, multipart uploads).
        checksum_sha256: checksum.filter(|checksum| !checksum.contains('-')).map(str::to_owned),
    }
}

pub(super) fn contains(body: &[u8], needle: &[u8]) -> bool {
    body.windows(needle.len()).any(|window| window == needle)
}
