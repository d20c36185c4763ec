//! The digests of one body, computed in one pass while its bytes are still in the processor's cache.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crc_fast::{CrcAlgorithm, Digest as Crc};
use md5::Md5;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1};
use sha2::{Digest as _, Sha256};

use crate::checksum::{Algorithm, Sums, read_checksums};

/// Each block of a blob has a CRC64NVME of its own: what a reader can verify before it sends any of it.
pub(crate) const BLOCK_BYTES: usize = 256 * 1024;

/// The block size of both MD5 and SHA-256. Fed in turns of one block each, the two overlap inside the processor:
/// MD5 alone waits for its own last step most of the time.
const TURN_BYTES: usize = 64;

/// Computes all digests of one body. SHA-256 and CRC64NVME are always among them: they are kept with every blob.
pub(crate) struct Hasher {
    md5: Md5,
    sha256: Sha256,
    others: ChecksumHasher,
    blocks: BlockHasher,
    /// Bytes of the turn that is not full yet.
    in_turn: usize,
}

/// The digests of one body.
#[derive(Clone)]
pub(crate) struct Digests {
    pub(crate) md5: [u8; 16],
    pub(crate) sums: Sums,
    /// The CRC64NVME of each block.
    pub(crate) block_sums: Vec<u64>,
}

impl Hasher {
    /// A hasher for what is always kept and for what `wants` names besides.
    pub(crate) fn new(wants: impl Fn(Algorithm) -> bool) -> Hasher {
        Hasher {
            md5: Md5::new(),
            sha256: Sha256::new(),
            others: checksum_hasher(|algorithm| match algorithm {
                Algorithm::Crc64Nvme => true,
                Algorithm::Sha256 => false,
                other => wants(other),
            }),
            blocks: BlockHasher::new(),
            in_turn: 0,
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min((TURN_BYTES - self.in_turn) % TURN_BYTES));
        for turn in std::iter::once(head).chain(rest.chunks(TURN_BYTES)) {
            self.md5.update(turn);
            self.sha256.update(turn);
        }
        self.in_turn = (self.in_turn + bytes.len()) % TURN_BYTES;
        self.others.update(bytes);
        self.blocks.update(bytes);
    }

    pub(crate) fn finish(self) -> Digests {
        let others = self.others.finalize();
        let mut sums = read_checksums!(others);
        sums.insert(Algorithm::Sha256, BASE64_STANDARD.encode(self.sha256.finalize()));
        Digests { md5: self.md5.finalize().into(), sums, block_sums: self.blocks.finish() }
    }
}

/// The checksum of one block.
pub(crate) fn block_sum(block: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Nvme, block)
}

/// A hasher for the checksums that `wants` names.
pub(crate) fn checksum_hasher(wants: impl Fn(Algorithm) -> bool) -> ChecksumHasher {
    ChecksumHasher {
        crc32: wants(Algorithm::Crc32).then(Crc32::new),
        crc32c: wants(Algorithm::Crc32c).then(Crc32c::new),
        crc64nvme: wants(Algorithm::Crc64Nvme).then(Crc64Nvme::new),
        sha1: wants(Algorithm::Sha1).then(Sha1::new),
        sha256: wants(Algorithm::Sha256).then(s3s::crypto::Sha256::new),
    }
}

/// To compute the CRC a second time, per block, costs a tenth of what combining the blocks' CRCs to that of the whole
/// would.
struct BlockHasher {
    crc: Crc,
    in_block: usize,
    sums: Vec<u64>,
}

impl BlockHasher {
    fn new() -> BlockHasher {
        BlockHasher { crc: Crc::new(CrcAlgorithm::Crc64Nvme), in_block: 0, sums: Vec::new() }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (of_block, rest) = bytes.split_at(bytes.len().min(BLOCK_BYTES - self.in_block));
            self.crc.update(of_block);
            self.in_block += of_block.len();
            if self.in_block == BLOCK_BYTES {
                self.end_block();
            }
            bytes = rest;
        }
    }

    fn end_block(&mut self) {
        self.sums.push(self.crc.finalize_reset());
        self.in_block = 0;
    }

    fn finish(mut self) -> Vec<u64> {
        if self.in_block > 0 {
            self.end_block();
        }
        self.sums
    }
}
