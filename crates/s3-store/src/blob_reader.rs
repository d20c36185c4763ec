//! Reads a blob block by block, and verifies each before anybody sees a byte of it.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use bytes::Bytes;
use rustix::buffer::spare_capacity;
use rustix::fs::{Advice, fadvise};
use rustix::io::pread;

use crate::blobs::path_in_store;
use crate::error::Error;
use crate::hasher::{BLOCK_BYTES, block_sum};
use crate::index::contents::Piece;
use crate::lost;

/// An open blob of the right length.
pub(crate) struct BlobReader {
    file: File,
    size_bytes: u64,
    block_sums: Vec<u64>,
}

/// Why the bytes of a blob cannot be had.
#[derive(Debug)]
pub(crate) enum Damage {
    /// The file cannot be opened or read.
    Unreadable(io::Error),
    Length {
        found: u64,
        stored: u64,
    },
    /// A block, counted from 0, is not what was stored.
    Block(u64),
}

impl BlobReader {
    /// Opens the blob below the store's folder and compares its length; blocks.
    pub(crate) fn open(root: &Path, piece: &Piece) -> Result<BlobReader, Damage> {
        let file = lost::open(root, piece.blob_id).map_err(Damage::Unreadable)?;
        let found = file.metadata().map_err(Damage::Unreadable)?.len();
        if found != piece.size_bytes {
            return Err(Damage::Length { found, stored: piece.size_bytes });
        }
        Ok(BlobReader { file, size_bytes: piece.size_bytes, block_sums: piece.block_sums.clone() })
    }

    pub(crate) fn block_count(&self) -> u64 {
        self.size_bytes.div_ceil(BLOCK_BYTES as u64)
    }

    /// Lets the kernel forget what it holds of the file, so that the next read asks the disk. A hint: where it is not
    /// taken, the read is as good as any other.
    pub(crate) fn forget_cached(&self) {
        let _ = fadvise(&self.file, 0, None, Advice::DontNeed);
    }

    /// The bytes of a block, all of them, as they were stored; blocks.
    pub(crate) fn read_block(&self, number: u64) -> Result<Bytes, Damage> {
        let start = number * BLOCK_BYTES as u64;
        let len = self.size_bytes.saturating_sub(start).min(BLOCK_BYTES as u64) as usize;
        let mut block = Vec::with_capacity(len);
        while block.len() < len {
            let at = start + block.len() as u64;
            match pread(&self.file, spare_capacity(&mut block), at) {
                Ok(0) => return Err(Damage::Block(number)),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Damage::Unreadable(error.into())),
            }
        }
        block.truncate(len);
        let sum = usize::try_from(number).ok().and_then(|number| self.block_sums.get(number));
        if sum != Some(&block_sum(&block)) {
            return Err(Damage::Block(number));
        }
        Ok(block.into())
    }
}

impl Damage {
    /// As the error of an operation: it names the file.
    pub(crate) fn of(self, piece: &Piece) -> Error {
        Error::Damaged(format!("{}: {self}", path_in_store(piece.blob_id).display()))
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Unreadable(error) if error.kind() == ErrorKind::NotFound => write!(f, "the file is missing"),
            Damage::Unreadable(error) => write!(f, "the file cannot be read: {error}"),
            Damage::Length { found, stored } => write!(f, "the file has {found} bytes, {stored} were stored"),
            Damage::Block(number) => {
                write!(f, "block {number} is not what was stored (from byte {})", number * BLOCK_BYTES as u64)
            }
        }
    }
}
