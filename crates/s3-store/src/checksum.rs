//! Checksums: what a client says its bytes are, and what they turn out to be.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use s3s::dto::ChecksumType;
use s3s::{S3Result, TrailingHeaders, s3_error};
use serde::{Deserialize, Serialize};

use crate::error::custom;
use crate::hasher::{Digests, Hasher};

/// The algorithms of `x-amz-checksum-…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// Base64 values by algorithm.
pub(crate) type Sums = BTreeMap<Algorithm, String>;

/// The checksums of a whole object, as GET and HEAD answer them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ObjectChecksums {
    /// Whether the values cover the bytes themselves or the checksums of the parts.
    pub(crate) is_composite: bool,
    pub(crate) sums: Sums,
}

impl ObjectChecksums {
    pub(crate) fn checksum_type(&self) -> ChecksumType {
        checksum_type(self.is_composite)
    }
}

/// Copies the values into the five fields that S3's inputs and outputs have for them.
macro_rules! set_checksums {
    ($output:expr, $sums:expr) => {{
        let sums: &$crate::checksum::Sums = $sums;
        $output.checksum_crc32 = sums.get(&$crate::checksum::Algorithm::Crc32).cloned();
        $output.checksum_crc32c = sums.get(&$crate::checksum::Algorithm::Crc32c).cloned();
        $output.checksum_crc64nvme = sums.get(&$crate::checksum::Algorithm::Crc64Nvme).cloned();
        $output.checksum_sha1 = sums.get(&$crate::checksum::Algorithm::Sha1).cloned();
        $output.checksum_sha256 = sums.get(&$crate::checksum::Algorithm::Sha256).cloned();
    }};
}
pub(crate) use set_checksums;

/// The values in these five fields.
macro_rules! read_checksums {
    ($input:expr) => {{
        use $crate::checksum::Algorithm;
        let fields = [
            (Algorithm::Crc32, $input.checksum_crc32.clone()),
            (Algorithm::Crc32c, $input.checksum_crc32c.clone()),
            (Algorithm::Crc64Nvme, $input.checksum_crc64nvme.clone()),
            (Algorithm::Sha1, $input.checksum_sha1.clone()),
            (Algorithm::Sha256, $input.checksum_sha256.clone()),
        ];
        let given = |(algorithm, value): (Algorithm, Option<String>)| Some((algorithm, value?));
        fields.into_iter().filter_map(given).collect::<$crate::checksum::Sums>()
    }};
}
pub(crate) use read_checksums;

impl Algorithm {
    pub(crate) const ALL: [Algorithm; 5] =
        [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme, Algorithm::Sha1, Algorithm::Sha256];

