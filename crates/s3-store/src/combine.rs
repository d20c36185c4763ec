//! The entity tag and the checksum of a multipart object, from those of its parts.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crc_fast::{CrcAlgorithm, checksum_combine};
use md5::{Digest as _, Md5};

use crate::checksum::{Algorithm, Sums, read_checksums};
use crate::hasher::checksum_hasher;
use crate::index::contents::Piece;

/// The checksums and the length of each part, in order.
pub(crate) type Parts<'a> = [(&'a Sums, u64)];

/// S3's entity tag of several parts: the MD5 over their MD5s, with their number.
pub(crate) fn etag(parts: &[&Piece]) -> String {
    let mut md5 = Md5::new();
    parts.iter().for_each(|piece| md5.update(piece.md5));
    format!("{}-{}", hex::encode(md5.finalize()), parts.len())
}

/// The checksum over the parts' checksums, with the number of parts: S3's COMPOSITE type.
pub(crate) fn composite(algorithm: Algorithm, parts: &Parts<'_>) -> Option<String> {
    let mut hasher = checksum_hasher(|other| other == algorithm);
    for (sums, _) in parts {
        hasher.update(&BASE64_STANDARD.decode(sums.get(&algorithm)?).ok()?);
    }
    let sums = hasher.finalize();
    let value = read_checksums!(sums).remove(&algorithm)?;
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
