//! ListObjects, versions 1 and 2.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{Answer, acl, buckets, etag, size};
use crate::clock::timestamp;
use crate::index::listing::{Entry, Page, Query};
use crate::index::{self, listing};
use crate::inner::Inner;

/// As many entries as S3 puts on one page.
pub(super) const MAX_ENTRIES: i32 = 1000;

pub(super) async fn list_objects_v2(
    inner: &Arc<Inner>,
    request: S3Request<ListObjectsV2Input>,
) -> Answer<ListObjectsV2Output> {
    let input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let encoding = Encoding::parse(input.encoding_type)?;
    let max_keys = page_size(input.max_keys)?;
    let after = match &input.continuation_token {
        Some(token) => read_token(token)?,
        None => input.start_after.clone().unwrap_or_default(),
    };
    let query = query(input.bucket, input.prefix, input.delimiter, after, max_keys);
    let (query, page) = read_page(inner, query).await?;
    let next_continuation_token = page.next_marker().map(|marker| BASE64_URL_SAFE_NO_PAD.encode(marker));
    let is_truncated = page.is_truncated;
    let owner = (input.fetch_owner == Some(true)).then(|| acl::owner(inner));
    let (contents, common_prefixes) = entries(page, &encoding, owner.as_ref());
    Ok(S3Response::new(ListObjectsV2Output {
        key_count: i32::try_from(contents.len() + common_prefixes.len()).ok(),
        name: Some(query.bucket),
        prefix: Some(encoding.encode(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.encode(delimiter)),
        max_keys: Some(max_keys),
        is_truncated: Some(is_truncated),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        continuation_token: input.continuation_token,
        next_continuation_token,
        start_after: input.start_after.map(|key| encoding.encode(key)),
        encoding_type: encoding.name(),
        request_charged: None,
    }))
}

pub(super) async fn list_objects(
    inner: &Arc<Inner>,
    request: S3Request<ListObjectsInput>,
) -> Answer<ListObjectsOutput> {
    let input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let encoding = Encoding::parse(input.encoding_type)?;
    let max_keys = page_size(input.max_keys)?;
    let marker = input.marker.unwrap_or_default();
    let query = query(input.bucket, input.prefix, input.delimiter, marker, max_keys);
    let (query, page) = read_page(inner, query).await?;
    let next_marker = page.next_marker().map(|marker| encoding.encode(marker.to_owned()));
    let is_truncated = page.is_truncated;
    let (contents, common_prefixes) = entries(page, &encoding, Some(&acl::owner(inner)));
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(query.bucket),
        prefix: Some(encoding.encode(query.prefix)),
        marker: Some(encoding.encode(query.after)),
        // S3 names it only where a delimiter may have hidden the last key.
        next_marker: next_marker.filter(|_| query.delimiter.is_some()),
        delimiter: query.delimiter.map(|delimiter| encoding.encode(delimiter)),
        max_keys: Some(max_keys),
        is_truncated: Some(is_truncated),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        encoding_type: encoding.name(),
        request_charged: None,
    }))
}

impl Page {
    fn next_marker(&self) -> Option<&str> {
        self.entries.last().filter(|_| self.is_truncated).map(Entry::marker)
    }
}

/// How keys are written into the XML.
pub(super) enum Encoding {
    Plain,
    Url,
}

impl Encoding {
    pub(super) fn parse(encoding: Option<EncodingType>) -> S3Result<Encoding> {
        match encoding.as_ref().map(EncodingType::as_str) {
            None => Ok(Encoding::Plain),
            Some(EncodingType::URL) => Ok(Encoding::Url),
            Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
        }
    }

    pub(super) fn name(&self) -> Option<EncodingType> {
        matches!(self, Encoding::Url).then(|| EncodingType::from_static(EncodingType::URL))
    }

    pub(super) fn encode(&self, text: String) -> String {
        match self {
            Encoding::Plain => text,
            Encoding::Url => percent_encode(&text),
        }
    }
}

pub(super) fn page_size(asked: Option<i32>) -> S3Result<i32> {
    match asked {
        Some(negative) if negative < 0 => Err(s3_error!(InvalidArgument, "The page size must not be negative.")),
        asked => Ok(asked.unwrap_or(MAX_ENTRIES).min(MAX_ENTRIES)),
    }
}

pub(super) fn query(
    bucket: String,
    prefix: Option<String>,
    delimiter: Option<String>,
    after: String,
    max_entries: i32,
) -> Query {
    Query {
        bucket,
        prefix: prefix.unwrap_or_default(),
        delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()),
        after,
        max_entries: usize::try_from(max_entries).unwrap_or_default(),
    }
}

pub(super) async fn read_page(inner: &Arc<Inner>, query: Query) -> S3Result<(Query, Page)> {
    let read = move |tx: &rusqlite::Connection| listing::list(tx, &query).map(|page| (query, page));
    Ok(index::read(&inner.index, read).await?)
}

fn entries(page: Page, encoding: &Encoding, owner: Option<&Owner>) -> (Vec<Object>, Vec<CommonPrefix>) {
    let (mut contents, mut common_prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Object { key, size_bytes, etag: value, modified_at } => contents.push(Object {
                key: Some(encoding.encode(key)),
                size: Some(size(size_bytes)),
                e_tag: Some(etag(&value)),
                last_modified: Some(timestamp(modified_at)),
                storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
                owner: owner.cloned(),
                ..Object::default()
            }),
            Entry::CommonPrefix(prefix) => {
                common_prefixes.push(CommonPrefix { prefix: Some(encoding.encode(prefix)) });
            }
        }
    }
    (contents, common_prefixes)
}

fn read_token(token: &str) -> S3Result<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

/// As S3 encodes keys in listings: everything but unreserved characters and the slash.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
