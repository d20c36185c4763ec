//! What is sent: objects that differ in every block, and requests that are signed before the clock starts.

use std::{fs::File, io::Read, net::SocketAddr, time::Duration};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use rusty_s3::{Method, signing::sign};
use sha2::{Digest, Sha256};
use url::Url;

const CONTENT_TYPE: &str = "image/jpeg";
/// Neighbours begin so far apart in the noise; even the largest bench needs no more than `NOISE_BYTES` / `STEP_BYTES`
/// objects. Garage stores a block of 1 MiB only once: none begins where a block of another object does.
const STEP_BYTES: usize = 8;
const NOISE_BYTES: usize = 1024 * 1024;
const LINK_TTL: Duration = Duration::from_secs(24 * 3600);

/// Where requests go, and what signs them.
pub(in crate::bench) struct Endpoint {
    pub(in crate::bench) address: SocketAddr,
    pub(in crate::bench) bucket: &'static str,
    pub(in crate::bench) region: &'static str,
    pub(in crate::bench) key_id: String,
    pub(in crate::bench) secret: String,
}

impl Endpoint {
    /// The head of a request that uploads this body, signed as a guest's is.
    pub(in crate::bench) fn put_head(&self, key: &str, size_bytes: usize, sha256: [u8; 32]) -> Result<Vec<u8>> {
        let (length, checksum) = (size_bytes.to_string(), BASE64_STANDARD.encode(sha256));
        let headers =
            [("content-length", &*length), ("content-type", CONTENT_TYPE), ("x-amz-checksum-sha256", &*checksum)];
        self.head("PUT", Method::Put, key, &headers)
    }

    /// A whole request that downloads an object.
    pub(in crate::bench) fn get_head(&self, key: &str) -> Result<Vec<u8>> {
        self.head("GET", Method::Get, key, &[])
    }

    fn head(&self, verb: &str, method: Method, key: &str, headers: &[(&str, &str)]) -> Result<Vec<u8>> {
        let Self { address, bucket, region, key_id, secret } = self;
        let url = Url::parse(&format!("http://{address}/{bucket}/{key}"))?;
        let ttl_secs = LINK_TTL.as_secs();
        let signed_headers = headers.iter().copied();
        #[expect(clippy::disallowed_methods, reason = "the servers compare it with their own clocks")]
        let now = Timestamp::now();
        let no_query = std::iter::empty();
        let url = sign(&now, method, url, key_id, secret, None, region, ttl_secs, no_query, signed_headers);
        let query = url.query().unwrap_or_default();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        Ok(format!("{verb} {}?{query} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n", url.path()).into_bytes())
    }
}

/// Bytes that do not compress, of which every object is another stretch.
pub(in crate::bench) struct Noise(Vec<u8>);

impl Noise {
    /// Enough for objects of this size.
    pub(in crate::bench) fn new(size_bytes: usize) -> Result<Self> {
        let mut noise = Vec::new();
        File::open("/dev/urandom")?.take((NOISE_BYTES + size_bytes) as u64).read_to_end(&mut noise)?;
        Ok(Self(noise))
    }

    /// The bytes of one object.
    pub(in crate::bench) fn object(&self, number: usize, size_bytes: usize) -> &[u8] {
        let start = number * STEP_BYTES % NOISE_BYTES;
        &self.0[start..start + size_bytes]
    }
}

pub(in crate::bench) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
