//! The checksum of a row. SQLite notices a page that makes no sense, but not a flipped bit in a key, a size or an id;
//! with it, a row would show an object under a key, or bytes under a name, that nobody put there.

use crc_fast::{CrcAlgorithm, Digest};

use crate::error::Error;

/// The CRC64NVME of all columns but this one, each after its length.
pub(super) fn row_sum(columns: &[&[u8]]) -> i64 {
    let mut crc = Digest::new(CrcAlgorithm::Crc64Nvme);
    for column in columns {
        crc.update(&(column.len() as u64).to_be_bytes());
        crc.update(column);
    }
    crc.finalize().cast_signed()
}

/// # Errors
/// Where the row's sum is not the one that was stored.
pub(super) fn check_sum(stored: i64, found: i64) -> Result<(), Error> {
    if stored == found { Ok(()) } else { Err(Error::Damaged("a row does not fit its checksum".to_owned())) }
}
