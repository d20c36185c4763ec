//! How long calls to an external storage may take: a photo of any size gets through a slow line, and no call hangs for ever.

use std::time::Duration;

use axum::body::Body;
use futures::{StreamExt, stream};
use http::header::CONTENT_LENGTH;
use http::{Method, Request};

use super::StorageError;

/// A call that moves no photo; silence, where one comes.
pub const CALL: Duration = Duration::from_secs(30);
/// A copy or the joining of parts moves all bytes of a photo inside the storage.
const COPY: Duration = Duration::from_secs(600);
/// The slowest line that a photo goes out on: eight photos at once then share half a megabit each.
const BYTES_PER_SEC: u64 = 64 << 10;

/// Until the answer has been read. `None`: a photo comes, whose size nobody knows yet; see [`never_silent`].
pub fn of(request: &Request<Body>) -> Option<Duration> {
    let headers = request.headers();
    if headers.contains_key("x-amz-copy-source") || request.method() == Method::POST {
        return Some(COPY);
    }
    if request.method() == Method::GET && !headers.contains_key("range") {
        return None;
    }
    let size_bytes = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    Some(CALL + Duration::from_secs(size_bytes.unwrap_or(0) / BYTES_PER_SEC))
}

/// What comes in time.
pub async fn heard<T>(coming: impl Future<Output = T>) -> Result<T, StorageError> {
    let silent = |_| StorageError::Unreachable(format!("it has said nothing for {} seconds", CALL.as_secs()));
    tokio::time::timeout(CALL, coming).await.map_err(silent)
}

/// A body that may take as long as it likes, as long as it goes on.
pub fn never_silent(body: Body) -> Body {
    Body::from_stream(stream::unfold(Some(body.into_data_stream()), async |body| {
        let mut body = body?;
        match heard(body.next()).await {
            Ok(chunk) => Some((chunk?.map_err(axum::BoxError::from), Some(body))),
            Err(error) => Some((Err(error.into()), None)),
        }
    }))
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn limit(method: Method, headers: &[(&str, &str)]) -> Option<Duration> {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        of(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn a_call_may_take_as_long_as_its_bytes_need() {
        let minutes = |minutes: u64| Some(Duration::from_secs(minutes * 60));
        assert_eq!(limit(Method::HEAD, &[]), Some(CALL));
        assert_eq!(limit(Method::PUT, &[("content-length", "1000")]), Some(CALL));
        assert!(limit(Method::PUT, &[("content-length", "524288000")]) > minutes(60), "a film on a slow line");
        assert_eq!(limit(Method::PUT, &[("x-amz-copy-source", "/bucket/key")]), minutes(10));
        assert_eq!(limit(Method::GET, &[("range", "bytes=0-9")]), Some(CALL));
        assert_eq!(limit(Method::GET, &[]), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_download_may_be_slow_but_not_silent() {
        let chunk_in = |secs| async move {
            tokio::time::sleep(Duration::from_secs(secs)).await;
            Ok::<_, std::io::Error>("chunk")
        };
        let slow = never_silent(Body::from_stream(stream::iter([20; 100]).then(chunk_in)));
        assert_eq!(axum::body::to_bytes(slow, 1000).await.unwrap().len(), 500);
        let silent = never_silent(Body::from_stream(stream::iter([20, 31]).then(chunk_in)));
        let error = axum::body::to_bytes(silent, 1000).await.unwrap_err();
        assert!(error.to_string().contains("nothing for 30 seconds"), "{error}");
    }
}
