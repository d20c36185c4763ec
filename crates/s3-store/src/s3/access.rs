//! Who may ask for what: whoever signed, and only what the store really does.

use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Result, s3_error};

use super::versions::check_version;

/// The sub-resources of buckets and objects. s3s takes a method that it does not know for one of them as meant for the
/// bucket or the object itself: a `DELETE` of a list of grants must not delete what it is about.
const SUBRESOURCES: [&str; 24] = [
    "accelerate",
    "acl",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "object-lock",
    "policy",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "tagging",
    "torrent",
    "uploads",
    "versioning",
    "versions",
    "website",
];
/// A part that lacks one of these would become the whole object.
const OF_PARTS: [&str; 2] = ["partNumber", "uploadId"];

/// Lets only signed requests through, and only keys and versions that S3 knows.
pub(crate) struct SignedOnly;

#[async_trait::async_trait]
impl S3Access for SignedOnly {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "The request is not signed."));
        }
        let key = context.s3_path().get_object_key();
        key.map_or(Ok(()), check_key)?;
        let operation = context.s3_op().name();
        let query = context.uri().query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if name == "versionId" && key.is_some() {
                check_version(&value)?;
            }
            let is_whole = matches!(operation, "PutObject" | "DeleteObject" | "CreateBucket" | "DeleteBucket");
            let is_part = operation == "PutObject" && OF_PARTS.contains(&&*name);
            if is_part || (is_whole && SUBRESOURCES.contains(&&*name)) {
                return Err(s3_error!(MethodNotAllowed, "{name} does not go with this method."));
            }
        }
        Ok(())
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
