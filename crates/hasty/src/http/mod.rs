//! HTTP. The whole route table is [`routes`]; who may call is in each handler's first argument.

mod assets;
mod body;
mod caller;
mod events;
mod extract;
mod fields;
pub mod figures;
mod files;
mod headers;
mod health;
mod image_view;
mod images;
mod invitations;
mod language;
mod pages;
mod paging;
mod parts;
mod picks;
mod receipt;
mod session;
mod span;
mod stats;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};
use http::header::LAST_MODIFIED;
use http::{Method, Request};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::app::App;
use crate::config::RESERVED_BUCKETS;
use crate::error::Error;
use crate::telemetry;
pub use caller::Caller;
use caller::REQUEST_ID;
use extract::{Guest, Viewer};

/// Every path is written without its trailing slash; [`Http::answer`] takes that away before it looks here.
fn routes() -> Router<Arc<App>> {
    // For a guest who holds a token, in the query or as a bearer.
    let guest = Router::new()
        .route("/api/upload", guest_only(get(pages::upload).post(pages::share), "GET, HEAD, POST"))
        .route("/api/upload/manifest.webmanifest", guest_only(get(pages::manifest), "GET, HEAD"))
        .route("/api/files/policy", guest_only(post(files::sign), "POST"))
        .route("/api/files/complete", guest_only(post(files::complete), "POST"))
        .route("/api/files/parts", guest_only(post(parts::sign), "POST"))
        .route("/api/files/{id}/parts", guest_only(get(parts::list).delete(parts::abort), "GET, HEAD, DELETE"))
        .route(
            "/api/picks",
            guest_only(get(picks::show).post(picks::remember).delete(picks::forget), "GET, HEAD, POST, DELETE"),
        );

    // For a guest, about their own; for the owner, about everything.
    let viewer = Router::new()
        .route("/api/events", viewer_only(get(events::watch), "GET, HEAD"))
        .route("/api/images.csv", viewer_only(get(receipt::list), "GET, HEAD"))
        .route("/api/images", viewer_only(get(images::list), "GET, HEAD"))
        .route("/api/images/{id}", viewer_only(get(images::show).delete(images::delete), "GET, HEAD, DELETE"))
        .route("/api/images/{id}/download", viewer_only(get(images::download), "GET, HEAD"))
        .route("/api/images/{id}/thumbnail", viewer_only(get(images::thumbnail), "GET, HEAD"));

    // For the owner, by key or session; inviting is for everybody in open mode.
    let invitations = || only(get(invitations::list).post(invitations::create), "GET, HEAD, POST");
    let owner = Router::new()
        .route("/api/invitation", invitations())
        .route("/api/invitations", invitations())
        .route("/invitation", invitations())
        .route(
            "/api/invitation/{id}",
            only(
                get(invitations::show).patch(invitations::change).delete(invitations::revoke),
                "GET, HEAD, PATCH, DELETE",
            ),
        )
        .route("/api/invitation/{id}/qr.svg", only(get(invitations::qr_code), "GET, HEAD"))
        .route("/api/stats", only(get(stats::show), "GET, HEAD"))
        .route("/api/session", only(post(session::open).merge(delete(session::close)), "POST, DELETE"));

    // For everybody and for machines.
    let public = Router::new()
        .route("/", only(get(pages::home), "GET, HEAD"))
        .route("/admin", only(get(pages::admin), "GET, HEAD"))
        .route("/icon.svg", only(get(assets::icon), "GET, HEAD"))
        .route("/api/upload/service-worker.js", only(get(assets::service_worker), "GET, HEAD"))
        .route("/assets/{*path}", only(get(assets::serve), "GET, HEAD"))
        .route("/healthz", only(get(health::alive), "GET, HEAD"))
        .route("/readyz", only(get(health::ready), "GET, HEAD"));

    guest.merge(viewer).merge(owner).merge(public).fallback(async || Error::NotFound)
}

/// The server's whole HTTP surface: its own routes, and the embedded store's beside them.
#[derive(Clone)]
pub struct Http {
    pub app: Arc<App>,
    routes: Router,
}

impl Http {
    pub fn new(app: Arc<App>) -> Http {
        let routes = routes()
            .layer(DefaultBodyLimit::disable())
            .layer(from_fn(name_route))
            .layer(CatchPanicLayer::custom(|_| Error::Panicked.into_response()))
            .with_state(app.clone());
        Http { app, routes }
    }

    /// `request` carries its [`Caller`].
    pub async fn answer(self, request: Request<Body>) -> Result<Response, Infallible> {
        let (method, began) = (request.method().clone(), Instant::now());
        let request_id = request.extensions().get::<Caller>().map(|caller| caller.request_id.clone());
        let span = span::request(&request);
        let mut response = self.route(request).instrument(span.clone()).await?;
        let route = response.extensions_mut().remove::<Route>().unwrap_or(Route("none".into()));
        telemetry::request_answered(&method, &route.0, response.status(), began.elapsed());
        span::answered(&span, method.as_str(), &route.0, response.status());
        response.headers_mut().extend(request_id.map(|id| (REQUEST_ID, id)));
        Ok(response)
    }

    async fn route(self, request: Request<Body>) -> Result<Response, Infallible> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let is_own = RESERVED_BUCKETS.contains(&path.split('/').nth(1).unwrap_or_default());
        if !is_own
            && let Some(store) = self.app.storage.store()
            && store.is_for_store(&parts)
        {
            let is_readers = headers::is_readers(&parts.uri);
            let mut request = Request::from_parts(parts, body);
            if is_readers {
                headers::ask_for_no_age(request.headers_mut());
            }
            let mut response = store.call(request).await.map(Body::new);
            if is_readers {
                response.headers_mut().remove(LAST_MODIFIED);
            }
            response.extensions_mut().insert(Route("store".into()));
            return Ok(response);
        }
        let request = Request::from_parts(parts, body);
        let response = self.routes.oneshot(without_trailing_slash(request)).await?;
        Ok(headers::secure(&self.app, &path, response))
    }
}

/// The route that answered, for figures: a path would be another one for each photo.
#[derive(Clone)]
struct Route(String);

async fn name_route(request: axum::extract::Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    if let Some(path) = path {
        response.extensions_mut().insert(Route(path));
    }
    response
}

/// The slash is taken from the path and not redirected: a redirect would lose a POST's body.
fn without_trailing_slash(mut request: Request<Body>) -> Request<Body> {
    let path = request.uri().path();
    if path.len() > 1
        && let Some(bare) = path.strip_suffix('/')
    {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(path_and_query) = format!("{bare}{query}").parse() {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(path_and_query);
            if let Ok(uri) = http::Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
    }
    request
}

fn only(methods: MethodRouter<Arc<App>>, allow: &'static str) -> MethodRouter<Arc<App>> {
    methods.fallback(async move |method: Method| not_allowed(&method, allow))
}

/// The token is looked at before anything else, the method included.
fn guest_only(methods: MethodRouter<Arc<App>>, allow: &'static str) -> MethodRouter<Arc<App>> {
    methods.fallback(async move |_: Guest, method: Method| not_allowed(&method, allow))
}

fn viewer_only(methods: MethodRouter<Arc<App>>, allow: &'static str) -> MethodRouter<Arc<App>> {
    methods.fallback(async move |_: Viewer, method: Method| not_allowed(&method, allow))
}

fn not_allowed(method: &Method, allow: &'static str) -> Error {
    Error::MethodNotAllowed { method: method.to_string(), allow }
}
