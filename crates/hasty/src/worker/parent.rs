//! The server's side: starts workers, a bounded number at once, and understands how each ended.

use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::ValueEnum;
use metadata::{NoCopy, Piece};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::answer::{self, MAX_ANSWER_BYTES};
use super::child::{CANNOT_PROTECT, CANNOT_READ};
use super::{Examined, Problem, Protections, Task, WorkerError};

/// On the clock, from the start of the process. Twice what its processor time may be, which ends it first on a machine
/// that has time for it.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// What is kept of a worker's standard error.
const MAX_ERROR_BYTES: u64 = 4096;
/// How Rust's allocator begins its last words.
const OUT_OF_MEMORY: &[u8] = b"memory allocation of ";

/// Starts workers. Clones share one bound on how many run at once: as many as the machine has processors.
#[derive(Clone, Debug)]
pub struct Workers {
    exe: PathBuf,
    places: Arc<Semaphore>,
}

impl Workers {
    /// `exe` is this program's binary: the one that knows `hasty worker`.
    pub fn new(exe: PathBuf) -> Self {
        let places = available_parallelism().map_or(1, Into::into);
        Self { exe, places: Arc::new(Semaphore::new(places)) }
    }

    /// Workers from the running binary.
    pub fn of_this_program() -> io::Result<Self> {
        std::env::current_exe().map(Self::new)
    }

    /// Tries a worker, and logs once what this kernel does not protect: for the start of a server.
    pub async fn check(&self) -> Result<Protections, WorkerError> {
        let nothing = File::open("/dev/null").map_err(WorkerError::Start)?;
        let examined = self.examine(nothing).await?;
        let protections = examined.protections.ok_or_else(|| WorkerError::Begin("it ended early".to_owned()))?;
        if protections != Protections::ALL {
            let Protections { landlock, seccomp } = protections;
            tracing::warn!(landlock, seccomp, "photos are decoded in processes that this kernel protects only in part");
        }
        Ok(protections)
    }

    /// Examines the photo in `file`, a regular file open for reading, from its start on wherever it stands. Waits for a
    /// place, then for 10 seconds at most. Dropped, it ends its worker.
    pub async fn examine(&self, file: File) -> Result<Examined, WorkerError> {
        let (answer, end) = self.run(Task::Examine, file).await?;
        Ok(examined(&answer, end))
    }

    /// The pieces of a copy of the photo that tells no place; as [`Workers::examine`].
    pub async fn copy_without_location(&self, file: File) -> Result<Result<Vec<Piece>, NoCopy>, WorkerError> {
        let length = file.metadata().map_err(WorkerError::Start)?.len();
        let (answer, end) = self.run(Task::CopyWithoutLocation, file).await?;
        Ok(match end {
            End::Orderly => answer::read_copy(&answer, length).unwrap_or(Err(NoCopy::Damaged)),
            End::Broken(Problem::Interrupted) => return Err(WorkerError::Interrupted),
            End::Broken(Problem::TooSlow | Problem::TooMuchMemory) => Err(NoCopy::TooLarge),
            End::Broken(_) => Err(NoCopy::Damaged),
        })
    }

    async fn run(&self, task: Task, file: File) -> Result<(Vec<u8>, End), WorkerError> {
        let _place = self.places.acquire().await.map_err(|error| WorkerError::Start(io::Error::other(error)))?;
        let mut child = self.start(task, file).map_err(WorkerError::Start)?;
        let (mut answer, mut words) = (Vec::new(), Vec::new());
        let ended = timeout(TIME_LIMIT, until_end(&mut child, &mut answer, &mut words)).await;
        let end = match ended {
            Ok(status) => End::of(status.map_err(WorkerError::Talk)?, &words)?,
            Err(_) => {
                child.kill().await.map_err(WorkerError::Talk)?;
                End::Broken(Problem::Interrupted)
            }
        };
        Ok((answer, end))
    }

    fn start(&self, task: Task, photo: File) -> io::Result<Child> {
        let task = task.to_possible_value().ok_or(io::ErrorKind::InvalidInput)?;
        Command::new(&self.exe)
            .args(["worker", task.get_name()])
            .env_clear()
            .current_dir("/")
            .stdin(photo)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C is for the server, which stops in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }
}

/// How a worker ended that got to the photo.
enum End {
    Orderly,
    Broken(Problem),
}

impl End {
    fn of(status: ExitStatus, words: &[u8]) -> Result<Self, WorkerError> {
        let begin = || WorkerError::Begin(String::from_utf8_lossy(words).trim().to_owned());
        match (status.code().map(u8::try_from), status.signal()) {
            (Some(Ok(0)), _) => Ok(Self::Orderly),
            (Some(Ok(CANNOT_PROTECT | CANNOT_READ)), _) => Err(begin()),
            (_, Some(libc::SIGXCPU)) => Ok(Self::Broken(Problem::TooSlow)),
            // Whoever stops a server, or the kernel for want of memory: of its own a worker gets none of these.
            (_, Some(libc::SIGTERM | libc::SIGINT | libc::SIGHUP | libc::SIGKILL)) => {
                Ok(Self::Broken(Problem::Interrupted))
            }
            (_, Some(libc::SIGABRT)) if words.windows(OUT_OF_MEMORY.len()).any(|part| part == OUT_OF_MEMORY) => {
                Ok(Self::Broken(Problem::TooMuchMemory))
            }
            _ => Ok(Self::Broken(Problem::Damaged)),
        }
    }
}

/// Reads all that the worker has to say, and waits for its end.
async fn until_end(child: &mut Child, answer: &mut Vec<u8>, words: &mut Vec<u8>) -> io::Result<ExitStatus> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    tokio::try_join!(read(out, MAX_ANSWER_BYTES, answer), read(err, MAX_ERROR_BYTES, words))?;
    child.wait().await
}

/// At most `limit` bytes; the worker finds its pipe closed behind them.
async fn read(from: Option<impl AsyncRead + Unpin>, limit: u64, to: &mut Vec<u8>) -> io::Result<()> {
    match from {
        Some(from) => from.take(limit).read_to_end(to).await.map(drop),
        None => Ok(()),
    }
}

fn examined(answer: &[u8], end: End) -> Examined {
    let (first, second) = answer::read(answer);
    let (reading, protections) = match first {
        Some(answer::First { reading, protections }) => (reading, Some(protections)),
        None => (metadata::Reading::default(), None),
    };
    let previews = match end {
        End::Broken(problem) => Err(problem),
        End::Orderly => second.unwrap_or(Err(Problem::Damaged)),
    };
    Examined { reading, previews, protections }
}
