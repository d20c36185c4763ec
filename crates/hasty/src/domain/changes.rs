//! What follows when a transaction changes an image, in that same transaction.

use crate::clock::Micros;
use crate::db::images::{self, Image, Scope};
use crate::db::{DbError, Tx, events};
use crate::domain::stats;

/// `before` is the image as it was when this transaction locked it. The counts come last: everybody meets there.
pub fn follow(tx: &mut Tx, before: &Image, now: Micros) -> Result<(), DbError> {
    let after = images::find(tx, Scope::All, before.id)?;
    if after.as_ref().map(|after| after.state) != Some(before.state) {
        events::insert(tx, before.invitation_id, before.id, now)?;
    }
    stats::follow(tx, before, after.as_ref())
}
