//! Clients guess regions. Any that can be one is taken, since the store has no other; but s3s refuses what cannot, such
//! as the `US` of s3cmd. S3 then names the right one in an element of its own, and clients sign again with it.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use s3s::Body;

/// S3's answer to a request whose Authorization header names a region that is none.
pub(crate) fn refusal(headers: &HeaderMap, region: &str) -> Option<Response<Body>> {
    let authorization = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let scope = authorization.split_once("Credential=")?.1.split([',', ' ']).next()?;
    // The access key may hold slashes of its own: from the end these are the request, the service and the region.
    let claimed = scope.rsplit('/').nth(2)?;
    if is_region(claimed) || !is_region(region) {
        return None;
    }
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AuthorizationHeaderMalformed</Code>\
         <Message>The authorization header is malformed; the region is wrong; expecting '{region}'</Message>\
         <Region>{region}</Region></Error>"
    );
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    Some(response)
}

fn is_region(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
