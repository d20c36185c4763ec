//! Workers: what they find out, what they survive, and what they cannot do.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use hasty::worker::{ContentType, Examined, Problem, Protections, WorkerError, Workers};
use metadata::FileType;
use metadata::samples::Photo;
use tempfile::TempDir;

use crate::support::worker_that;

#[tokio::test]
async fn every_format_gives_its_metadata_and_previews() {
    for file_type in FileType::ALL {
        let (photo, exif) = match file_type {
            // The samples of these have no picture in them, and JPEG XL is not shown.
            FileType::Heic | FileType::Avif | FileType::Jxl => continue,
            FileType::Gif => (Photo::new(400, 200, 1), None),
            _ => (Photo::new(400, 200, 1).with_orientation(6), Some(6)),
        };
        let examined = examine(&photo.bytes(file_type)).await;
        assert_eq!(examined.reading.file_type, Some(file_type));
        assert_eq!(examined.reading.metadata.orientation, exif);
        let previews = examined.previews.unwrap();
        let upright = if exif.is_some() { (200, 400) } else { (400, 200) };
        assert_eq!((previews.width, previews.height), upright, "{file_type:?}");
        assert_eq!(previews.content_type, ContentType::Jpeg);
        let large = metadata::read(&previews.large);
        assert_eq!((large.metadata.width, large.metadata.height), (Some(upright.0), Some(upright.1)));
        let small = metadata::read(&previews.small).metadata;
        assert_eq!(small.width.max(small.height), Some(320));
    }
}

#[tokio::test]
async fn heic_and_transparent_photos_give_previews() {
    let heic = heifer::encode_rgb8(64, 48, &[90; 64 * 48 * 3], &heifer::EncodeOptions::default()).unwrap();
    let previews = examine(&heic).await.previews.unwrap();
    assert_eq!((previews.width, previews.height, previews.content_type), (64, 48, ContentType::Jpeg));

    let mut png = std::io::Cursor::new(Vec::new());
    let glass = image::RgbaImage::from_pixel(64, 48, image::Rgba([90, 90, 90, 128]));
    glass.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let previews = examine(png.get_ref()).await.previews.unwrap();
    assert_eq!(previews.content_type, ContentType::WebP);
}

#[tokio::test]
async fn what_cannot_be_shown_has_a_reason() {
    assert_eq!(examine(b"").await.previews, Err(Problem::Unsupported));
    assert_eq!(examine(b"Bring the tripod.\n").await.previews, Err(Problem::Unsupported));
    let photo = Photo::new(96, 64, 1);
    let damaged = examine(&photo.bytes(FileType::Jpeg)[..200]).await;
    assert_eq!((damaged.reading.file_type, damaged.previews), (Some(FileType::Jpeg), Err(Problem::Damaged)));
    let mut bomb = photo.bytes(FileType::Gif);
    bomb[6..10].fill(0xff);
    assert_eq!(examine(&bomb).await.previews, Err(Problem::TooManyPixels));
}

#[tokio::test]
async fn a_file_is_read_from_its_start_and_not_in_full_where_it_is_huge() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&Photo::new(96, 64, 1).bytes(FileType::Jpeg)).unwrap();
    file.set_len(3 << 30).unwrap();
    file.seek(std::io::SeekFrom::Start(50)).unwrap();
    let examined = workers().examine(file).await.unwrap();
    assert_eq!(examined.reading.metadata.make.as_deref(), Some("Example"));
    assert_eq!(examined.previews, Err(Problem::TooMuchMemory));
}

#[tokio::test]
async fn a_program_that_does_not_start_is_an_error_to_try_again() {
    let workers = Workers::new(PathBuf::from("/does/not/exist"));
    assert!(matches!(workers.examine(File::open("/dev/null").unwrap()).await, Err(WorkerError::Start(_))));
    assert!(matches!(workers.check().await, Err(WorkerError::Start(_))));
}

#[tokio::test]
async fn how_a_program_ends_tells_what_the_photo_is() {
    for (script, problem) in [
        ("kill -XCPU $$", Problem::TooSlow),
        ("echo memory allocation of 99 bytes failed >&2; kill -ABRT $$", Problem::TooMuchMemory),
        ("kill -SEGV $$", Problem::Damaged),
        ("exit 101", Problem::Damaged),
        ("echo nonsense", Problem::Damaged),
        ("cat /dev/zero", Problem::Damaged),
        ("exec sleep 60", Problem::Interrupted),
        // All that belong together, as Ctrl-C does: whoever started it does not. INT and HUP may be ignored where tests run.
        ("kill -TERM 0", Problem::Interrupted),
        ("kill -TERM $$", Problem::Interrupted),
        ("kill -KILL $$", Problem::Interrupted),
    ] {
        let examined = ends(script).await.unwrap();
        assert_eq!(examined.previews, Err(problem), "{script}");
    }
    for script in ["exit 71", "echo no disk >&2; exit 74"] {
        assert!(matches!(ends(script).await, Err(WorkerError::Begin(_))), "{script}");
    }
    let folder = TempDir::new().unwrap();
    let killed = Workers::new(worker_that(folder.path(), "kill -KILL $$"));
    let copy = killed.copy_without_location(File::open("/dev/null").unwrap()).await;
    assert!(matches!(copy, Err(WorkerError::Interrupted)), "{copy:?}");
}

#[tokio::test]
async fn a_worker_says_what_holds_it() {
    let protections = workers().check().await.unwrap();
    assert_eq!(examine(b"").await.protections, Some(protections));
}

#[test]
fn a_worker_reaches_nothing() {
    let (said, status) = confined(None);
    assert!(status.success(), "{status}");
    let (protections, attempts) = said.split_once('\n').unwrap();
    let protections: Protections = serde_json::from_str(protections).unwrap();
    if !protections.seccomp {
        // Nothing holds on such a kernel but the limits.
        return;
    }
    let names: Vec<_> = attempts.lines().map(|line| line.split_once(": ").unwrap()).collect();
    assert_eq!(names.len(), 7, "{attempts}");
    for (name, outcome) in names {
        assert!(outcome.contains("Operation not permitted"), "{name}: {outcome}");
    }
}

#[test]
fn memory_and_time_are_bounded() {
    let (_, status) = confined(Some("allocate"));
    assert_eq!(status.signal(), Some(libc::SIGABRT), "{status}");
    let started = Instant::now();
    let (_, status) = confined(Some("spin"));
    assert_eq!(status.signal(), Some(libc::SIGXCPU), "{status}");
    assert!(started.elapsed() > Duration::from_secs(4), "{:?}", started.elapsed());
}

/// What `examples/confined.rs` says, and how it ends.
fn confined(argument: Option<&str>) -> (String, std::process::ExitStatus) {
    let example = PathBuf::from(env!("CARGO_BIN_EXE_hasty")).with_file_name("examples").join("confined");
    let output = Command::new(example).args(argument).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status)
}

fn workers() -> Workers {
    Workers::new(PathBuf::from(env!("CARGO_BIN_EXE_hasty")))
}

async fn examine(photo: &[u8]) -> Examined {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(photo).unwrap();
    workers().examine(file).await.unwrap()
}

/// What comes of a worker that does this.
async fn ends(script: &str) -> Result<Examined, WorkerError> {
    let folder = TempDir::new().unwrap();
    Workers::new(worker_that(folder.path(), script)).examine(File::open("/dev/null").unwrap()).await
}
