//! The bucket and its CORS rules: made at start where they are missing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, StatusCode};
use md5::{Digest, Md5};

use super::{Server, Storage, StorageError, refused};

impl Storage {
    /// Makes the bucket, and for an external store lets pages of these origins PUT and GET.
    pub async fn prepare_bucket(&self, origins: &[String]) -> Result<(), StorageError> {
        self.ensure_bucket().await?;
        if let Server::External { .. } = self.server
            && let Err(error) = self.ensure_cors(origins).await
        {
            // Some servers allow every origin and have no rules to set.
            tracing::warn!(%error, "cannot set the bucket's CORS rules: browsers need PUT, GET and HEAD from {origins:?}");
        }
        Ok(())
    }

    async fn ensure_bucket(&self) -> Result<(), StorageError> {
        let (status, ..) = self.call(Method::HEAD, self.bucket_url(), &[], &[], Bytes::new()).await?;
        match status {
            StatusCode::OK => return Ok(()),
            StatusCode::NOT_FOUND => {}
            status => return Err(refused("HeadBucket", status, &[])),
        }
        // us-east-1 is the one region that must not be named (S3, CreateBucket).
        let body = match self.region.as_str() {
            "us-east-1" => Bytes::new(),
            region => Bytes::from(format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            )),
        };
        match self.call(Method::PUT, self.bucket_url(), &[], &[], body).await? {
            (status, ..) if status.is_success() => {
                tracing::info!(bucket = self.bucket, "made the bucket");
                Ok(())
            }
            // Another instance was faster.
            (StatusCode::CONFLICT, _, body) if String::from_utf8_lossy(&body).contains("BucketAlreadyOwnedByYou") => {
                Ok(())
            }
            (status, _, body) => Err(refused("CreateBucket", status, &body)),
        }
    }

    /// Adds a rule for the origins that no rule names; the rules of others stay.
    async fn ensure_cors(&self, origins: &[String]) -> Result<(), StorageError> {
        let (status, _, body) = self.call(Method::GET, self.bucket_url(), &[("cors", "")], &[], Bytes::new()).await?;
        let present = match status {
            StatusCode::OK => String::from_utf8_lossy(&body).into_owned(),
            StatusCode::NOT_FOUND => String::new(),
            status => return Err(refused("GetBucketCors", status, &body)),
        };
        if origins.iter().all(|origin| allows_put(&present, origin)) {
            return Ok(());
        }
        let rules = with_rule(&present, origins);
        let md5 = STANDARD.encode(Md5::digest(&rules));
        let headers = [("content-md5", md5), ("content-type", "application/xml".to_owned())];
        match self.call(Method::PUT, self.bucket_url(), &[("cors", "")], &headers, Bytes::from(rules)).await? {
            (status, ..) if status.is_success() => Ok(()),
            (status, _, body) => Err(refused("PutBucketCors", status, &body)),
        }
    }
}

/// Whether one rule of the document lets this origin PUT.
fn allows_put(rules: &str, origin: &str) -> bool {
    let names = |rule: &str, element: &str, value: &str| rule.contains(&format!("<{element}>{value}</{element}>"));
    rules.split("<CORSRule>").skip(1).any(|rule| {
        names(rule, "AllowedMethod", "PUT")
            && (names(rule, "AllowedOrigin", origin) || names(rule, "AllowedOrigin", "*"))
    })
}

/// The CORS document (S3, PutBucketCors) with one more rule.
fn with_rule(present: &str, origins: &[String]) -> String {
    const END: &str = "</CORSConfiguration>";
    let origins: String = origins.iter().map(|origin| format!("<AllowedOrigin>{origin}</AllowedOrigin>")).collect();
    let rule = format!(
        "<CORSRule>{origins}<AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod>\
         <AllowedMethod>HEAD</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
         <MaxAgeSeconds>3600</MaxAgeSeconds></CORSRule>"
    );
    match present.rsplit_once(END) {
        Some((before, _)) => format!("{before}{rule}{END}"),
        None => format!("<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rule}{END}"),
    }
}
