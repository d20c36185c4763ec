//! Control characters in XML. XML 1.0 has no place for most of them, and readers take a carriage return for a line
//! feed: S3 writes them as references, which some readers take and others refuse (`encoding-type=url` is for those).

use bytes::Bytes;
use http::Response;
use s3s::Body;

use crate::harden::ServesObject;

/// Writes the control characters in an XML answer as references; an object is left as it is.
pub(crate) fn refer(response: &mut Response<Body>) {
    if response.extensions().get::<ServesObject>().is_some() {
        return;
    }
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n');
    let Some(xml) = response.body().bytes().filter(|bytes| bytes.iter().any(is_control)) else { return };
    let mut referred = Vec::with_capacity(xml.len() + 64);
    for byte in xml {
        if is_control(&byte) {
            referred.extend_from_slice(format!("&#x{byte:X};").as_bytes());
        } else {
            referred.push(byte);
        }
    }
    *response.body_mut() = Body::from(Bytes::from(referred));
}
