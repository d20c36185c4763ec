//! Table `invitations`.

use uuid::Uuid;

use super::{DbError, Row, Tx, params};
use crate::clock::Micros;

/// An invitation as it is stored. Its token is derived, never stored.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub id: i64,
    pub public_id: Uuid,
    pub email: String,
    pub title: Option<String>,
    pub message: Option<String>,
    pub created_at: Micros,
    pub updated_at: Micros,
    pub expires_at: Micros,
    pub revoked_at: Option<Micros>,
    pub location: LocationPolicy,
    pub quota: Quota,
    /// Photos that have arrived, as the statistics count them.
    pub image_count: i64,
    pub total_bytes: i64,
}

/// The most that is taken; `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    pub max_files: Option<i64>,
    pub max_bytes: Option<i64>,
}

/// What is stored of where a photo was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LocationPolicy {
    /// As the photo says.
    Keep,
    /// To about a kilometre.
    Coarse,
    /// Nothing.
    Strip,
}

impl LocationPolicy {
    pub fn parse(text: &str) -> Option<LocationPolicy> {
        match text {
            "keep" => Some(LocationPolicy::Keep),
            "coarse" => Some(LocationPolicy::Coarse),
            "strip" => Some(LocationPolicy::Strip),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            LocationPolicy::Keep => "keep",
            LocationPolicy::Coarse => "coarse",
            LocationPolicy::Strip => "strip",
        }
    }
}

pub struct NewInvitation {
    pub public_id: Uuid,
    pub token_hash: String,
    pub email: String,
    /// What makes two addresses the same: lower case.
    pub email_key: String,
    pub title: Option<String>,
    pub message: Option<String>,
    pub location: Option<LocationPolicy>,
    pub quota: Quota,
    pub invited_by: InvitedBy,
    pub now: Micros,
    pub expires_at: Micros,
}

/// In open mode strangers invite, too: what is kept of the photos of an invitation that exists, only its owner changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitedBy {
    Owner,
    Anybody,
}

/// What an owner may change; `None` keeps, and a quota of 0 lifts it.
pub struct InvitationChange {
    pub title: Option<String>,
    pub message: Option<String>,
    pub location: Option<LocationPolicy>,
    pub quota: Quota,
    pub expires_at: Option<Micros>,
}

/// Where the next page begins: after this invitation.
pub type After = i64;

macro_rules! columns {
    () => {
        "id, public_id, email, title, message, created_at, updated_at, expires_at, revoked_at, location,
         max_files, max_bytes,
         COALESCE((SELECT images FROM stats WHERE invitation_id = invitations.id AND kind = 'total' AND value = ''), 0),
         COALESCE((SELECT bytes FROM stats WHERE invitation_id = invitations.id AND kind = 'total' AND value = ''), 0)"
    };
}

/// Inserts, or extends the living invitation of the same address: two at once make one row.
pub fn upsert(tx: &mut Tx, new: NewInvitation) -> Result<Invitation, DbError> {
    let location = new.location.map(LocationPolicy::as_str);
    let is_owner = new.invited_by == InvitedBy::Owner;
    let row = tx.query_opt(
        concat!(
            "INSERT INTO invitations (public_id, token_hash, email, email_key, title, message, location, created_at, updated_at,
                                  expires_at, max_files, max_bytes)
         VALUES ($1, $2, $3, $4, $5, $6, COALESCE($7, 'keep'), $8, $8, $9, NULLIF($10, CAST(0 AS BIGINT)), NULLIF($11, CAST(0 AS BIGINT)))
         ON CONFLICT (email_key) WHERE revoked_at IS NULL DO UPDATE SET
             updated_at = excluded.updated_at, expires_at = excluded.expires_at,
             title = COALESCE(excluded.title, invitations.title),
             message = COALESCE(excluded.message, invitations.message),
             location = COALESCE($12, invitations.location),
             max_files = NULLIF(COALESCE($13, invitations.max_files), 0),
             max_bytes = NULLIF(COALESCE($14, invitations.max_bytes), 0)
         RETURNING ",
            columns!()
        ),
        params![
            new.public_id.to_string(),
            new.token_hash,
            new.email,
            new.email_key,
            new.title,
            new.message,
            location,
            new.now,
            new.expires_at,
            new.quota.max_files,
            new.quota.max_bytes,
            location.filter(|_| is_owner),
            new.quota.max_files.filter(|_| is_owner),
            new.quota.max_bytes.filter(|_| is_owner)
        ],
    )?;
    invitation(row.ok_or_else(|| DbError::Failed("an insert answered no row".into()))?)
}

pub fn find_by_token_hash(tx: &mut Tx, token_hash: &str) -> Result<Option<Invitation>, DbError> {
    tx.query_opt(concat!("SELECT ", columns!(), " FROM invitations WHERE token_hash = $1"), params![token_hash])?
        .map(invitation)
        .transpose()
}

pub fn find(tx: &mut Tx, public_id: Uuid) -> Result<Option<Invitation>, DbError> {
    tx.query_opt(
        concat!("SELECT ", columns!(), " FROM invitations WHERE public_id = $1"),
        params![public_id.to_string()],
    )?
    .map(invitation)
    .transpose()
}

/// Newest first.
pub fn list(tx: &mut Tx, after: Option<After>, limit: i64) -> Result<Vec<Invitation>, DbError> {
    tx.query(
        concat!("SELECT ", columns!(), " FROM invitations WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        params![after.unwrap_or(i64::MAX), limit],
    )?
    .into_iter()
    .map(invitation)
    .collect()
}

/// A revoked invitation stays as it is: `None`, as for one that does not exist.
pub fn update(
    tx: &mut Tx,
    public_id: Uuid,
    change: InvitationChange,
    now: Micros,
) -> Result<Option<Invitation>, DbError> {
    tx.query_opt(
        concat!(
            "UPDATE invitations SET title = COALESCE($1, title), message = COALESCE($2, message),
             location = COALESCE($3, location), expires_at = COALESCE($4, expires_at), updated_at = $5,
             max_files = NULLIF(COALESCE($6, max_files), 0), max_bytes = NULLIF(COALESCE($7, max_bytes), 0)
         WHERE public_id = $8 AND revoked_at IS NULL
         RETURNING ",
            columns!()
        ),
        params![
            change.title,
            change.message,
            change.location.map(LocationPolicy::as_str),
            change.expires_at,
            now,
            change.quota.max_files,
            change.quota.max_bytes,
            public_id.to_string()
        ],
    )?
    .map(invitation)
    .transpose()
}

/// Ends the token for good. True also for one that was revoked before.
pub fn revoke(tx: &mut Tx, public_id: Uuid, now: Micros) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE invitations SET revoked_at = COALESCE(revoked_at, $1), updated_at = $1 WHERE public_id = $2",
        params![now, public_id.to_string()],
    )?;
    Ok(changed == 1)
}

fn invitation(mut row: Row) -> Result<Invitation, DbError> {
    Ok(Invitation {
        id: row.take()?,
        public_id: row.take::<String>()?.parse().map_err(|_| DbError::Failed("an id is no UUID".into()))?,
        email: row.take()?,
        title: row.take()?,
        message: row.take()?,
        created_at: row.take()?,
        updated_at: row.take()?,
        expires_at: row.take()?,
        revoked_at: row.take()?,
        location: LocationPolicy::parse(&row.take::<String>()?)
            .ok_or_else(|| DbError::Failed("an invitation has an unknown location policy".into()))?,
        quota: Quota { max_files: row.take()?, max_bytes: row.take()? },
        image_count: row.take()?,
        total_bytes: row.take()?,
    })
}
