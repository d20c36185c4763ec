//! Objects that arrive in parts (S3, "Uploading and copying objects using multipart upload").

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use quick_xml::escape::escape;
use serde::Deserialize;
use url::Url;

use super::objects::contains;
use super::{Storage, StorageError, refused};

/// As many as S3 takes.
pub const MAX_PARTS: u64 = 10_000;
const NO_SUCH_UPLOAD: &str = "NoSuchUpload";

/// A part that is stored.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoredPart {
    #[serde(rename = "PartNumber")]
    pub number: u64,
    #[serde(rename = "Size")]
    pub size_bytes: u64,
    #[serde(rename = "ETag")]
    pub etag: String,
    /// Base64; where the upload was begun with it.
    #[serde(rename = "ChecksumSHA256")]
    pub checksum_sha256: Option<String>,
}

/// What one part must be: its place, and what is signed of it.
pub struct PartConditions<'a> {
    pub upload_id: &'a str,
    pub number: u64,
    pub size_bytes: u64,
    /// Base64.
    pub checksum_sha256: Option<&'a str>,
}

/// What became of an attempt to make one object of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assembled {
    Done,
    /// It was completed or aborted before.
    NoSuchUpload,
    /// A part is not what storage itself has told of it: it was sent again, and that failed.
    PartsRefused,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InitiateMultipartUploadResult {
    upload_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPartsResult {
    #[serde(default, rename = "Part")]
    parts: Vec<StoredPart>,
    #[serde(default)]
    is_truncated: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListMultipartUploadsResult {
    #[serde(default, rename = "Upload")]
    uploads: Vec<ListedUpload>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedUpload {
    key: String,
    upload_id: String,
}

impl Storage {
    /// Begins an upload and answers its id. `checksum` names the algorithm that every part will be signed with.
    pub async fn begin_upload(
        &self,
        key: &str,
        content_type: &str,
        checksum: Option<&str>,
    ) -> Result<String, StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        let content_type = Some(content_type).filter(|content_type| !content_type.is_empty());
        let headers = [("content-type", content_type), ("x-amz-checksum-algorithm", checksum)];
        let headers: Vec<_> = headers.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect();
        match self.call(Method::POST, url, &[("uploads", "")], &headers, Bytes::new()).await? {
            (StatusCode::OK, _, body) => Ok(read::<InitiateMultipartUploadResult>(&body)?.upload_id),
            (status, _, body) => Err(refused("CreateMultipartUpload", status, &body)),
        }
    }

    /// A link that lets a browser PUT one part; `page` is the origin that the browser sees the server at.
    pub fn presign_part(&self, page: &Url, key: &str, part: &PartConditions<'_>, ttl: Duration) -> Url {
        let (number, length) = (part.number.to_string(), part.size_bytes.to_string());
        let query = [("partNumber", number.as_str()), ("uploadId", part.upload_id)];
        let mut headers = vec![("content-length", length.as_str())];
        headers.extend(part.checksum_sha256.map(|checksum| ("x-amz-checksum-sha256", checksum)));
        self.presign(Method::PUT, self.object_url(self.browser_endpoint(page), key), &query, &headers, ttl)
    }

    /// The parts that are stored, by their numbers; `None` where there is no such upload (any more).
    pub async fn list_parts(&self, key: &str, upload_id: &str) -> Result<Option<Vec<StoredPart>>, StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        let mut stored: Vec<StoredPart> = Vec::new();
        loop {
            let marker = stored.last().map_or(0, |part| part.number);
            let after = marker.to_string();
            // In the order in which they are signed.
            let mut query = vec![("max-parts", "1000"), ("uploadId", upload_id)];
            if marker > 0 {
                query.insert(1, ("part-number-marker", &after));
            }
            let page = match self.call(Method::GET, url.clone(), &query, &[], Bytes::new()).await? {
                (StatusCode::OK, _, body) => read::<ListPartsResult>(&body)?,
                (status, _, body) => match refused("ListParts", status, &body) {
                    StorageError::Refused { code, .. } if code == NO_SUCH_UPLOAD => return Ok(None),
                    error => return Err(error),
                },
            };
            // A page that does not lead on would lead round for ever.
            let next: Vec<_> = page.parts.into_iter().filter(|part| part.number > marker).collect();
            let goes_on = page.is_truncated && !next.is_empty();
            stored.extend(next);
            if !goes_on || stored.len() as u64 >= MAX_PARTS {
                return Ok(Some(stored));
            }
        }
    }

    /// Makes one object of these parts.
    pub async fn complete_upload(
        &self,
        key: &str,
        upload_id: &str,
        parts: &[StoredPart],
    ) -> Result<Assembled, StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        let headers = [("content-type", "application/xml".to_owned())];
        let query = [("uploadId", upload_id)];
        let body = Bytes::from(completion(parts));
        let (status, _, body) = self.call(Method::POST, url, &query, &headers, body).await?;
        // One that fails after its head was sent says so in the body of a 200 (S3, CompleteMultipartUpload).
        if status == StatusCode::OK && !contains(&body, b"<Error>") {
            return Ok(Assembled::Done);
        }
        match refused("CompleteMultipartUpload", status, &body) {
            StorageError::Refused { code, .. } if code == NO_SUCH_UPLOAD => Ok(Assembled::NoSuchUpload),
            StorageError::Refused { code, .. } if code == "InvalidPart" => Ok(Assembled::PartsRefused),
            error => Err(error),
        }
    }

    /// Aborts every upload under this key, be its id known or not, and removes their parts.
    pub async fn abort_uploads(&self, key: &str) -> Result<(), StorageError> {
        let query = [("prefix", key), ("uploads", "")];
        let found = match self.call(Method::GET, self.bucket_url(), &query, &[], Bytes::new()).await? {
            (StatusCode::OK, _, body) => read::<ListMultipartUploadsResult>(&body)?.uploads,
            (status, _, body) => return Err(refused("ListMultipartUploads", status, &body)),
        };
        for upload in found.into_iter().filter(|upload| upload.key == key) {
            self.abort_upload(key, &upload.upload_id).await?;
        }
        Ok(())
    }

    /// Also succeeds where there is no such upload.
    pub async fn abort_upload(&self, key: &str, upload_id: &str) -> Result<(), StorageError> {
        let url = self.object_url(self.own_endpoint(), key);
        match self.call(Method::DELETE, url, &[("uploadId", upload_id)], &[], Bytes::new()).await? {
            (status, ..) if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            (status, _, body) => Err(refused("AbortMultipartUpload", status, &body)),
        }
    }
}

