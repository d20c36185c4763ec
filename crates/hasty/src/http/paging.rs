//! Keyset pages: `?limit=` asks for them, and the `Link` header (RFC 8288) leads to the next.

use http::{HeaderValue, Uri};

use crate::error::Error;

const LIMIT: i64 = 1000;

/// `None` asks for the whole list.
pub fn limit(text: Option<&str>) -> Result<Option<i64>, Error> {
    let Some(text) = text else {
        return Ok(None);
    };
    let limit = text.parse().ok().filter(|limit| (1..=LIMIT).contains(limit));
    limit.map(Some).ok_or_else(|| Error::InvalidValue(format!("limit: a number from 1 to {LIMIT} is expected")))
}

pub fn bad_after() -> Error {
    Error::InvalidValue("after: take it from the Link header".into())
}

/// The same request, from behind `after` on.
pub fn next_link(uri: &Uri, after: &str) -> HeaderValue {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let kept = pairs.filter(|(name, _)| name != "after");
    let query =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair("after", after).finish();
    let link = format!("<{}?{query}>; rel=\"next\"", uri.path());
    HeaderValue::try_from(link).unwrap_or_else(|_| HeaderValue::from_static(""))
}
