//! The worker's side: `hasty worker`, a photo on standard input, an answer on standard output.

use std::fs::File;
use std::io::{self, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::process::ExitCode;

use metadata::Reading;
use previews::{Limits, PreviewError, Previews};

use super::{Problem, answer, sandbox};

/// Statuses by which a worker says that the photo is not to blame (those of sysexits.h).
pub(super) const CANNOT_PROTECT: u8 = 71;
pub(super) const CANNOT_READ: u8 = 74;

/// Largest file that is shown: beside it there has to be room for the picture. The metadata of a larger one is read.
const MAX_FILE_BYTES: u64 = 128 << 20;
/// How much of a file is read at first: mostly enough for its metadata.
const HEAD_BYTES: u64 = 256 << 10;
/// How much more each time that is not enough.
const HEAD_GROWTH: u64 = 8;

/// Never fails: the status says how it went, standard error why.
pub(crate) fn run() -> ExitCode {
    let begun = || {
        let file = File::from(stdin().as_fd().try_clone_to_owned()?);
        let length = file.metadata()?.len();
        Ok((file, length, sandbox::enter()?))
    };
    let (file, length, protections) = match begun() {
        Ok(begun) => begun,
        Err(error) => return failed(CANNOT_PROTECT, &error),
    };
    match examine(&file, length, protections) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(CANNOT_READ, &error),
    }
}

fn failed(status: u8, error: &io::Error) -> ExitCode {
    // Whether anybody reads it or not, the status says enough.
    let _ = writeln!(io::stderr(), "{error}");
    ExitCode::from(status)
}

fn examine(file: &File, length: u64, protections: sandbox::Protections) -> io::Result<()> {
    let mut out = stdout().lock();
    let mut photo = Photo { file, length, bytes: Vec::new() };
    photo.bytes.reserve_exact(length.min(MAX_FILE_BYTES) as usize);
    let reading = photo.reading()?;
    let first = answer::First { reading, protections };
    answer::write_first(&mut out, &first)?;
    let previews = photo.previews(&first.reading)?;
    answer::write_second(&mut out, &previews)
}

/// A file, and what has been read of it.
struct Photo<'a> {
    file: &'a File,
    length: u64,
    bytes: Vec<u8>,
}

impl Photo<'_> {
    /// Reads no more of the file than its metadata needs.
    fn reading(&mut self) -> io::Result<Reading> {
        let mut wanted = HEAD_BYTES;
        loop {
            self.read_up_to(wanted)?;
            let reading = metadata::read(&self.bytes);
            if !reading.incomplete || wanted >= self.length.min(MAX_FILE_BYTES) {
                return Ok(reading);
            }
            wanted *= HEAD_GROWTH;
        }
    }

    fn previews(&mut self, reading: &Reading) -> io::Result<Result<Previews, Problem>> {
        let Some(file_type) = reading.file_type else { return Ok(Err(Problem::Unsupported)) };
        if self.length > MAX_FILE_BYTES {
            return Ok(Err(Problem::TooMuchMemory));
        }
        self.read_up_to(self.length)?;
        let mut limits = Limits::default();
        limits.max_decoding_bytes = limits.max_decoding_bytes.saturating_sub(self.length);
        let orientation = reading.metadata.orientation.and_then(|orientation| u8::try_from(orientation).ok());
        let previews = previews::make(&self.bytes, file_type, orientation.unwrap_or(1), &limits);
        Ok(previews.map_err(|error| match error {
            PreviewError::TooManyPixels { .. } => Problem::TooManyPixels,
            PreviewError::Unsupported => Problem::Unsupported,
            PreviewError::Damaged(_) => Problem::Damaged,
        }))
    }

    /// Until `wanted` bytes of the file are there, or all that there are.
    fn read_up_to(&mut self, wanted: u64) -> io::Result<()> {
        let start = self.bytes.len();
        let end = wanted.min(self.length).min(MAX_FILE_BYTES) as usize;
        if end > start {
            self.bytes.resize(end, 0);
            self.file.read_exact_at(&mut self.bytes[start..], start as u64)?;
        }
        Ok(())
    }
}
