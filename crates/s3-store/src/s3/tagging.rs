//! The tags of an object: put, get and delete them, and those that come along in `x-amz-tagging`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::{Answer, buckets};
use crate::index::objects::{self, Tags, WriteConditions};
use crate::index::{self, contents};
use crate::inner::Inner;

const MAX_TAGS: usize = 10;
/// In characters, as the next.
const MAX_NAME_LEN: usize = 128;
const MAX_VALUE_LEN: usize = 256;

pub(super) async fn put_object_tagging(
    inner: &Arc<Inner>,
    request: S3Request<PutObjectTaggingInput>,
) -> Answer<PutObjectTaggingOutput> {
    let PutObjectTaggingInput { bucket, key, tagging, .. } = request.input;
    let pairs = tagging.tag_set.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    replace(inner, bucket, key, checked(pairs)?).await?;
    Ok(S3Response::new(PutObjectTaggingOutput::default()))
}

pub(super) async fn get_object_tagging(
    inner: &Arc<Inner>,
    request: S3Request<GetObjectTaggingInput>,
) -> Answer<GetObjectTaggingOutput> {
    let GetObjectTaggingInput { bucket, key, .. } = request.input;
    buckets::existing(inner, &bucket)?;
    let find = move |tx: &rusqlite::Connection| objects::find(tx, &bucket, &key);
    let object = index::read(&inner.index, find).await?.ok_or(S3ErrorCode::NoSuchKey)?;
    let tags = object.headers.tags.into_iter();
    let tag_set = tags.map(|(name, value)| Tag { key: Some(name), value: Some(value) }).collect();
    Ok(S3Response::new(GetObjectTaggingOutput { tag_set, version_id: None }))
}

pub(super) async fn delete_object_tagging(
    inner: &Arc<Inner>,
    request: S3Request<DeleteObjectTaggingInput>,
) -> Answer<DeleteObjectTaggingOutput> {
    let DeleteObjectTaggingInput { bucket, key, .. } = request.input;
    replace(inner, bucket, key, Tags::new()).await?;
    Ok(S3Response::new(DeleteObjectTaggingOutput::default()))
}

/// The tags in `x-amz-tagging`: `name=value&…`, encoded as a query is.
pub(super) fn parse(header: Option<&str>) -> S3Result<Tags> {
    checked(url::form_urlencoded::parse(header.unwrap_or_default().as_bytes()).into_owned())
}

async fn replace(inner: &Arc<Inner>, bucket: String, key: String, tags: Tags) -> S3Result<()> {
    buckets::existing(inner, &bucket)?;
    let replace = move |tx: &rusqlite::Connection| {
        let mut object = objects::find(tx, &bucket, &key)?.ok_or(S3ErrorCode::NoSuchKey)?;
        object.headers.tags = tags;
        // The row that is written over lets go of the content that the new one shows.
        contents::retain(tx, object.content_id)?;
        objects::put(tx, &bucket, &key, &object, &WriteConditions::default())
    };
    Ok(inner.index.write(Vec::new(), replace).await?)
}

fn checked(pairs: impl Iterator<Item = (String, String)>) -> S3Result<Tags> {
    let mut tags = Tags::new();
    for (name, value) in pairs {
        if name.is_empty() || name.chars().count() > MAX_NAME_LEN {
            return Err(s3_error!(InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value.chars().count() > MAX_VALUE_LEN {
            return Err(s3_error!(InvalidTag, "The TagValue you have provided is invalid"));
        }
        if tags.insert(name, value).is_some() {
            return Err(s3_error!(InvalidTag, "Cannot provide multiple Tags with the same key"));
        }
        if tags.len() > MAX_TAGS {
            return Err(s3_error!(InvalidTag, "Object tags cannot be greater than {MAX_TAGS}"));
        }
    }
    Ok(tags)
}
