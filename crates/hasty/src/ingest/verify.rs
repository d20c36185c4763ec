//! Whether the bytes are those that were announced.

use super::Stop;
use super::receive::Received;
use crate::app::App;
use crate::db::images::Image;
use crate::domain::rejection::Rejection;

pub(super) fn verify(app: &App, image: &Image, received: &Received) -> Result<(), Stop> {
    if received.size_bytes > app.config.max_file_bytes {
        return Err(Stop::Reject(Rejection::TooLarge));
    }
    let sha256 = hex::encode(received.sha256);
    let announced = image.claimed_sha256.as_ref().or(image.sha256.as_ref());
    if announced.is_some_and(|announced| *announced != sha256) {
        return Err(Stop::Reject(Rejection::WrongHash));
    }
    Ok(())
}
