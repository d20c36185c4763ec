//! The checksum of a multipart object, from those of its parts.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crc_fast::{CrcAlgorithm, checksum_combine};

use crate::checksum::{Algorithm, Hasher, Sums};

/// The checksums and the length of each part, in order.
pub(crate) type Parts<'a> = [(&'a Sums, u64)];

/// The checksum over the parts' checksums, with the number of parts: S3's COMPOSITE type.
pub(crate) fn composite(algorithm: Algorithm, parts: &Parts<'_>) -> Option<String> {
    let mut hasher = Hasher::of(algorithm);
    for (sums, _) in parts {
        hasher.update(&BASE64_STANDARD.decode(sums.get(&algorithm)?).ok()?);
    }
    let value = hasher.finish().sums.remove(&algorithm)?;
    Some(format!("{value}-{}", parts.len()))
}

/// The checksum over all bytes, computed without reading them: S3's FULL_OBJECT type, which only CRCs have.
pub(crate) fn full(algorithm: Algorithm, parts: &Parts<'_>) -> Option<String> {
    let crc = match algorithm {
        Algorithm::Crc32 => CrcAlgorithm::Crc32IsoHdlc,
        Algorithm::Crc32c => CrcAlgorithm::Crc32Iscsi,
        Algorithm::Crc64Nvme => CrcAlgorithm::Crc64Nvme,
        Algorithm::Sha1 | Algorithm::Sha256 => return None,
    };
    let mut whole: Option<u64> = None;
    for (sums, size_bytes) in parts {
        let bytes = BASE64_STANDARD.decode(sums.get(&algorithm)?).ok()?;
        let part = bytes.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
        whole = Some(whole.map_or(part, |whole| checksum_combine(crc, whole, part, *size_bytes)));
    }
    let bytes = whole?.to_be_bytes();
    Some(BASE64_STANDARD.encode(&bytes[bytes.len() - algorithm.len()..]))
}
