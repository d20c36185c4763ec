//! s3s-e2e, a suite of cases for S3 servers that speaks through the AWS SDK for Rust.

use std::path::PathBuf;

use anyhow::Result;

use super::compiled;

/// The newest that the Rust of this workspace compiles.
const VERSION: &str = "0.14.1";

/// The program; where it is missing it is compiled first, which takes some minutes.
pub(crate) fn find() -> Result<PathBuf> {
    compiled::unoptimized("s3s-e2e", VERSION, &[])
}
