//! Table `events`: whose state has changed, in about the order of the changes. Rows stay for a day.

use super::images::{ImageState, Scope};
use super::{DbError, Row, Tx, params};
use crate::clock::Micros;

/// An image whose state has changed, as it is by now.
#[derive(Debug)]
pub struct Event {
    pub id: i64,
    pub at: Micros,
    pub invitation_id: i64,
    pub image_id: i64,
    pub state: ImageState,
    /// A code of `domain::rejection`'s.
    pub rejection: Option<String>,
    /// JSON: a list of codes.
    pub warnings: String,
}

pub fn insert(tx: &mut Tx, invitation_id: i64, image_id: i64, now: Micros) -> Result<(), DbError> {
    let sql = "INSERT INTO events (invitation_id, image_id, at) VALUES ($1, $2, $3)";
    tx.execute(sql, params![invitation_id, image_id, now])?;
    Ok(())
}

/// What [`event`] reads, in its order.
macro_rules! select {
    () => {
        "SELECT e.id, e.at, e.invitation_id, m.id, m.state, m.rejection, m.warnings
         FROM events e JOIN images m ON m.id = e.image_id"
    };
}

/// By their ids, from behind `after` on. On PostgreSQL a lower id may show later than a higher one, by the time that a
/// transaction takes. A guest whose invitation has ended meanwhile hears nothing more.
pub fn list(tx: &mut Tx, scope: Scope, after: i64, limit: i64, now: Micros) -> Result<Vec<Event>, DbError> {
    let rows = match scope {
        Scope::Invitation(invitation_id) => tx.query(
            concat!(
                select!(),
                " JOIN invitations i ON i.id = e.invitation_id
                  WHERE e.invitation_id = $1 AND e.id > $2 AND i.revoked_at IS NULL AND i.expires_at > $3
                  ORDER BY e.id LIMIT $4"
            ),
            params![invitation_id, after, now, limit],
        ),
        Scope::All => tx.query(concat!(select!(), " WHERE e.id > $1 ORDER BY e.id LIMIT $2"), params![after, limit]),
    };
    rows?.into_iter().map(event).collect()
}

/// 0: there is none.
pub fn last_id(tx: &mut Tx) -> Result<i64, DbError> {
    tx.query_opt("SELECT COALESCE(MAX(id), 0) FROM events", &[])?.map_or(Ok(0), |mut row| row.take())
}

/// Removes the oldest of those before `ended_before`, and answers how many.
pub fn prune(tx: &mut Tx, ended_before: Micros, limit: i64) -> Result<u64, DbError> {
    let sql = "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < $1 ORDER BY at LIMIT $2)";
    tx.execute(sql, params![ended_before, limit])
}

fn event(mut row: Row) -> Result<Event, DbError> {
    Ok(Event {
        id: row.take()?,
        at: row.take()?,
        invitation_id: row.take()?,
        image_id: row.take()?,
        state: ImageState::parse(&row.take::<String>()?)?,
        rejection: row.take()?,
        warnings: row.take()?,
    })
}
