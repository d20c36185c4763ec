//! The operations of S3, by noun. s3s has parsed the request and checked its signature before any of them runs.

mod absent;
mod access;
mod acl;
mod attributes;
pub(crate) mod buckets;
mod complete;
mod copy;
mod download;
pub(crate) mod listing;
mod multipart;
mod objects;
mod parts;
mod source;
mod tagging;
pub(crate) mod upload;
mod versions;

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use crate::inner::Inner;

pub(crate) use access::{SignedOnly, check_key};

/// S3's operations over one store.
pub(crate) struct Operations(pub(crate) Arc<Inner>);

type Answer<T> = S3Result<S3Response<T>>;

/// Delegates each operation to the function of the same name.
macro_rules! delegate {
    ($($module:ident::$operation:ident: $input:ty => $output:ty),+ $(,)?) => {
        #[async_trait::async_trait]
        impl S3 for Operations {
            $(async fn $operation(&self, request: S3Request<$input>) -> Answer<$output> {
                $module::$operation(&self.0, request).await
            })+
        }
    };
}

delegate! {
    buckets::create_bucket: CreateBucketInput => CreateBucketOutput,
    buckets::delete_bucket: DeleteBucketInput => DeleteBucketOutput,
    buckets::head_bucket: HeadBucketInput => HeadBucketOutput,
    buckets::list_buckets: ListBucketsInput => ListBucketsOutput,
    buckets::get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput,
    buckets::get_bucket_cors: GetBucketCorsInput => GetBucketCorsOutput,
    buckets::put_bucket_cors: PutBucketCorsInput => PutBucketCorsOutput,
    buckets::delete_bucket_cors: DeleteBucketCorsInput => DeleteBucketCorsOutput,
    acl::get_bucket_acl: GetBucketAclInput => GetBucketAclOutput,
    acl::put_bucket_acl: PutBucketAclInput => PutBucketAclOutput,
    acl::get_object_acl: GetObjectAclInput => GetObjectAclOutput,
    acl::put_object_acl: PutObjectAclInput => PutObjectAclOutput,
    absent::get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput,
    absent::get_bucket_notification_configuration:
        GetBucketNotificationConfigurationInput => GetBucketNotificationConfigurationOutput,
    absent::get_bucket_logging: GetBucketLoggingInput => GetBucketLoggingOutput,
    absent::get_bucket_request_payment: GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput,
    absent::get_bucket_policy: GetBucketPolicyInput => GetBucketPolicyOutput,
    absent::get_bucket_policy_status: GetBucketPolicyStatusInput => GetBucketPolicyStatusOutput,
    absent::get_bucket_lifecycle_configuration:
        GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput,
    absent::get_bucket_tagging: GetBucketTaggingInput => GetBucketTaggingOutput,
    absent::get_bucket_website: GetBucketWebsiteInput => GetBucketWebsiteOutput,
    absent::get_bucket_replication: GetBucketReplicationInput => GetBucketReplicationOutput,
    absent::get_object_lock_configuration: GetObjectLockConfigurationInput => GetObjectLockConfigurationOutput,
    absent::get_bucket_encryption: GetBucketEncryptionInput => GetBucketEncryptionOutput,
    absent::get_public_access_block: GetPublicAccessBlockInput => GetPublicAccessBlockOutput,
    absent::get_bucket_ownership_controls: GetBucketOwnershipControlsInput => GetBucketOwnershipControlsOutput,
    upload::put_object: PutObjectInput => PutObjectOutput,
    download::get_object: GetObjectInput => GetObjectOutput,
    download::head_object: HeadObjectInput => HeadObjectOutput,
    attributes::get_object_attributes: GetObjectAttributesInput => GetObjectAttributesOutput,
    copy::copy_object: CopyObjectInput => CopyObjectOutput,
    objects::delete_object: DeleteObjectInput => DeleteObjectOutput,
    objects::delete_objects: DeleteObjectsInput => DeleteObjectsOutput,
    tagging::put_object_tagging: PutObjectTaggingInput => PutObjectTaggingOutput,
    tagging::get_object_tagging: GetObjectTaggingInput => GetObjectTaggingOutput,
    tagging::delete_object_tagging: DeleteObjectTaggingInput => DeleteObjectTaggingOutput,
    listing::list_objects: ListObjectsInput => ListObjectsOutput,
    listing::list_objects_v2: ListObjectsV2Input => ListObjectsV2Output,
    versions::list_object_versions: ListObjectVersionsInput => ListObjectVersionsOutput,
    multipart::create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput,
    parts::upload_part: UploadPartInput => UploadPartOutput,
    parts::upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput,
    multipart::list_parts: ListPartsInput => ListPartsOutput,
    multipart::list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput,
    complete::complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput,
    multipart::abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput,
}

fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

/// S3's numbers are signed; no size here comes near their end.
fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
