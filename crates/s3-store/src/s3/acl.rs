//! Access control lists: there is one owner, who may do everything, and nobody else. Clients ask, and restore what they
//! were told.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::{Answer, buckets};
use crate::index::{self, objects};
use crate::inner::Inner;

pub(super) async fn get_bucket_acl(
    inner: &Arc<Inner>,
    request: S3Request<GetBucketAclInput>,
) -> Answer<GetBucketAclOutput> {
    buckets::existing(inner, &request.input.bucket)?;
    Ok(S3Response::new(GetBucketAclOutput { owner: Some(owner(inner)), grants: Some(grants(inner)) }))
}

pub(super) async fn get_object_acl(
    inner: &Arc<Inner>,
    request: S3Request<GetObjectAclInput>,
) -> Answer<GetObjectAclOutput> {
    let GetObjectAclInput { bucket, key, .. } = request.input;
    check_exists(inner, bucket, key).await?;
    let output = GetObjectAclOutput { owner: Some(owner(inner)), grants: Some(grants(inner)), request_charged: None };
    Ok(S3Response::new(output))
}

pub(super) async fn put_bucket_acl(
    inner: &Arc<Inner>,
    request: S3Request<PutBucketAclInput>,
) -> Answer<PutBucketAclOutput> {
    buckets::existing(inner, &request.input.bucket)?;
    check_grants(inner, request.input.access_control_policy)?;
    Ok(S3Response::new(PutBucketAclOutput::default()))
}

pub(super) async fn put_object_acl(
    inner: &Arc<Inner>,
    request: S3Request<PutObjectAclInput>,
) -> Answer<PutObjectAclOutput> {
    let PutObjectAclInput { bucket, key, access_control_policy, .. } = request.input;
    check_exists(inner, bucket, key).await?;
    check_grants(inner, access_control_policy)?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}

/// Whom everything belongs to.
pub(super) fn owner(inner: &Inner) -> Owner {
    Owner { display_name: None, id: Some(inner.settings.access_key_id.clone()) }
}

/// The bucket and the object, or that one of them is missing.
async fn check_exists(inner: &Arc<Inner>, bucket: String, key: String) -> S3Result<()> {
    buckets::existing(inner, &bucket)?;
    let find = move |tx: &rusqlite::Connection| objects::find(tx, &bucket, &key);
    index::read(&inner.index, find).await?.map(|_| ()).ok_or(S3ErrorCode::NoSuchKey.into())
}

fn grants(inner: &Inner) -> Grants {
    let grantee = Grantee {
        display_name: None,
        email_address: None,
        id: Some(inner.settings.access_key_id.clone()),
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    };
    vec![Grant { grantee: Some(grantee), permission: Some(Permission::from_static(Permission::FULL_CONTROL)) }]
}

/// A list that says what is so anyway is taken; headers that say more, the guard has refused.
fn check_grants(inner: &Inner, policy: Option<AccessControlPolicy>) -> S3Result<()> {
    let given = policy.and_then(|policy| policy.grants).unwrap_or_default();
    let is_owners = |grant: &Grant| {
        let grantee = grant.grantee.as_ref().and_then(|grantee| grantee.id.as_ref());
        grantee == Some(&inner.settings.access_key_id)
    };
    if given.iter().all(is_owners) {
        return Ok(());
    }
    Err(s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs"))
}