    /// S3's name of the algorithm.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32c => "CRC32C",
            Algorithm::Crc64Nvme => "CRC64NVME",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    fn header(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "x-amz-checksum-crc32",
            Algorithm::Crc32c => "x-amz-checksum-crc32c",
            Algorithm::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Algorithm::Sha1 => "x-amz-checksum-sha1",
            Algorithm::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The length of a value in bytes.
    pub(crate) fn len(self) -> usize {
        match self {
            Algorithm::Crc32 | Algorithm::Crc32c => 4,
            Algorithm::Crc64Nvme => 8,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }
}

/// What the request says about its body.
#[derive(Default)]
pub(crate) struct Expected {
    /// The decoded length, where it is declared.
    pub(crate) size_bytes: Option<u64>,
    /// What the length must be in, where somebody set limits.
    pub(crate) size_range: Option<RangeInclusive<u64>>,
    md5: Option<[u8; 16]>,
    sums: Sums,
    /// Announced in `x-amz-trailer`: the values follow the body.
    announced: Vec<Algorithm>,
    trailers: Option<TrailingHeaders>,
    /// Wanted for later, though the client states no value now.
    pub(crate) wanted: Option<Algorithm>,
}

impl Expected {
    /// So many bytes, whatever they are.
    pub(crate) fn of_size(size_bytes: u64) -> Expected {
        Expected { size_bytes: Some(size_bytes), ..Expected::default() }
    }

    /// Reads Content-Length, Content-MD5, `x-amz-checksum-…` and `x-amz-trailer`.
    pub(crate) fn parse(headers: &HeaderMap, trailers: Option<TrailingHeaders>) -> S3Result<Expected> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let size_bytes = text(CONTENT_LENGTH.as_str()).map(str::parse).transpose();
        let md5 = text("content-md5").map(|value| BASE64_STANDARD.decode(value).ok()?.try_into().ok());
        let mut expected = Expected {
            size_bytes: size_bytes.map_err(|_| s3_error!(InvalidArgument, "Content-Length is no number."))?,
            md5: md5.map(|md5| md5.ok_or_else(|| s3_error!(InvalidDigest))).transpose()?,
            trailers,
            wanted: text("x-amz-sdk-checksum-algorithm").and_then(Algorithm::parse),
            ..Expected::default()
        };
        let trailer_names = text("x-amz-trailer").unwrap_or_default();
        for algorithm in Algorithm::ALL {
            if let Some(value) = text(algorithm.header()) {
                expected.sums.insert(algorithm, checked(algorithm, value)?);
            }
            if trailer_names.split(',').any(|name| name.trim().eq_ignore_ascii_case(algorithm.header())) {
                expected.announced.push(algorithm);
            }
        }
        Ok(expected)
    }

    /// More than this can never fit.
    pub(crate) fn max_bytes(&self) -> u64 {
        let ceiling = self.size_range.as_ref().map_or(u64::MAX, |range| *range.end());
        self.size_bytes.map_or(ceiling, |size| size.min(ceiling))
    }

    /// A hasher for everything that will be compared or kept.
    pub(crate) fn hasher(&self) -> Hasher {
        Hasher::new(|algorithm| {
            self.wanted == Some(algorithm) || self.sums.contains_key(&algorithm) || self.announced.contains(&algorithm)
        })
    }

    /// Compares with what arrived; the body must have been read to its end, where its trailers are.
    pub(crate) fn verify(&self, size_bytes: u64, digests: &Digests) -> S3Result<()> {
        if self.size_bytes.is_some_and(|expected| expected != size_bytes) {
            return Err(s3_error!(IncompleteBody));
        }
        match &self.size_range {
            Some(range) if size_bytes > *range.end() => return Err(s3_error!(EntityTooLarge)),
            Some(range) if size_bytes < *range.start() => return Err(s3_error!(EntityTooSmall)),
            _ => {}
        }
        if self.md5.is_some_and(|expected| expected != digests.md5) {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
        for (algorithm, value) in self.sums.iter().chain(&self.read_trailers()?) {
            if digests.sums.get(algorithm) != Some(value) {
                let name = algorithm.name();
                return Err(s3_error!(BadDigest, "The {name} you specified did not match what we received."));
            }
        }
        Ok(())
    }

    fn read_trailers(&self) -> S3Result<Sums> {
        let trailers = self.trailers.as_ref().and_then(TrailingHeaders::take).unwrap_or_default();
        let mut sums = Sums::new();
        for algorithm in Algorithm::ALL {
            match trailers.get(algorithm.header()).map(|value| value.to_str()) {
                Some(Ok(value)) => _ = sums.insert(algorithm, checked(algorithm, value)?),
                Some(Err(_)) => return Err(s3_error!(InvalidRequest, "A trailing checksum is no text.")),
                None if self.announced.contains(&algorithm) => {
                    let message = "The announced trailing checksum is missing.";
                    return Err(custom(StatusCode::BAD_REQUEST, "MalformedTrailerError", message));
                }
                None => {}
            }
        }
        Ok(sums)
    }
}

/// A value that is base64 of the right length; equal bytes have equal texts, since the decoder takes one form only.
fn checked(algorithm: Algorithm, value: &str) -> S3Result<String> {
    match BASE64_STANDARD.decode(value) {
        Ok(bytes) if bytes.len() == algorithm.len() => Ok(value.to_owned()),
        _ => Err(s3_error!(InvalidRequest, "Value for {} header is invalid.", algorithm.header())),
    }
}

/// The checksum of the whole that a multipart upload was begun with.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct UploadChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) is_composite: bool,
}

impl UploadChecksum {
    pub(crate) fn checksum_type(self) -> ChecksumType {
        checksum_type(self.is_composite)
    }
}

fn checksum_type(is_composite: bool) -> ChecksumType {
    let name = if is_composite { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT };
    ChecksumType::from_static(name)
}
