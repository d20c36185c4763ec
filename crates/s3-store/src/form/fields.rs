//! Reading a form: its fields into memory, bounded, and what follows them, the file, as a stream.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::Body;
use multer::{Field, Multipart};
use s3s::{S3Error, S3Result, s3_error};

/// What may precede the file, boundaries included: as much as S3 takes.
const MAX_FIELDS_BYTES: usize = 20 * 1024;
/// What is handed to the parser at once: small while every byte counts, larger for the file.
const FIELDS_PIECE_BYTES: usize = 1024;
const FILE_PIECE_BYTES: usize = 64 * 1024;

/// Values by lower-case name.
pub(super) type Fields = BTreeMap<String, String>;

/// A form that was read up to its file. What follows the file does not count.
pub(super) struct Form {
    pub(super) fields: Fields,
    pub(super) file: Field<'static>,
}

/// Reads the fields. `${filename}` in a value becomes the file's own name, before anybody looks at it.
pub(super) async fn read<B>(headers: &HeaderMap, body: B) -> S3Result<Form>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(malformed)?;
    let in_fields = Arc::new(AtomicBool::new(true));
    let pieces =
        Pieces { body: Box::pin(body), rest: Bytes::new(), in_fields: in_fields.clone(), fields_bytes: 0, gave: false };
    let mut multipart = Multipart::new(pieces, boundary);
    let mut fields = Fields::new();
    while let Some(field) = multipart.next_field().await.map_err(malformed)? {
        let name = field.name().map(str::to_ascii_lowercase).unwrap_or_default();
        if name == "file" {
            in_fields.store(false, Ordering::Relaxed);
            let file_name = field.file_name().unwrap_or_default().to_owned();
            fields.values_mut().for_each(|value| *value = named(value, &file_name));
            // A long name, in many places, makes megabytes of a few kilobytes.
            if fields.values().map(String::len).sum::<usize>() > MAX_FIELDS_BYTES {
                return Err(too_long());
            }
            return Ok(Form { fields, file: field });
        }
        let value = field.bytes().await.map_err(malformed)?;
        let value = String::from_utf8(value.into())
            .map_err(|_| s3_error!(MalformedPOSTRequest, "The field {name} is no UTF-8."))?;
        if fields.insert(name.clone(), value).is_some() {
            return Err(s3_error!(InvalidArgument, "The field {name} comes twice."));
        }
    }
    Err(s3_error!(InvalidArgument, "POST requires exactly one file upload per request."))
}

/// Some browsers send the whole path of the file; only its last segment is its name.
fn named(value: &str, file_name: &str) -> String {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    value.replace("${filename}", name)
}

fn malformed(error: multer::Error) -> S3Error {
    match error {
        multer::Error::StreamReadFailed(cause) if cause.is::<TooLong>() => too_long(),
        multer::Error::StreamReadFailed(_) => s3_error!(IncompleteBody),
        _ => s3_error!(MalformedPOSTRequest, "The body of your POST request is not well-formed multipart/form-data."),
    }
}

fn too_long() -> S3Error {
    s3_error!(MaxPostPreDataLengthExceededError, "Your POST request fields preceding the upload file were too large.")
}

/// The body in small pieces, one at each poll: the parser gathers all that it can get, and would hold a whole file.
struct Pieces<B> {
    body: Pin<Box<B>>,
    rest: Bytes,
    in_fields: Arc<AtomicBool>,
    fields_bytes: usize,
    gave: bool,
}

/// More came before the file than may.
#[derive(Debug, thiserror::Error)]
#[error("too long")]
struct TooLong;

impl<B> Stream for Pieces<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    type Item = Result<Bytes, Box<dyn StdError + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.gave) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.rest.is_empty() {
            match ready!(self.body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
            }
        }
        let in_fields = self.in_fields.load(Ordering::Relaxed);
        let piece_bytes = if in_fields { FIELDS_PIECE_BYTES } else { FILE_PIECE_BYTES };
        let len = self.rest.len().min(piece_bytes);
        if in_fields {
            self.fields_bytes += len;
            if self.fields_bytes > MAX_FIELDS_BYTES {
                return Poll::Ready(Some(Err(TooLong.into())));
            }
        }
        self.gave = true;
        Poll::Ready(Some(Ok(self.rest.split_to(len))))
    }
}

#[cfg(test)]
mod tests {
    //! No client sends as fast as a body can be that is there at once.

    use std::sync::atomic::AtomicUsize;

    use futures::{StreamExt, stream};
    use http::HeaderValue;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    #[tokio::test]
    async fn a_file_stays_where_it_is_until_somebody_reads_it() {
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = taken.clone();
        let chunk = Bytes::from(vec![7; FILE_PIECE_BYTES]);
        let file = stream::repeat(chunk).inspect(move |_| _ = counter.fetch_add(1, Ordering::Relaxed));
        let body = stream::iter([Bytes::from(head)]).chain(file);
        let body = StreamBody::new(body.map(|chunk| Ok::<_, std::io::Error>(Frame::data(chunk))));
        let content_type = HeaderValue::from_static("multipart/form-data; boundary=b");
        let mut form = read(&HeaderMap::from_iter([(CONTENT_TYPE, content_type)]), body).await.expect("a form");
        for _ in 0..10 {
            let read = form.file.chunk().await.expect("a chunk").expect("more");
            assert!(read.len() <= 2 * FILE_PIECE_BYTES);
        }
        assert!(taken.load(Ordering::Relaxed) <= 12, "{taken:?}");
    }
}
