//! The worker's side: `hasty worker`, a photo on standard input, an answer on standard output.

use std::fs::File;
use std::io::{self, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::process::ExitCode;

use metadata::{EmbeddedPreview, FileType, NoCopy, Reading, limits};
use previews::{Limits, PreviewError, Previews};

use super::{Problem, Task, answer, sandbox};

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
pub(crate) fn run(task: Task) -> ExitCode {
    let begun = || {
        let file = File::from(stdin().as_fd().try_clone_to_owned()?);
        let length = file.metadata()?.len();
        Ok((file, length, sandbox::enter()?))
    };
    let (file, length, protections) = match begun() {
        Ok(begun) => begun,
        Err(error) => return failed(CANNOT_PROTECT, &error),
    };
    let done = match task {
        Task::Examine => examine(&file, length, protections),
        Task::CopyWithoutLocation => copy_without_location(&file, length),
    };
    match done {
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

fn copy_without_location(file: &File, length: u64) -> io::Result<()> {
    let copy = if length > limits::COPY_BYTES {
        Err(NoCopy::TooLarge)
    } else {
        let mut bytes = vec![0; length as usize];
        file.read_exact_at(&mut bytes, 0)?;
        metadata::without_location(&bytes)
    };
    answer::write_copy(&mut stdout().lock(), &copy)
}

fn show(file: &[u8], file_type: FileType, orientation: u8) -> Result<Previews, Problem> {
    let mut limits = Limits::default();
    limits.max_decoding_bytes = limits.max_decoding_bytes.saturating_sub(file.len() as u64);
    previews::make(file, file_type, orientation, &limits).map_err(|error| match error {
        PreviewError::TooManyPixels { .. } => Problem::TooManyPixels,
        PreviewError::Unsupported => Problem::Unsupported,
        PreviewError::Damaged(_) => Problem::Damaged,
    })
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
        let orientation = reading.metadata.orientation.and_then(|orientation| u8::try_from(orientation).ok());
        let orientation = orientation.unwrap_or(1);
        if !file_type.is_raw() {
            if self.length > MAX_FILE_BYTES {
                return Ok(Err(Problem::TooMuchMemory));
            }
            self.read_up_to(self.length)?;
            let previews = show(&self.bytes, file_type, orientation);
            if previews.is_ok() || reading.embedded_preview.is_none() {
                return Ok(previews);
            }
        }
        match reading.embedded_preview.as_ref() {
            Some(preview) => self.embedded(preview).map(|jpeg| show(&jpeg, FileType::Jpeg, orientation)),
            None => Ok(Err(Problem::Unsupported)),
        }
    }

    /// The JPEG that a camera has put beside its raw picture; as much of it as there is.
    fn embedded(&mut self, preview: &EmbeddedPreview) -> io::Result<Vec<u8>> {
        self.bytes = Vec::new();
        let left = self.length.saturating_sub(preview.offset);
        let mut jpeg = vec![0; preview.length.min(left).min(MAX_FILE_BYTES) as usize];
        self.file.read_exact_at(&mut jpeg, preview.offset)?;
        Ok(jpeg)
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
