//! Who calls: a handler that takes [`Guest`], [`Owner`] or [`Viewer`] is guarded by it, one without is public.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use http::request::Parts;
use url::Url;

use super::caller::Caller;
use crate::app::App;
use crate::config::is_loopback_host;
use crate::db::images::Scope;
use crate::db::invitations::Invitation;
use crate::domain::invitations;
use crate::error::Error;

pub const SESSION_COOKIE: &str = "hasty_session";

/// The address of somebody who may hold the owner key.
pub struct KeyHolder(IpAddr);

/// The holder of a living invitation's token.
pub struct Guest(pub Invitation);

/// The holder of the owner key, or of a session that was opened with it.
pub struct Owner;

/// A guest, or the owner: for what both may look at. A token outranks the owner's session.
pub enum Viewer {
    Guest(Invitation),
    Owner,
}

/// The origin that the caller sees the server at. A Host header counts only where it names this machine and nothing
/// is configured: links in answers must not lead where a stranger's request says.
pub struct PublicUrl(pub Url);

/// The variable part of a path, as text; what is no text names nothing that exists.
pub struct PathText(pub String);

/// The query's pairs.
pub struct QueryText(Vec<(String, String)>);

impl FromRequestParts<Arc<App>> for Guest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Guest, Error> {
        let token = token(parts).ok_or(Error::TokenMissing)?;
        invitations::admit(app, &token).await.map(Guest).map_err(|error| match error {
            Error::TokenUnknown => app.guesses.count(address(parts), app.clock.now(), error),
            error => error,
        })
    }
}

impl FromRequestParts<Arc<App>> for Owner {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Owner, Error> {
        if let Some(key) = bearer(parts) {
            return KeyHolder(address(parts)).sign_in(app, &key);
        }
        let now_secs = app.clock.now().secs();
        if !cookies(parts, SESSION_COOKIE).any(|cookie| app.secrets.is_session(cookie, now_secs)) {
            return Err(Error::NotSignedIn);
        }
        if !parts.method.is_safe() && is_foreign(parts, app) {
            return Err(Error::ForeignOrigin);
        }
        Ok(Owner)
    }
}

impl FromRequestParts<Arc<App>> for Viewer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Viewer, Error> {
        let is_owner = match (query_token(parts), bearer(parts)) {
            (Some(_), _) => false,
            // What is not the key is a guest's, and no guess.
            (None, Some(key)) => KeyHolder(address(parts)).opens(app, &key),
            (None, None) => Owner::from_request_parts(parts, app).await.is_ok(),
        };
        if is_owner {
            return Ok(Viewer::Owner);
        }
        Guest::from_request_parts(parts, app).await.map(|Guest(invitation)| Viewer::Guest(invitation))
    }
}

impl FromRequestParts<Arc<App>> for KeyHolder {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<KeyHolder, Error> {
        Ok(KeyHolder(address(parts)))
    }
}

impl KeyHolder {
    pub fn sign_in(&self, app: &App, key: &str) -> Result<Owner, Error> {
        if self.opens(app, key) {
            return Ok(Owner);
        }
        Err(app.guesses.count(self.0, app.clock.now(), Error::NotSignedIn))
    }

    /// Whoever has guessed too often is not heard, even with the right key.
    fn opens(&self, app: &App, key: &str) -> bool {
        app.guesses.check(self.0, app.clock.now()).is_ok() && app.secrets.is_owner_key(key)
    }
}

impl FromRequestParts<Arc<App>> for PublicUrl {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<PublicUrl, Error> {
        Ok(PublicUrl(public_url(parts, app)))
    }
}

impl FromRequestParts<Arc<App>> for PathText {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<PathText, Error> {
        Path::from_request_parts(parts, app).await.map(|Path(text)| PathText(text)).map_err(|_| Error::NotFound)
    }
}

impl FromRequestParts<Arc<App>> for QueryText {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<QueryText, Error> {
        Ok(QueryText::of(parts))
    }
}

impl PathText {
    /// An id that is no number names nothing that exists.
    pub fn id(&self) -> Result<i64, Error> {
        let digits = Some(&self.0).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse().ok()).ok_or(Error::NotFound)
    }
}

impl QueryText {
    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn of(parts: &Parts) -> QueryText {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        QueryText(url::form_urlencoded::parse(query).into_owned().collect())
    }
}

impl Viewer {
    pub fn scope(&self) -> Scope {
        match self {
            Viewer::Guest(invitation) => Scope::Invitation(invitation.id),
            Viewer::Owner => Scope::All,
        }
    }
}

/// Every request comes from somewhere: `serve` sees to it.
fn address(parts: &Parts) -> IpAddr {
    parts.extensions.get::<Caller>().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |caller| caller.address)
}

fn public_url(parts: &Parts, app: &App) -> Url {
    if let Some(url) = &app.config.public_url {
        return url.clone();
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    let local = host
        .and_then(|host| Url::parse(&format!("http://{host}")).ok())
        .filter(|url| url.host_str().is_some_and(is_loopback_host) && url.username().is_empty());
    local.map_or_else(
        || app.local_url.clone(),
        |mut url| {
            url.set_path("/");
            url.set_query(None);
            url.set_fragment(None);
            url
        },
    )
}

/// The token as given, if one was given: any text.
fn token(parts: &Parts) -> Option<String> {
    query_token(parts).or_else(|| bearer(parts)).filter(|token| !token.is_empty())
}

fn query_token(parts: &Parts) -> Option<String> {
    QueryText::of(parts).get("access_token").filter(|token| !token.is_empty()).map(str::to_owned)
}

fn bearer(parts: &Parts) -> Option<String> {
    let value = String::from_utf8_lossy(parts.headers.get(AUTHORIZATION)?.as_bytes());
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn cookies<'a>(parts: &'a Parts, name: &'a str) -> impl Iterator<Item = &'a str> {
    let headers = parts.headers.get_all(COOKIE).into_iter().filter_map(|header| header.to_str().ok());
    let pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(found, _)| *found == name).map(|(_, value)| value)
}

/// Browsers send `Origin` with every write; a request without one comes from no page.
fn is_foreign(parts: &Parts, app: &App) -> bool {
    let own = public_url(parts, app).origin().ascii_serialization();
    parts.headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes() != own.as_bytes())
}
