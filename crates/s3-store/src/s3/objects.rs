//! DeleteObject and DeleteObjects.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Request, S3Response, s3_error};

use super::{Answer, buckets, check_key};
use crate::index::objects;
use crate::inner::Inner;

/// As many keys as S3 takes in one request.
const MAX_KEYS: usize = 1000;

pub(super) async fn delete_object(
    inner: &Arc<Inner>,
    request: S3Request<DeleteObjectInput>,
) -> Answer<DeleteObjectOutput> {
    let input = request.input;
    buckets::existing(inner, &input.bucket)?;
    let delete =
        move |tx: &rusqlite::Connection| objects::delete(tx, &input.bucket, &input.key, input.if_match.as_ref());
    inner.index.write(Vec::new(), delete).await?;
    inner.sweeper.wake();
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

pub(super) async fn delete_objects(
    inner: &Arc<Inner>,
    request: S3Request<DeleteObjectsInput>,
) -> Answer<DeleteObjectsOutput> {
    let DeleteObjectsInput { bucket, delete, .. } = request.input;
    buckets::existing(inner, &bucket)?;
    if delete.objects.len() > MAX_KEYS {
        return Err(s3_error!(MalformedXML, "At most {MAX_KEYS} keys can be deleted at once."));
    }
    let is_quiet = delete.quiet == Some(true);
    let (good, bad): (Vec<_>, Vec<_>) = delete.objects.into_iter().partition(|object| check_key(&object.key).is_ok());
    let keys: Vec<String> = good.into_iter().map(|object| object.key).collect();
    let deleted = keys.clone();
    let delete =
        move |tx: &rusqlite::Connection| keys.iter().try_for_each(|key| objects::delete(tx, &bucket, key, None));
    inner.index.write(Vec::new(), delete).await?;
    inner.sweeper.wake();
    let deleted = deleted.into_iter().map(|key| DeletedObject { key: Some(key), ..DeletedObject::default() });
    let errors = bad.into_iter().map(|object| Error {
        code: Some("InvalidArgument".to_owned()),
        key: Some(object.key),
        message: Some("This is no valid key.".to_owned()),
        version_id: None,
    });
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: Some(if is_quiet { Vec::new() } else { deleted.collect() }),
        errors: Some(errors.collect()),
        request_charged: None,
    }))
}
