//! Whether the bytes are those that were announced. Their size was held against the limit when they were completed: a limit
//! that is lowered later takes nothing away.

use super::Stop;
use super::receive::Received;
use crate::db::images::Image;
use crate::domain::rejection::Rejection;

pub(super) fn verify(image: &Image, received: &Received) -> Result<(), Stop> {
    let sha256 = hex::encode(received.photo.sha256);
    let announced = image.claimed_sha256.as_ref().or(image.sha256.as_ref());
    if announced.is_some_and(|announced| *announced != sha256) {
        return Err(Stop::Reject(Rejection::WrongHash));
    }
    Ok(())
}
