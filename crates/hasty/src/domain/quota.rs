//! The most that an invitation takes. The policy refuses what will have no room; what counts is what has arrived, and
//! `complete` decides.

use uuid::Uuid;

use crate::db::invitations::{self, Invitation, Quota};
use crate::db::{DbError, Tx};
use crate::error::Error;

/// What an invitation has room for, as far as is known.
pub struct Room {
    quota: Quota,
    files: i64,
    bytes: i64,
}

impl Room {
    pub fn of(invitation: &Invitation) -> Room {
        Room { quota: invitation.quota, files: invitation.image_count, bytes: invitation.total_bytes }
    }

    /// Takes room for one more file.
    pub fn take(&mut self, size_bytes: Option<u64>) -> Result<(), Error> {
        let size_bytes = size_bytes.map_or(0, |size| i64::try_from(size).unwrap_or(i64::MAX));
        check(self.quota, self.files + 1, self.bytes.saturating_add(size_bytes))?;
        self.files += 1;
        self.bytes += size_bytes;
        Ok(())
    }
}

/// Whether an invitation has more than it may, as this transaction leaves it.
pub fn exceeded(tx: &mut Tx, public_id: Uuid) -> Result<Result<(), Error>, DbError> {
    let found = invitations::find(tx, public_id)?;
    Ok(found.map_or(Ok(()), |invitation| check(invitation.quota, invitation.image_count, invitation.total_bytes)))
}

fn check(quota: Quota, files: i64, bytes: i64) -> Result<(), Error> {
    match quota {
        Quota { max_files: Some(limit), .. } if files > limit => Err(Error::QuotaFiles { limit }),
        Quota { max_bytes: Some(limit_bytes), .. } if bytes > limit_bytes => Err(Error::QuotaBytes { limit_bytes }),
        _ => Ok(()),
    }
}
