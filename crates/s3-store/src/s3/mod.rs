//! The operations of S3, by noun. s3s has parsed the request and checked its signature before any of them runs.

pub(crate) mod buckets;
mod complete;
mod copy;
mod download;
pub(crate) mod listing;
mod multipart;
mod objects;
mod tagging;
pub(crate) mod upload;

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use crate::inner::Inner;

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
    upload::put_object: PutObjectInput => PutObjectOutput,
    download::get_object: GetObjectInput => GetObjectOutput,
    download::head_object: HeadObjectInput => HeadObjectOutput,
    copy::copy_object: CopyObjectInput => CopyObjectOutput,
    objects::delete_object: DeleteObjectInput => DeleteObjectOutput,
    objects::delete_objects: DeleteObjectsInput => DeleteObjectsOutput,
    tagging::put_object_tagging: PutObjectTaggingInput => PutObjectTaggingOutput,
    tagging::get_object_tagging: GetObjectTaggingInput => GetObjectTaggingOutput,
    tagging::delete_object_tagging: DeleteObjectTaggingInput => DeleteObjectTaggingOutput,
    listing::list_objects: ListObjectsInput => ListObjectsOutput,
    listing::list_objects_v2: ListObjectsV2Input => ListObjectsV2Output,
    multipart::create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput,
    multipart::upload_part: UploadPartInput => UploadPartOutput,
    multipart::list_parts: ListPartsInput => ListPartsOutput,
    multipart::list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput,
    multipart::complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput,
    multipart::abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput,
}

/// Lets only signed requests through, and only keys that S3 knows.
pub(crate) struct SignedOnly;

#[async_trait::async_trait]
impl S3Access for SignedOnly {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "The request is not signed."));
        }
        match context.s3_path().as_object() {
            Some((_, key)) => check_key(key),
            None => Ok(()),
        }
    }
}

/// Any text up to 1024 bytes is a key, except that no tool copes with NUL in one.
pub(crate) fn check_key(key: &str) -> S3Result<()> {
    if key.len() > 1024 {
        return Err(s3_error!(KeyTooLongError));
    }
    if key.is_empty() || key.contains('\0') {
        return Err(s3_error!(InvalidArgument, "The key is empty or contains a NUL character."));
    }
    Ok(())
}

fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

/// S3's numbers are signed; no size here comes near their end.
fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
