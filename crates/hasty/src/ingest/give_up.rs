//! Says of an image that nobody examines it any more. It stays *uploaded*, with its object: nothing is known of its bytes, so
//! that it is neither ready nor to be rejected. Whoever has its job done after all (`hasty check --fix`) finds it as it is.

use crate::clock::Micros;
use crate::db::images::Scope;
use crate::db::jobs::{self, Job};
use crate::db::{DbError, Tx, events, image_states};

/// Answers the invitation whose guest is to hear of it.
pub fn give_up(tx: &mut Tx, job: &Job, error: &str, now: Micros) -> Result<Option<i64>, DbError> {
    // In this order, as `publish` does.
    let image = match job.key.parse() {
        Ok(id) => image_states::lock(tx, Scope::All, id)?,
        Err(_) => None,
    };
    if let (true, Some(image)) = (jobs::put_back(tx, job, None, error)?, image)
        && image_states::warn(tx, image.id, &["not_examined"])?
    {
        events::insert(tx, image.invitation_id, image.id, now)?;
        return Ok(Some(image.invitation_id));
    }
    Ok(None)
}
