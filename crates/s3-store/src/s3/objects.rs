//! DeleteObject and DeleteObjects.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, s3_error};

use super::versions::check_version;
use super::{Answer, buckets, check_key};
use crate::index::objects;
use crate::inner::Inner;
use crate::{error, explain};

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
    let delete_each = move |tx: &rusqlite::Connection| {
        let each = delete.objects.into_iter().map(|object| match delete_one(tx, &bucket, &object) {
            Ok(()) => Ok(Ok(DeletedObject { key: Some(object.key), ..DeletedObject::default() })),
            Err(error::Error::S3(refusal)) => Ok(Err(refused(object, &refusal))),
            Err(error) => Err(error),
        });
        each.collect::<Result<Vec<_>, _>>()
    };
    let outcomes = inner.index.write(Vec::new(), delete_each).await?;
    inner.sweeper.wake();
    let (deleted, errors): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: Some(if is_quiet { Vec::new() } else { deleted.into_iter().flatten().collect() }),
        errors: Some(errors.into_iter().filter_map(Result::err).collect()),
        request_charged: None,
    }))
}

fn delete_one(tx: &rusqlite::Connection, bucket: &str, object: &ObjectIdentifier) -> Result<(), error::Error> {
    check_key(&object.key)?;
    object.version_id.as_deref().map_or(Ok(()), check_version)?;
    if object.last_modified_time.is_some() || object.size.is_some() {
        return Err(s3_error!(NotImplemented, "Only an ETag can be the condition of a deletion.").into());
    }
    let if_match = object.e_tag.clone().map(ETagCondition::ETag);
    objects::delete(tx, bucket, &object.key, if_match.as_ref())
}

fn refused(object: ObjectIdentifier, refusal: &S3Error) -> Error {
    let code = refusal.code().as_str();
    Error {
        code: Some(code.to_owned()),
        message: refusal.message().or_else(|| explain::message(code)).map(str::to_owned),
        key: Some(object.key),
        version_id: object.version_id,
    }
}
