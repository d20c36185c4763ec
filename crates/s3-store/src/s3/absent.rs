//! What a bucket of S3 can have, and a bucket of this store never has: clients ask before they do anything else, and go
//! on once they hear that there is none.

use std::sync::Arc;

use http::StatusCode;
use s3s::dto::*;
use s3s::{S3Request, S3Response, s3_error};

use super::{Answer, buckets};
use crate::error::custom;
use crate::inner::Inner;

/// Each of these answers, for a bucket that is there, always the same.
macro_rules! always {
    ($($operation:ident: $input:ty => $output:ty = $answer:expr),+ $(,)?) => {
        $(pub(super) async fn $operation(inner: &Arc<Inner>, request: S3Request<$input>) -> Answer<$output> {
            buckets::existing(inner, &request.input.bucket)?;
            $answer
        })+
    };
}

always! {
    get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput
        = Ok(S3Response::new(GetBucketVersioningOutput::default())),
    get_bucket_notification_configuration:
        GetBucketNotificationConfigurationInput => GetBucketNotificationConfigurationOutput
        = Ok(S3Response::new(GetBucketNotificationConfigurationOutput::default())),
    get_bucket_logging: GetBucketLoggingInput => GetBucketLoggingOutput
        = Ok(S3Response::new(GetBucketLoggingOutput::default())),
    get_bucket_request_payment: GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput
        = Ok(S3Response::new(GetBucketRequestPaymentOutput { payer: Some(Payer::from_static(Payer::BUCKET_OWNER)) })),
    get_bucket_policy: GetBucketPolicyInput => GetBucketPolicyOutput = Err(s3_error!(NoSuchBucketPolicy)),
    get_bucket_policy_status: GetBucketPolicyStatusInput => GetBucketPolicyStatusOutput
        = Err(s3_error!(NoSuchBucketPolicy)),
    get_bucket_lifecycle_configuration: GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput
        = Err(s3_error!(NoSuchLifecycleConfiguration)),
    get_bucket_tagging: GetBucketTaggingInput => GetBucketTaggingOutput = Err(s3_error!(NoSuchTagSet)),
    get_bucket_website: GetBucketWebsiteInput => GetBucketWebsiteOutput = Err(s3_error!(NoSuchWebsiteConfiguration)),
    get_bucket_replication: GetBucketReplicationInput => GetBucketReplicationOutput
        = Err(s3_error!(ReplicationConfigurationNotFoundError)),
    get_object_lock_configuration: GetObjectLockConfigurationInput => GetObjectLockConfigurationOutput
        = Err(s3_error!(ObjectLockConfigurationNotFoundError)),
    get_bucket_encryption: GetBucketEncryptionInput => GetBucketEncryptionOutput
        = Err(custom(
            StatusCode::NOT_FOUND,
            "ServerSideEncryptionConfigurationNotFoundError",
            "The server side encryption configuration was not found",
        )),
    get_public_access_block: GetPublicAccessBlockInput => GetPublicAccessBlockOutput
        = Err(custom(
            StatusCode::NOT_FOUND,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )),
    get_bucket_ownership_controls: GetBucketOwnershipControlsInput => GetBucketOwnershipControlsOutput
        = Err(s3_error!(OwnershipControlsNotFoundError)),
}