/// The body of CompleteMultipartUpload.
fn completion(parts: &[StoredPart]) -> String {
    let part = |StoredPart { number, etag, checksum_sha256, .. }: &StoredPart| {
        let checksum = checksum_sha256.as_deref().map(escape);
        let checksum = checksum.map(|base64| format!("<ChecksumSHA256>{base64}</ChecksumSHA256>")).unwrap_or_default();
        format!("<Part><ETag>{}</ETag><PartNumber>{number}</PartNumber>{checksum}</Part>", escape(etag))
    };
    let parts: String = parts.iter().map(part).collect();
    format!(
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{parts}</CompleteMultipartUpload>"
    )
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, StorageError> {
    let text = str::from_utf8(body).unwrap_or_default();
    quick_xml::de::from_str(text)
        .map_err(|error| StorageError::Unreachable(format!("its answer about parts cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_as_storage_told_them() {
        let body = "<ListPartsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><UploadId>x</UploadId>\
            <IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag><Size>5</Size>\
            <ChecksumSHA256>q+/=</ChecksumSHA256></Part><Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag>\
            <Size>3</Size></Part></ListPartsResult>";
        let parts = read::<ListPartsResult>(body.as_bytes()).unwrap().parts;
        assert_eq!(
            completion(&parts),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Part><ETag>&quot;a&quot;</ETag><PartNumber>1</PartNumber><ChecksumSHA256>q+/=</ChecksumSHA256></Part>\
             <Part><ETag>&quot;b&quot;</ETag><PartNumber>2</PartNumber></Part></CompleteMultipartUpload>"
        );
    }
}
