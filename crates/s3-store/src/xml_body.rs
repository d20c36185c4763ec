//! The bodies of requests that bring no object: XML, which s3s gathers and parses. They are compared with what their
//! headers say, as objects are; s3s does not compare most of it, and takes the rest for an error of its own.

use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Method, StatusCode};
use http_body::{Body, Frame, SizeHint};
use s3s::{S3Error, S3Result};

use crate::checksum::{Algorithm, Expected};
use crate::error::custom;
use crate::guard;
use crate::hasher::Hasher;

/// A body that ends in an error where it is not what was said.
pub(crate) struct XmlBody<B> {
    body: Pin<Box<B>>,
    /// None once the end was seen.
    check: Option<Check>,
    refusal: Arc<Mutex<Option<S3Error>>>,
}

/// The reason why a body was broken off: s3s hands on only that it was.
pub(crate) struct Refusal(Arc<Mutex<Option<S3Error>>>);

impl Refusal {
    pub(crate) fn take(self) -> Option<S3Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Check {
    expected: Expected,
    /// In base64: what the signature covers.
    sha256: Option<String>,
    /// s3s may stop reading once so many bytes have come.
    content_length: Option<u64>,
    hasher: Hasher,
    size_bytes: u64,
}

impl<B> XmlBody<B> {
    pub(crate) fn new(parts: &Parts, body: B) -> S3Result<(XmlBody<B>, Refusal)> {
        let refusal = Arc::new(Mutex::new(None));
        let check = Check::new(parts)?;
        Ok((XmlBody { body: Box::pin(body), check, refusal: refusal.clone() }, Refusal(refusal)))
    }
}

impl Check {
    /// None where the body is an object, or comes in chunks of its own, or does not matter.
    fn new(parts: &Parts) -> S3Result<Option<Check>> {
        let headers = &parts.headers;
        let is_xml = matches!(parts.method, Method::POST | Method::PUT) && !guard::brings_object(parts);
        if !is_xml || headers.contains_key("x-amz-decoded-content-length") {
            return Ok(None);
        }
        // The completion of an upload names the checksum of the whole object there, not that of its own body.
        let is_completion = guard::query_pairs(parts.uri.query()).any(|(name, _)| name == "uploadId");
        let expected = if is_completion { Expected::default() } else { Expected::parse(headers, None)? };
        let sha256 = headers.get("x-amz-content-sha256").and_then(|value| hex::decode(value).ok());
        let content_length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let (sha256, hasher) = (sha256.map(|bytes| BASE64_STANDARD.encode(bytes)), expected.hasher());
        Ok(Some(Check { expected, sha256, content_length, hasher, size_bytes: 0 }))
    }

    /// Whether the end was reached.
    fn update(&mut self, data: Option<&Bytes>) -> bool {
        let data = data.map(Bytes::as_ref).unwrap_or_default();
        self.hasher.update(data);
        self.size_bytes += data.len() as u64;
        self.content_length.is_some_and(|length| self.size_bytes >= length)
    }

    fn verify(self) -> S3Result<()> {
        let digests = self.hasher.finish();
        if self.sha256.is_some() && self.sha256.as_ref() != digests.sums.get(&Algorithm::Sha256) {
            let message = "The body does not fit the x-amz-content-sha256 header.";
            return Err(custom(StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch", message));
        }
        self.expected.verify(self.size_bytes, &digests)
    }
}

impl<B> Body for XmlBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(self.body.as_mut().poll_frame(cx));
        let is_end = match (&frame, &mut self.check) {
            (Some(Ok(frame)), Some(check)) => check.update(frame.data_ref()),
            (frame, _) => frame.is_none(),
        };
        if is_end && let Some(Err(error)) = self.check.take().map(Check::verify) {
            *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            return Poll::Ready(Some(Err("the body is not what its headers say".into())));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.check.is_none() && self.body.is_end_stream()
    }

    /// s3s takes it where there is no Content-Length.
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
