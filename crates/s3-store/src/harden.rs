//! What a browser may do with an answer. Objects come from strangers and may share their origin with the owner's
//! pages: none of them ever runs as a document there.

use http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response};

/// Types that a browser shows without running anything: raster images, sound, film; and plain bytes, which it saves.
const INLINE_TYPES: [&str; 14] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/heic",
    "image/heif",
    "image/jxl",
    "image/tiff",
    "image/bmp",
    "video/mp4",
    "audio/mpeg",
    "application/octet-stream",
    "binary/octet-stream",
];

/// Marks the answer of an operation as the bytes or the head of an object, in its extensions.
#[derive(Clone)]
pub(crate) struct ServesObject;

/// Hardens any answer of the store.
pub(crate) fn apply<B>(response: &mut Response<B>) {
    let is_object = response.extensions().get::<ServesObject>().is_some();
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Pages of other origins show these images; who may fetch them, the signed URL decides.
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    if is_object && !is_inline_type(headers) {
        attach(headers);
    }
}

fn is_inline_type(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    // A browser takes a comma for the beginning of another type, and the last one counts.
    // <https://fetch.spec.whatwg.org/#content-type-header>
    let value = value.to_str().ok().filter(|value| !value.contains(',')).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    INLINE_TYPES.iter().any(|inline| inline.eq_ignore_ascii_case(essence))
}

/// Makes the answer a download, under the name that it was given, if any.
fn attach(headers: &mut HeaderMap) {
    let given = headers.get(CONTENT_DISPOSITION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (_, parameters) = given.split_once(';').unwrap_or_default();
    let value = match parameters.trim() {
        "" => "attachment".to_owned(),
        parameters => format!("attachment; {parameters}"),
    };
    let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"));
    headers.insert(CONTENT_DISPOSITION, value);
}
