//! The door of the store: one request in, one response out.

use std::error::Error as StdError;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Error, S3Result, s3_error};

use crate::explain::explain;
use crate::inner::Inner;
use crate::linger::Lingering;
use crate::s3::{Operations, SignedOnly};
use crate::settings::{OpenError, Settings};
use crate::xml_body::XmlBody;
use crate::{controls, cors, form, guard, harden, region};

/// An open store. Clones share it; with the last one (and the last body that it sends) it closes.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    s3: S3Service,
}

impl Store {
    /// Opens the store in `settings.dir`, or makes it, and clears up what a crash left behind. Blocks.
    ///
    /// # Errors
    /// Where the folder cannot be used, another process uses it, or it holds files but no index, or the other way round.
    pub fn open(settings: Settings) -> Result<Store, OpenError> {
        let auth = SimpleAuth::from_single(settings.access_key_id.clone(), settings.secret_access_key.clone());
        let inner = Arc::new(Inner::open(settings)?);
        let mut config = S3Config::default();
        config.xml_max_body_size = guard::MAX_XML_BYTES;
        let mut builder = S3ServiceBuilder::new(Operations(inner.clone()));
        builder.set_auth(auth);
        builder.set_access(SignedOnly);
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        Ok(Store { inner, s3: builder.build() })
    }

    /// Whether a request is for this store: it is signed as S3 signs, or its path begins with an existing bucket.
    pub fn is_for_store(&self, parts: &Parts) -> bool {
        guard::is_signed(&parts.headers, parts.uri.query()) || self.inner.bucket(bucket_of(parts)).is_some()
    }

    /// Why nothing is written until the next start, where the disk has failed; reading goes on.
    pub fn failure(&self) -> Option<&str> {
        self.inner.disk.failure()
    }

    /// Answers an S3 request, path-style (`/<bucket>/<key>`). The path must be the one that was signed.
    pub async fn call<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let body = Lingering::new(&parts.headers, body);
        let is_last = body.is_empty_held_back();
        let bucket = self.inner.bucket(bucket_of(&parts));
        let rules = bucket.as_ref().and_then(|bucket| bucket.cors.as_deref());
        let is_head = parts.method == Method::HEAD;
        let (cors, outcome) = if parts.method == Method::OPTIONS {
            match cors::preflight(rules, &parts.headers) {
                Ok(allowed) => (allowed, Ok(Response::new(Body::empty()))),
                Err(refusal) => (cors::varies(), Err(refusal)),
            }
        } else {
            (cors::answer(rules, &parts.headers, parts.method.as_str()), self.serve(parts, body).await)
        };
        let mut response = outcome.unwrap_or_else(error_response);
        explain(&mut response);
        if is_head && response.status() == StatusCode::OK && response.headers().contains_key(CONTENT_RANGE) {
            // s3s has no status of its own for the HEAD of a range.
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        if is_head || response.status() == StatusCode::NOT_MODIFIED {
            drop_body(&mut response);
        }
        if is_last {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        controls::refer(&mut response);
        response.headers_mut().extend(cors);
        harden::apply(&mut response);
        response
    }

    async fn serve<B>(&self, mut parts: Parts, body: Lingering<B>) -> S3Result<Response<Body>>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        if form::is_form_post(&parts) {
            return form::post_object(&self.inner, &parts, body).await;
        }
        if let Some(refusal) = region::refusal(&parts.headers, &self.inner.settings.region) {
            return Ok(refusal);
        }
        guard::check(&mut parts, &self.inner.settings)?;
        let (body, refusal) = XmlBody::new(&parts, body)?;
        let answer = self.s3.call(Request::from_parts(parts, Body::http_body_unsync(body))).await;
        refusal.take().map_or_else(|| answer.map_err(|_| s3_error!(InternalError)), Err)
    }
}

/// The first segment of the path; a bucket's name needs no percent-encoding.
fn bucket_of(parts: &Parts) -> &str {
    let path = parts.uri.path();
    path.strip_prefix('/').unwrap_or(path).split('/').next().unwrap_or_default()
}

fn error_response(error: S3Error) -> Response<Body> {
    error.to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// These answers have no body by definition; the length that HEAD names stays, except where it is an error's.
fn drop_body(response: &mut Response<Body>) {
    *response.body_mut() = Body::empty();
    if !response.status().is_success() {
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().remove(CONTENT_TYPE);
    }
}
