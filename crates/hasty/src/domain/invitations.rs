//! Invitations: who may upload, until when.

use std::str::FromStr;
use std::time::Duration;

use email_address::{EmailAddress, Options};
use uuid::Uuid;

use crate::app::App;
use crate::clock::Micros;
use crate::db::invitations::{
    self, After, Invitation, InvitationChange, InvitedBy, LocationPolicy, NewInvitation, Quota,
};
use crate::db::jobs::{self, JobKind};
use crate::error::Error;
use crate::secrets::token_hash;

const EMAIL_CHARS: usize = 100;
const DAY_SECS: u64 = 86_400;

/// What somebody who invites says.
pub struct Invite {
    pub email: String,
    pub title: Option<String>,
    pub message: Option<String>,
    pub location: Option<LocationPolicy>,
    pub quota: Quota,
    pub end: Option<End>,
    pub invited_by: InvitedBy,
}

/// What the owner changes; `None` keeps, and a quota of 0 lifts it.
pub struct Change {
    pub title: Option<String>,
    pub message: Option<String>,
    pub location: Option<LocationPolicy>,
    pub quota: Quota,
    pub end: Option<End>,
}

/// When an invitation is to end.
pub enum End {
    At(Micros),
    InDays(u32),
}

/// The invitation that a token opens.
pub async fn admit(app: &App, token: &str) -> Result<Invitation, Error> {
    // What is no UUID is unknown without a look into the database.
    let token = Uuid::try_parse(token).map_err(|_| Error::TokenUnknown)?.to_string();
    let found: Option<Invitation> =
        app.db.read(move |tx| invitations::find_by_token_hash(tx, &token_hash(&token)).map_err(Error::from)).await?;
    let invitation = found.ok_or(Error::TokenUnknown)?;
    if invitation.revoked_at.is_some() || invitation.expires_at <= app.clock.now() {
        return Err(Error::TokenExpired);
    }
    Ok(invitation)
}

/// Makes an invitation, or extends the one that this address has.
pub async fn invite(app: &App, invite: Invite) -> Result<Invitation, Error> {
    let email = valid_email(&invite.email)?.to_owned();
    let now = app.clock.now();
    let public_id = Uuid::new_v4();
    let new = NewInvitation {
        public_id,
        token_hash: token_hash(&app.secrets.token(public_id).to_string()),
        email_key: email.to_lowercase(),
        email,
        title: invite.title,
        message: invite.message,
        location: invite.location,
        quota: invite.quota,
        invited_by: invite.invited_by,
        now,
        expires_at: end(app, now, invite.end)?,
    };
    let invitation = app
        .db
        .write(move |tx| {
            let location = new.location;
            let invitation = invitations::upsert(tx, new)?;
            if location == Some(invitation.location) {
                jobs::insert(tx, JobKind::Redact, invitation.id, now)?;
            }
            Ok::<_, Error>(invitation)
        })
        .await?;
    app.job_bell.notify_one();
    Ok(invitation)
}

pub async fn list(app: &App, after: Option<After>, limit: i64) -> Result<Vec<Invitation>, Error> {
    app.db.read(move |tx| Ok(invitations::list(tx, after, limit)?)).await
}

pub async fn find(app: &App, public_id: Uuid) -> Result<Invitation, Error> {
    let found: Option<Invitation> =
        app.db.read(move |tx| invitations::find(tx, public_id).map_err(Error::from)).await?;
    found.ok_or(Error::NotFound)
}

pub async fn change(app: &App, public_id: Uuid, change: Change) -> Result<Invitation, Error> {
    let now = app.clock.now();
    let expires_at = change.end.map(|new_end| end(app, now, Some(new_end))).transpose()?;
    let Change { title, message, location, quota, .. } = change;
    let change = InvitationChange { title, message, location, quota, expires_at };
    let changed = app
        .db
        .write(move |tx| {
            let changed = invitations::update(tx, public_id, change, now)?;
            if let (Some(invitation), Some(_)) = (&changed, location) {
                jobs::insert(tx, JobKind::Redact, invitation.id, now)?;
            }
            Ok::<_, Error>(changed)
        })
        .await?;
    app.job_bell.notify_one();
    changed.ok_or(Error::NotFound)
}

/// Ends an invitation's token for good; the same address then gets a new invitation.
pub async fn revoke(app: &App, public_id: Uuid) -> Result<(), Error> {
    let now = app.clock.now();
    let found = app.db.write(move |tx| invitations::revoke(tx, public_id, now).map_err(Error::from)).await?;
    if found { Ok(()) } else { Err(Error::NotFound) }
}

fn valid_email(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::InvalidEmail("An email is required"));
    }
    if text.chars().count() > EMAIL_CHARS {
        return Err(Error::InvalidEmail("An email has at most 100 characters"));
    }
    let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
    EmailAddress::parse_with_options(text, options).map_err(|_| Error::InvalidEmail("This is not a valid email"))?;
    if text.contains(['\0', '"']) || text.chars().any(char::is_control) {
        return Err(Error::InvalidEmail("This is not a valid email"));
    }
    Ok(text)
}

fn end(app: &App, now: Micros, end: Option<End>) -> Result<Micros, Error> {
    let in_days = |days: u32| now + Duration::from_secs(u64::from(days) * DAY_SECS);
    match end {
        None => Ok(in_days(app.config.invitation_days)),
        Some(End::InDays(days)) if (1..=365).contains(&days) => Ok(in_days(days)),
        Some(End::InDays(_)) => Err(Error::InvalidValue("expires_in_days: a number from 1 to 365 is expected".into())),
        Some(End::At(moment)) if moment > now => Ok(moment),
        Some(End::At(_)) => Err(Error::InvalidValue("expires_at: a time in the future is expected".into())),
    }
}

impl FromStr for End {
    type Err = Error;

    /// An ISO 8601 time with its offset.
    fn from_str(text: &str) -> Result<End, Error> {
        let moment: jiff::Timestamp = text
            .parse()
            .map_err(|_| Error::InvalidValue("expires_at: a time like 2026-01-02T03:04:05Z is expected".into()))?;
        Ok(End::At(moment.into()))
    }
}
