//! The bucket and its rules: made at start where they are missing, looked at by `hasty doctor`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::DATE;
use http::{Method, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use md5::{Digest, Md5};

use super::{Server, Storage, StorageError, refused};

const MAKING_ATTEMPTS: usize = 10;

/// What to do about a bucket that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum IfMissing {
    Make,
    /// With 404.
    Fail,
}

impl Storage {
    /// Looks for the bucket, and for an external store lets pages of these origins PUT and GET.
    pub async fn prepare_bucket(&self, if_missing: IfMissing, origins: &[String]) -> Result<(), StorageError> {
        self.ensure_bucket(if_missing).await?;
        if let Server::External { .. } = self.server
            && let Err(error) = self.ensure_cors(origins).await
        {
            // Some servers allow every origin and have no rules to set.
            tracing::warn!(%error, "cannot set the bucket's CORS rules: browsers need PUT, GET and HEAD from {origins:?}");
        }
        Ok(())
    }

    /// What it answers about the bucket, and what time it is there, where it tells.
    pub async fn bucket_status(&self) -> Result<(StatusCode, Option<Timestamp>), StorageError> {
        let (status, headers, _) = self.call(Method::HEAD, self.bucket_url(), &[], &[], Bytes::new()).await?;
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        Ok((status, date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp())))
    }

    /// Instances that start together make it together, and some servers then refuse, or lose the name of what two of their
    /// nodes have made at once (Garage 2.5 answers 500 or 400): whoever failed, or made it, looks again a little later.
    pub async fn ensure_bucket(&self, if_missing: IfMissing) -> Result<(), StorageError> {
        let mut outcome = Ok(());
        for _ in 0..MAKING_ATTEMPTS {
            outcome = match self.has_bucket().await {
                Ok(true) => return Ok(()),
                Ok(false) if if_missing == IfMissing::Fail => return Err(no_bucket()),
                Ok(false) => self.make_bucket().await,
                Err(error) if error.is_server_error() => Err(error),
                Err(error) => return Err(error),
            };
            let is_forbidden = matches!(outcome, Err(StorageError::Refused { status: StatusCode::FORBIDDEN, .. }));
            if is_forbidden || matches!(self.server, Server::Embedded(_)) {
                return outcome;
            }
            tokio::time::sleep(Duration::from_millis(rand::random_range(200..1000))).await;
        }
        outcome.and_then(|()| Err(no_bucket()))
    }

    /// Whether the bucket answers.
    pub async fn ping(&self) -> Result<(), StorageError> {
        if self.has_bucket().await? { Ok(()) } else { Err(no_bucket()) }
    }

    async fn has_bucket(&self) -> Result<bool, StorageError> {
        match self.bucket_status().await?.0 {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            status => Err(refused("HeadBucket", status, &[])),
        }
    }

    async fn make_bucket(&self) -> Result<(), StorageError> {
        // us-east-1 is the one region that must not be named (S3, CreateBucket).
        let body = match self.region.as_str() {
            "us-east-1" => Bytes::new(),
            region => Bytes::from(format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            )),
        };
        let (status, _, body) = self.call(Method::PUT, self.bucket_url(), &[], &[], body).await?;
        if status.is_success() {
            tracing::info!(bucket = self.bucket, "made the bucket");
            return Ok(());
        }
        Err(refused("CreateBucket", status, &body))
    }

    /// Whether the rules let pages of each of these origins PUT.
    pub async fn lets_pages_put(&self, origins: &[String]) -> Result<bool, StorageError> {
        let present = self.rules("cors").await?;
        Ok(origins.iter().all(|origin| allows_put(&present, origin)))
    }

    /// Adds a rule for the origins that no rule names; the rules of others stay.
    pub async fn ensure_cors(&self, origins: &[String]) -> Result<(), StorageError> {
        let present = self.rules("cors").await?;
        if origins.iter().all(|origin| allows_put(&present, origin)) {
            return Ok(());
        }
        self.set_rules("cors", with_rule(&present, "CORSConfiguration", &cors_rule(origins))).await
    }

    /// Whether a lifecycle rule aborts uploads in parts that nobody has ended.
    pub async fn aborts_stale_parts(&self) -> Result<bool, StorageError> {
        let present = self.rules("lifecycle").await?;
        let is_such =
            |rule: &str| rule.contains("<AbortIncompleteMultipartUpload>") && rule.contains("<Status>Enabled</Status>");
        Ok(present.split("<Rule>").skip(1).any(is_such))
    }

    /// Adds such a rule; the others stay.
    pub async fn abort_stale_parts_after(&self, days: u32) -> Result<(), StorageError> {
        let rule = format!(
            "<Rule><ID>hasty-stale-parts</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>\
             <AbortIncompleteMultipartUpload><DaysAfterInitiation>{days}</DaysAfterInitiation>\
             </AbortIncompleteMultipartUpload></Rule>"
        );
        let present = self.rules("lifecycle").await?;
        self.set_rules("lifecycle", with_rule(&present, "LifecycleConfiguration", &rule)).await
    }

    /// One of the bucket's documents; empty where there is none.
    async fn rules(&self, kind: &'static str) -> Result<String, StorageError> {
        match self.call(Method::GET, self.bucket_url(), &[(kind, "")], &[], Bytes::new()).await? {
            (StatusCode::OK, _, body) => Ok(String::from_utf8_lossy(&body).into_owned()),
            (StatusCode::NOT_FOUND, ..) => Ok(String::new()),
            (status, _, body) => Err(refused(&format!("GET ?{kind}"), status, &body)),
        }
    }

    async fn set_rules(&self, kind: &'static str, rules: String) -> Result<(), StorageError> {
        let md5 = STANDARD.encode(Md5::digest(&rules));
        let headers = [("content-md5", md5), ("content-type", "application/xml".to_owned())];
        match self.call(Method::PUT, self.bucket_url(), &[(kind, "")], &headers, Bytes::from(rules)).await? {
            (status, ..) if status.is_success() => Ok(()),
            (status, _, body) => Err(refused(&format!("PUT ?{kind}"), status, &body)),
        }
    }
}

