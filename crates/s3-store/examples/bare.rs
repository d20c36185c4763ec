//! The limit that `cargo xtask bench store` holds the store against: a handler that does nothing but receive, write,
//! sync, rename and sync the folder. No signature, no checksum, no index; its connections are set up as `hasty`'s are.
//!
//! `bare <folder>` listens on a free port of the loopback interface and prints where. `PUT /<anything>/<name>` stores a
//! file below its last segment, `GET` answers it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::future::{Either, ready};
use futures::stream::try_unfold;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_blocking};

const CHUNK_BYTES: usize = 256 * 1024;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Body = UnsyncBoxBody<Bytes, Failure>;

struct Folder {
    tmp: PathBuf,
    files: PathBuf,
}

fn main() -> Result<(), Failure> {
    let root = std::env::args_os().nth(1).ok_or("name a folder")?;
    let folder = Folder { tmp: Path::new(&root).join("tmp"), files: Path::new(&root).join("files") };
    fs::create_dir_all(&folder.tmp)?;
    fs::create_dir_all(&folder.files)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(Arc::new(folder)))
}

async fn serve(folder: Arc<Folder>) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listens on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let folder = folder.clone();
        let service = service_fn(move |request| answer(folder.clone(), request));
        let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().timer(TokioTimer::new());
        tokio::spawn(async move { builder.serve_connection(TokioIo::new(stream), service).await });
    }
}

async fn answer(folder: Arc<Folder>, request: Request<Incoming>) -> Result<Response<Body>, Failure> {
    // The load names its files in letters and digits.
    let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match *request.method() {
        Method::PUT if is_plain => receive(folder, name, request.into_body()).await,
        Method::GET if is_plain => send(folder, name).await,
        _ => Ok(Response::builder().status(StatusCode::BAD_REQUEST).body(empty())?),
    }
}

/// Reads the next chunk from the connection while a thread writes the last one.
async fn receive(folder: Arc<Folder>, name: String, mut body: Incoming) -> Result<Response<Body>, Failure> {
    let temporary = folder.tmp.join(&name);
    let path = temporary.clone();
    let mut chunk = Vec::new();
    let mut chunk_bytes = 0;
    let mut writing = None;
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame?.into_data() else { continue };
        chunk_bytes += bytes.len();
        chunk.push(bytes);
        if chunk_bytes >= CHUNK_BYTES {
            let file = finished(writing.take()).await?;
            let (path, chunk) = (path.clone(), std::mem::take(&mut chunk));
            writing = Some(spawn_blocking(move || write(file, &path, &chunk)));
            chunk_bytes = 0;
        }
    }
    let file = finished(writing).await?;
    let placing = spawn_blocking(move || {
        write(file, &path, &chunk)?.sync_data()?;
        fs::rename(&temporary, folder.files.join(&name))?;
        File::open(&folder.files)?.sync_all()
    });
    placing.await??;
    Ok(Response::new(empty()))
}

async fn finished(writing: Option<JoinHandle<io::Result<File>>>) -> Result<Option<File>, Failure> {
    match writing {
        Some(writing) => Ok(Some(writing.await??)),
        None => Ok(None),
    }
}

fn write(file: Option<File>, path: &Path, chunk: &[Bytes]) -> io::Result<File> {
    let mut file = file.map_or_else(|| File::create_new(path), Ok)?;
    chunk.iter().try_for_each(|bytes| file.write_all(bytes))?;
    Ok(file)
}

/// Opens the file and reads its start in one go; a thread reads each later chunk while the one before is sent.
async fn send(folder: Arc<Folder>, name: String) -> Result<Response<Body>, Failure> {
    let opening = spawn_blocking(move || {
        let file = File::open(folder.files.join(name))?;
        let size = file.metadata()?.len();
        Ok::<_, io::Error>((size, read(file, size)?))
    });
    let (size, start) = opening.await??;
    let start = Either::Left(ready(Ok(Ok(start))));
    let chunks = try_unfold(Some(start), |reading| async {
        let Some(reading) = reading else { return Ok(None) };
        let (chunk, rest) = reading.await??;
        let ahead = rest.map(|(file, left)| Either::Right(spawn_blocking(move || read(file, left))));
        Ok::<_, Failure>(Some((Frame::data(chunk), ahead)))
    });
    let body = BodyExt::boxed_unsync(StreamBody::new(chunks));
    Ok(Response::builder().header("content-length", size).body(body)?)
}

/// The next chunk, and where more is left the file and how much.
fn read(file: File, left: u64) -> io::Result<(Bytes, Option<(File, u64)>)> {
    let len = left.min(CHUNK_BYTES as u64);
    let mut chunk = Vec::with_capacity(len as usize);
    if (&file).take(len).read_to_end(&mut chunk)? as u64 != len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let left = left - len;
    Ok((chunk.into(), (left > 0).then_some((file, left))))
}

fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}
