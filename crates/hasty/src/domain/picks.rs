//! What a guest has picked. Any device that opens the link can say what is still missing, whatever became of the one
//! that began. A name and a size find a pick again; what it holds, its hash says when it comes.

use crate::app::App;
use crate::db::images;
use crate::db::invitations::Invitation;
use crate::db::picks::{self, Missing, NewPick};
use crate::db::stats::{self, StatKind};
use crate::error::Error;

/// Of one invitation.
pub const PICKS_LIMIT: usize = 20_000;
/// Files of one pick with the same name and size.
pub const NTH_LIMIT: i64 = 10_000;
/// How many of the missing ones are named.
const NAMED: i64 = 100;

/// Where an invitation's picks and photos stand.
pub struct Standing {
    pub picked: i64,
    pub arrived: i64,
    /// Photos that are here, whether anybody has picked them or not.
    pub stored: i64,
    /// Those that the server has looked at, and found good.
    pub verified: i64,
    /// The first of those that have not arrived.
    pub missing: Vec<Missing>,
}

/// Remembers what was picked, and answers an id for each. The same file again has the same id.
pub async fn remember(
    app: &App,
    invitation: &Invitation,
    new: Vec<Result<NewPick, Error>>,
) -> Result<Vec<Result<i64, Error>>, Error> {
    let invitation_id = invitation.id;
    app.db
        .write(move |tx| {
            let (picked, _) = picks::count(tx, invitation_id)?;
            if usize::try_from(picked).unwrap_or(0) + new.len() > PICKS_LIMIT {
                return Err(Error::TooManyPicks { limit: PICKS_LIMIT });
            }
            let mut in_order: Vec<_> = new.into_iter().enumerate().collect();
            // Two devices that pick the same files must not wait for each other in a circle.
            in_order.sort_by(|(_, a), (_, b)| a.as_ref().ok().cmp(&b.as_ref().ok()));
            let mut ids = Vec::with_capacity(in_order.len());
            for (place, new) in in_order {
                let id = match new {
                    Ok(new) => Ok(picks::insert(tx, invitation_id, &new)?),
                    Err(error) => Err(error),
                };
                ids.push((place, id));
            }
            ids.sort_by_key(|(place, _)| *place);
            Ok(ids.into_iter().map(|(_, id)| id).collect())
        })
        .await
}

pub async fn standing(app: &App, invitation: &Invitation) -> Result<Standing, Error> {
    let id = invitation.id;
    app.db
        .read(move |tx| {
            let (picked, arrived) = picks::count(tx, id)?;
            let stored = stats::find(tx, id, StatKind::Total, "")?.images;
            let verified = stored - images::count_unchecked(tx, id)?;
            Ok(Standing { picked, arrived, stored, verified, missing: picks::list_missing(tx, id, NAMED)? })
        })
        .await
}

/// Forgets picks that have not arrived: these, or all.
pub async fn forget(app: &App, invitation: &Invitation, ids: Option<Vec<i64>>) -> Result<(), Error> {
    let invitation_id = invitation.id;
    app.db
        .write(move |tx| match ids {
            Some(mut ids) => {
                ids.sort_unstable();
                ids.into_iter().try_for_each(|id| picks::delete(tx, invitation_id, id)).map_err(Error::from)
            }
            None => Ok(picks::delete_missing(tx, invitation_id)?),
        })
        .await
}