fn no_bucket() -> StorageError {
    refused("HeadBucket", StatusCode::NOT_FOUND, &[])
}

/// Whether one rule of the document lets this origin PUT, with any header, and see the ETag.
fn allows_put(rules: &str, origin: &str) -> bool {
    let rules = rules.to_ascii_lowercase();
    let names = |rule: &str, element: &str, value: &str| rule.contains(&format!("<{element}>{value}</{element}>"));
    rules.split("<corsrule>").skip(1).any(|rule| {
        names(rule, "allowedmethod", "put")
            && names(rule, "allowedheader", "*")
            && (names(rule, "exposeheader", "etag") || names(rule, "exposeheader", "*"))
            && (names(rule, "allowedorigin", &origin.to_ascii_lowercase()) || names(rule, "allowedorigin", "*"))
    })
}

/// The rule that pages of these origins need (S3, PutBucketCors).
fn cors_rule(origins: &[String]) -> String {
    let origins: String = origins.iter().map(|origin| format!("<AllowedOrigin>{origin}</AllowedOrigin>")).collect();
    format!(
        "<CORSRule>{origins}<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod>\
         <AllowedMethod>HEAD</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
         <MaxAgeSeconds>3600</MaxAgeSeconds></CORSRule>"
    )
}

/// A document of the bucket with one more rule, which comes first: of CORS rules, the first one that fits is obeyed.
fn with_rule(present: &str, root: &str, rule: &str) -> String {
    let end = format!("</{root}>");
    let others = present.split_once(&format!("<{root}")).and_then(|(_, tail)| tail.split_once('>'));
    match others.filter(|(tag, rest)| !tag.ends_with('/') && rest.contains(&end)) {
        Some((tag, others)) => format!("<{root}{tag}>{rule}{others}"),
        None => format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rule}{end}"),
    }
}
