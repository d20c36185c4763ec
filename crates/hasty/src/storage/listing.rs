//! What lies in the bucket, page by page (S3, ListObjectsV2).

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::{Storage, StorageError, refused};
use crate::clock::Micros;

/// As many as S3 puts on one page.
const PAGE_KEYS: &str = "1000";

/// One page of keys, in the order of their bytes.
pub struct Listing {
    pub objects: Vec<Listed>,
    /// Where the next page begins; `None`: this is the last one.
    pub next: Option<String>,
}

pub struct Listed {
    pub key: String,
    pub modified_at: Micros,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListBucketResult {
    #[serde(default)]
    contents: Vec<Contents>,
    #[serde(default)]
    is_truncated: bool,
    next_continuation_token: Option<String>,
    /// Whether the server did as it was asked: not every one does.
    encoding_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contents {
    key: String,
    /// ISO 8601.
    last_modified: String,
}

impl Storage {
    /// The objects whose keys begin with `prefix`, from where the page before said that the next one begins.
    pub async fn list(&self, prefix: &str, from: Option<&str>) -> Result<Listing, StorageError> {
        // In the order in which they are signed.
        let mut query = Vec::from_iter(from.map(|token| ("continuation-token", token)));
        query.extend([("encoding-type", "url"), ("list-type", "2"), ("max-keys", PAGE_KEYS), ("prefix", prefix)]);
        match self.call(Method::GET, self.bucket_url(), &query, &[], Bytes::new()).await? {
            (StatusCode::OK, _, body) => read(&body),
            (status, _, body) => Err(refused("ListObjectsV2", status, &body)),
        }
    }
}

fn read(body: &[u8]) -> Result<Listing, StorageError> {
    let page: ListBucketResult = quick_xml::de::from_reader(body).map_err(|error| unreadable(&error.to_string()))?;
    let is_encoded = page.encoding_type.as_deref() == Some("url");
    let next = page.next_continuation_token.filter(|_| page.is_truncated);
    if page.is_truncated && next.is_none() {
        // It would look complete, and is not.
        return Err(unreadable("it goes on, and does not say where"));
    }
    let objects = page.contents.into_iter().map(|object| listed(object, is_encoded)).collect::<Result<_, _>>()?;
    Ok(Listing { objects, next })
}

fn listed(object: Contents, is_encoded: bool) -> Result<Listed, StorageError> {
    let moment: Timestamp = object.last_modified.parse().map_err(|_| unreadable("a time is no time"))?;
    let key = if is_encoded { decode(&object.key)? } else { object.key };
    Ok(Listed { key, modified_at: moment.into() })
}

/// S3 writes a space as `+`, and a `+` as `%2B`.
fn decode(key: &str) -> Result<String, StorageError> {
    let spaced = key.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| unreadable("a key is not UTF-8"))?;
    Ok(decoded.into_owned())
}

fn unreadable(why: &str) -> StorageError {
    StorageError::Unreachable(format!("its listing cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_written() {
        let page = |key: &str, encoding: &str| {
            format!(
                "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <Name>b</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>{encoding}\
                 <Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>1</Size>\
                 <ChecksumAlgorithm>SHA256</ChecksumAlgorithm><Owner><ID>x</ID></Owner></Contents></ListBucketResult>"
            )
        };
        let key = |page: String| read(page.as_bytes()).unwrap().objects.remove(0).key;
        let url = "<EncodingType>url</EncodingType>";
        assert_eq!(key(page("photos/a%2Bb+%E5%86%99%26c", url)), "photos/a+b 写&c");
        assert_eq!(key(page("photos/a+b%20&amp;c", "")), "photos/a+b%20&c");
    }

    #[test]
    fn a_page_that_does_not_say_where_it_goes_on_is_no_end() {
        let page = |rest: &str| format!("<ListBucketResult><IsTruncated>true</IsTruncated>{rest}</ListBucketResult>");
        let next = "<NextContinuationToken>a&amp;b</NextContinuationToken>";
        assert_eq!(read(page(next).as_bytes()).unwrap().next.as_deref(), Some("a&b"));
        assert!(read(page("").as_bytes()).is_err());
        assert!(read(b"no XML").is_err());
    }
}
