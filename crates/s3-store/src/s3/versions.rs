//! ListObjectVersions, and the version that every object of a bucket without versions is: `null`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::listing::{Encoding, page_size, query, read_page};
use super::{Answer, acl, buckets, etag, size};
use crate::clock::timestamp;
use crate::index::listing::Entry;
use crate::inner::Inner;

const NULL: &str = "null";

pub(super) async fn list_object_versions(
    inner: &Arc<Inner>,
    request: S3Request<ListObjectVersionsInput>,
) -> Answer<ListObjectVersionsOutput> {
    let input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let encoding = Encoding::parse(input.encoding_type)?;
    let max_keys = page_size(input.max_keys)?;
    if input.version_id_marker.is_some() && input.key_marker.is_none() {
        return Err(s3_error!(InvalidArgument, "A version-id marker cannot be specified without a key marker."));
    }
    // Of each key there is one version: whatever version the marker names, the next one is that of the next key.
    let key_marker = input.key_marker.unwrap_or_default();
    let query = query(input.bucket, input.prefix, input.delimiter, key_marker, max_keys);
    let (query, page) = read_page(inner, query).await?;
    let last = page.entries.last().filter(|_| page.is_truncated);
    let next_key_marker = last.map(|entry| encoding.encode(entry.marker().to_owned()));
    let next_version_id_marker = last.filter(|entry| matches!(entry, Entry::Object { .. })).map(|_| NULL.to_owned());
    let is_truncated = Some(page.is_truncated);
    let (mut versions, mut common_prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::CommonPrefix(prefix) => common_prefixes.push(CommonPrefix { prefix: Some(encoding.encode(prefix)) }),
            Entry::Object { key, size_bytes, etag: value, modified_at } => versions.push(ObjectVersion {
                key: Some(encoding.encode(key)),
                version_id: Some(NULL.to_owned()),
                is_latest: Some(true),
                size: Some(size(size_bytes)),
                e_tag: Some(etag(&value)),
                last_modified: Some(timestamp(modified_at)),
                storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
                owner: Some(acl::owner(inner)),
                ..ObjectVersion::default()
            }),
        }
    }
    Ok(S3Response::new(ListObjectVersionsOutput {
        name: Some(query.bucket),
        prefix: Some(encoding.encode(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.encode(delimiter)),
        key_marker: Some(encoding.encode(query.after)),
        version_id_marker: input.version_id_marker,
        next_key_marker,
        next_version_id_marker,
        max_keys: Some(max_keys),
        is_truncated,
        versions: Some(versions),
        common_prefixes: Some(common_prefixes),
        encoding_type: encoding.name(),
        ..ListObjectVersionsOutput::default()
    }))
}

/// A request for one version must mean the one that there is.
pub(super) fn check_version(version_id: &str) -> S3Result<()> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match version_id {
        NULL => Ok(()),
        id if !id.is_empty() && id.bytes().all(is_id) => {
            Err(s3_error!(NoSuchVersion, "The specified version does not exist."))
        }
        _ => Err(s3_error!(InvalidArgument, "Invalid version id specified")),
    }
}
