//! Buckets: create, delete, look up, list, and their CORS rules.

use std::sync::{Arc, PoisonError};

use rusqlite::Connection;
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use tokio::task::spawn_blocking;

use super::{Answer, acl};
use crate::clock::{now, timestamp};
use crate::error::Error;
use crate::index::buckets;
use crate::inner::{BucketState, Inner};

/// As many rules as S3 takes.
const MAX_CORS_RULES: usize = 100;

pub(super) async fn create_bucket(
    inner: &Arc<Inner>,
    request: S3Request<CreateBucketInput>,
) -> Answer<CreateBucketOutput> {
    let name = request.input.bucket;
    if inner.settings.reserved_buckets.contains(&name) {
        return Err(s3_error!(InvalidBucketName, "This name is reserved by the server."));
    }
    let row = name.clone();
    if !change(inner, move |tx| buckets::insert(tx, &row, now())).await? {
        return Err(s3_error!(BucketAlreadyOwnedByYou));
    }
    Ok(S3Response::new(CreateBucketOutput { location: Some(format!("/{name}")) }))
}

pub(super) async fn delete_bucket(
    inner: &Arc<Inner>,
    request: S3Request<DeleteBucketInput>,
) -> Answer<DeleteBucketOutput> {
    let name = request.input.bucket;
    let delete = move |tx: &Connection| {
        if !buckets::is_empty(tx, &name)? {
            return Err(S3ErrorCode::BucketNotEmpty.into());
        }
        if buckets::delete(tx, &name)? { Ok(()) } else { Err(S3ErrorCode::NoSuchBucket.into()) }
    };
    change(inner, delete).await?;
    Ok(S3Response::new(DeleteBucketOutput::default()))
}

pub(super) async fn head_bucket(inner: &Arc<Inner>, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
    existing(inner, &request.input.bucket)?;
    let bucket_region = Some(inner.settings.region.clone());
    Ok(S3Response::new(HeadBucketOutput { bucket_region, ..HeadBucketOutput::default() }))
}

pub(super) async fn list_buckets(inner: &Arc<Inner>, _: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
    let buckets = inner.buckets.read().unwrap_or_else(PoisonError::into_inner);
    let buckets = buckets.iter().map(|(name, state)| Bucket {
        name: Some(name.clone()),
        creation_date: Some(timestamp(state.created_at)),
        bucket_region: None,
    });
    let buckets = Some(buckets.collect());
    Ok(S3Response::new(ListBucketsOutput { buckets, owner: Some(acl::owner(inner)), ..ListBucketsOutput::default() }))
}

pub(super) async fn get_bucket_location(
    inner: &Arc<Inner>,
    request: S3Request<GetBucketLocationInput>,
) -> Answer<GetBucketLocationOutput> {
    existing(inner, &request.input.bucket)?;
    // S3's oldest region has no name here.
    let region = Some(inner.settings.region.as_str()).filter(|region| *region != "us-east-1");
    let location_constraint = region.map(|region| BucketLocationConstraint::from(region.to_owned()));
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint }))
}

pub(super) async fn get_bucket_cors(
    inner: &Arc<Inner>,
    request: S3Request<GetBucketCorsInput>,
) -> Answer<GetBucketCorsOutput> {
    let cors = existing(inner, &request.input.bucket)?.cors;
    let cors = cors.ok_or(S3ErrorCode::NoSuchCORSConfiguration)?;
    Ok(S3Response::new(GetBucketCorsOutput { cors_rules: Some(cors.to_vec()) }))
}

pub(super) async fn put_bucket_cors(
    inner: &Arc<Inner>,
    request: S3Request<PutBucketCorsInput>,
) -> Answer<PutBucketCorsOutput> {
    let rules = request.input.cors_configuration.cors_rules;
    check_cors(&rules)?;
    update_cors(inner, request.input.bucket, Some(rules)).await?;
    Ok(S3Response::new(PutBucketCorsOutput::default()))
}

pub(super) async fn delete_bucket_cors(
    inner: &Arc<Inner>,
    request: S3Request<DeleteBucketCorsInput>,
) -> Answer<DeleteBucketCorsOutput> {
    update_cors(inner, request.input.bucket, None).await?;
    Ok(S3Response::new(DeleteBucketCorsOutput::default()))
}

/// The bucket, or NoSuchBucket.
pub(crate) fn existing(inner: &Inner, name: &str) -> S3Result<BucketState> {
    inner.bucket(name).ok_or_else(|| s3_error!(NoSuchBucket))
}

fn check_cors(rules: &[CORSRule]) -> S3Result<()> {
    if rules.is_empty() || rules.len() > MAX_CORS_RULES {
        return Err(s3_error!(MalformedXML, "There must be 1 to {MAX_CORS_RULES} CORS rules."));
    }
    for rule in rules {
        let known = |method: &String| matches!(method.as_str(), "GET" | "PUT" | "POST" | "DELETE" | "HEAD");
        if rule.allowed_methods.is_empty() || !rule.allowed_methods.iter().all(known) {
            return Err(s3_error!(
                InvalidRequest,
                "A CORS rule names a method that is not GET, PUT, POST, DELETE or HEAD."
            ));
        }
        let patterns = rule.allowed_origins.iter().chain(rule.allowed_headers.iter().flatten());
        if rule.allowed_origins.is_empty() || patterns.clone().any(|pattern| pattern.matches('*').count() > 1) {
            return Err(s3_error!(InvalidRequest, "A CORS rule needs an origin, and at most one * in each pattern."));
        }
    }
    Ok(())
}

async fn update_cors(inner: &Arc<Inner>, bucket: String, rules: Option<Vec<CORSRule>>) -> S3Result<()> {
    let update = move |tx: &Connection| buckets::update_cors(tx, &bucket, rules.as_deref());
    if change(inner, update).await? { Ok(()) } else { Err(s3_error!(NoSuchBucket)) }
}

/// Changes buckets, and shows requests what has become of them. It is a task of its own: a client that goes away in
/// between must not leave the memory behind the index.
async fn change<T: Send + 'static>(
    inner: &Arc<Inner>,
    work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
) -> S3Result<T> {
    let inner = inner.clone();
    let changing = tokio::spawn(async move {
        let changed = inner.index.write(Vec::new(), work).await?;
        spawn_blocking(move || inner.refresh_buckets()).await??;
        Ok::<_, Error>(changed)
    });
    Ok(changing.await.map_err(Error::from)??)
}
