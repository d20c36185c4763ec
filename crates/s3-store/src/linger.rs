//! A refused upload hears why. A connection that closes while the client still sends is reset, and browsers then
//! report a network error instead of the answer; so what is left of a body is read and forgotten, within limits.
//! Only a client that waits to be asked for its body (RFC 9110, section 10.1.1) is answered without asking: after the
//! answer it sends none, and the connection has to end.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::EXPECT;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::runtime::Handle;
use tokio::time::timeout;

const MAX_BYTES: usize = 64 * 1024 * 1024;
const MAX_TIME: Duration = Duration::from_secs(30);

/// A body whose rest is read when nobody wants it any more.
pub(crate) struct Lingering<B: Body<Data = Bytes> + Send + 'static> {
    body: Option<Pin<Box<B>>>,
    /// Reading it asks the client for it.
    is_held_back: bool,
}

impl<B: Body<Data = Bytes> + Send + 'static> Lingering<B> {
    pub(crate) fn new(headers: &HeaderMap, body: B) -> Lingering<B> {
        Lingering { body: Some(Box::pin(body)), is_held_back: headers.contains_key(EXPECT) }
    }

    /// Whether the client waits to be asked for nothing: an empty body is answered without asking. The AWS SDK for
    /// Python then takes this answer's status for the next one's too, unless the connection ends (botocore before 1.44).
    pub(crate) fn is_empty_held_back(&self) -> bool {
        self.is_held_back && self.is_end_stream()
    }
}

impl<B: Body<Data = Bytes> + Send + 'static> Body for Lingering<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.is_held_back = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = body.as_mut().poll_frame(cx);
        if !matches!(polled, Poll::Pending | Poll::Ready(Some(Ok(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), |body| body.size_hint())
    }
}

impl<B: Body<Data = Bytes> + Send + 'static> Drop for Lingering<B> {
    fn drop(&mut self) {
        let is_held_back = self.is_held_back;
        let rest = self.body.take().filter(|body| !is_held_back && !body.is_end_stream());
        let Some(mut body) = rest else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(timeout(MAX_TIME, async move {
            let mut read_bytes = 0;
            while let Some(Ok(frame)) = body.frame().await {
                read_bytes += frame.data_ref().map_or(0, Bytes::len);
                if read_bytes > MAX_BYTES {
                    return;
                }
            }
        }));
    }
}
