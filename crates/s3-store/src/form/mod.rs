//! PostObject: an upload by an HTML form, whose signed policy says what may be sent. s3s would read such a body to its
//! end before it asks who sent it; here the file is read only after the policy has let it through.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>

mod answer;
mod fields;
mod headers;
mod policy;
mod signature;

use std::error::Error as StdError;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Method, Response};
use s3s::dto::StreamingBlob;
use s3s::{Body, S3Result, s3_error};

use crate::clock::now;
use crate::index::objects::WriteConditions;
use crate::inner::Inner;
use crate::receive::receive;
use crate::s3::{buckets, check_key, upload};

use fields::Form;
use policy::Policy;

/// Whether the request is a form, wherever it goes.
pub(crate) fn is_form_post(parts: &Parts) -> bool {
    let is_form = |value: &HeaderValue| {
        let value = value.as_bytes().trim_ascii_start();
        value.get(..19).is_some_and(|essence| essence.eq_ignore_ascii_case(b"multipart/form-data"))
    };
    parts.method == Method::POST && parts.headers.get_all(CONTENT_TYPE).iter().any(is_form)
}

/// Stores the file of a form in the bucket that the path names.
///
/// # Errors
/// Those of S3; nothing is left of the file then.
pub(crate) async fn post_object<B>(inner: &Arc<Inner>, parts: &Parts, body: B) -> S3Result<Response<Body>>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let bucket = bucket(parts)?;
    buckets::existing(inner, bucket)?;
    let Form { mut fields, file } = fields::read(&parts.headers, body).await?;
    let policy = Policy::parse(signature::verify(&fields, &inner.settings, now())?)?;
    // What the form leaves to the URL; policies name it all the same.
    if fields.entry("bucket".to_owned()).or_insert_with(|| bucket.to_owned()) != bucket {
        return Err(s3_error!(InvalidArgument, "The form is for another bucket than its URL."));
    }
    policy.check(&fields, now())?;
    let key =
        fields.get("key").ok_or_else(|| s3_error!(InvalidArgument, "Bucket POST must contain a field named 'key'."))?;
    check_key(key)?;
    let (headers, mut expected) = headers::read(&fields)?;
    expected.size_range = policy.size_range;
    let blob = receive(inner, Some(StreamingBlob::wrap(file)), expected).await?;
    let object = upload::store(inner, bucket, key, blob, headers, WriteConditions::default()).await?;
    Ok(answer::stored(&fields, bucket, key, &object))
}

/// The bucket of `/bucket` or `/bucket/`; its name needs no percent-encoding.
fn bucket(parts: &Parts) -> S3Result<&str> {
    let path = parts.uri.path().trim_start_matches('/');
    let bucket = path.strip_suffix('/').unwrap_or(path);
    if bucket.is_empty() || bucket.contains(['/', '%']) {
        return Err(s3_error!(MethodNotAllowed, "A form is sent to the URL of a bucket."));
    }
    Ok(bucket)
}
