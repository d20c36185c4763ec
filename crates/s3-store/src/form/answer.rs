//! What a form's sender gets: an empty answer, a short document, or a redirect to where its author wants it.

use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use s3s::Body;
use url::Url;

use super::fields::Fields;
use crate::index::objects::Object;
use crate::s3::listing::percent_encode;

/// The answer for a stored file.
pub(super) fn stored(fields: &Fields, bucket: &str, key: &str, object: &Object) -> Response<Body> {
    let etag = format!("\"{}\"", object.etag);
    let mut location = format!("/{bucket}/{}", percent_encode(key));
    let mut response = Response::new(Body::empty());
    let status = fields.get("success_action_status").map(String::as_str);
    *response.status_mut() = match (redirect(fields), status) {
        (Some(mut url), _) => {
            url.query_pairs_mut().extend_pairs([("bucket", bucket), ("key", key), ("etag", &etag)]);
            location = url.into();
            StatusCode::SEE_OTHER
        }
        (None, Some("200")) => StatusCode::OK,
        (None, Some("201")) => {
            *response.body_mut() = Body::from(document(&location, bucket, key, &etag));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            StatusCode::CREATED
        }
        // S3 takes any other value for the one that it has by default.
        (None, _) => StatusCode::NO_CONTENT,
    };
    for (name, value) in [(ETAG, etag), (LOCATION, location)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Where the sender's browser goes next; S3 passes over what is no address of a page.
fn redirect(fields: &Fields) -> Option<Url> {
    let value = fields.get("success_action_redirect").or(fields.get("redirect"))?;
    Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn document(location: &str, bucket: &str, key: &str, etag: &str) -> String {
    let [location, bucket, key, etag] = [location, bucket, key, etag].map(escaped);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><PostResponse><Location>{location}</Location>\
         <Bucket>{bucket}</Bucket><Key>{key}</Key><ETag>{etag}</ETag></PostResponse>"
    )
}

fn escaped(text: &str) -> String {
    let entities = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;")];
    entities.iter().fold(text.to_owned(), |text, (character, entity)| text.replace(character, entity))
}
