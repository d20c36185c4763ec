//! Which parts a large file has.

use crate::db::uploads::Upload;
use crate::storage::multipart::{MAX_PARTS, StoredPart};

/// S3 takes no less than 5 MiB.
const LEAST_PART_BYTES: u64 = 8 << 20;
/// Up to here a browser hashes a part at once. Beyond, parts grow only where there would be too many.
const HANDY_PART_BYTES: u64 = 32 << 20;
const FEW_PARTS: u64 = 1_000;

/// How a file is cut: every part but the last has `part_size` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub size_bytes: u64,
    pub part_size: u64,
}

impl Plan {
    pub fn new(size_bytes: u64) -> Plan {
        let mut part_size = LEAST_PART_BYTES;
        let limit = |part_size| if part_size < HANDY_PART_BYTES { FEW_PARTS } else { MAX_PARTS };
        while size_bytes.div_ceil(part_size) > limit(part_size) {
            part_size *= 2;
        }
        Plan { size_bytes, part_size }
    }

    /// As it was when the image was recorded.
    pub fn of(upload: &Upload) -> Plan {
        Plan { size_bytes: upload.size_bytes.unsigned_abs(), part_size: upload.part_size.unsigned_abs() }
    }

    pub fn parts(self) -> u64 {
        self.size_bytes.div_ceil(self.part_size)
    }

    /// `None`: there is no such part.
    pub fn bytes_of(self, number: u64) -> Option<u64> {
        let before = number.checked_sub(1)?.checked_mul(self.part_size)?;
        Some(self.size_bytes.checked_sub(before)?.min(self.part_size)).filter(|bytes| *bytes > 0)
    }

    /// The stored parts that are part of this plan; one of another size is as good as none.
    pub fn fitting(self, stored: Vec<StoredPart>) -> Vec<StoredPart> {
        stored.into_iter().filter(|part| self.bytes_of(part.number) == Some(part.size_bytes)).collect()
    }

    /// All parts, of an object that is there: storage tells them apart no more.
    pub fn parts_of_whole(self) -> Vec<StoredPart> {
        let part = |number| {
            let size_bytes = self.bytes_of(number)?;
            Some(StoredPart { number, size_bytes, etag: String::new(), checksum_sha256: None })
        };
        (1..=self.parts()).filter_map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_file() {
        const MIB: u64 = 1 << 20;
        for (size, part_size, parts) in [
            (1, 8 * MIB, 1),
            (64 * MIB + 1, 8 * MIB, 9),
            (8_000 * MIB, 8 * MIB, 1_000),
            (8_000 * MIB + 1, 16 * MIB, 501),
            (16_000 * MIB + 1, 32 * MIB, 501),
            (320_000 * MIB, 32 * MIB, 10_000),
            (320_000 * MIB + 1, 64 * MIB, 5_001),
        ] {
            let plan = Plan::new(size);
            assert_eq!((plan.part_size, plan.parts()), (part_size, parts), "{size}");
            assert_eq!((1..=parts).filter_map(|number| plan.bytes_of(number)).sum::<u64>(), size);
            assert_eq!((plan.bytes_of(0), plan.bytes_of(parts + 1), plan.bytes_of(u64::MAX)), (None, None, None));
        }
    }
}
