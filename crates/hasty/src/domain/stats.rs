//! Statistics: read from counts that move along with the images, never from a scan.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::clock::Micros;
use crate::db::images::Image;
use crate::db::stats::{self, Count, Drift, Facts, StatKind};
use crate::db::{Db, DbError, Tx};
use crate::error::Error;

/// Days that are told, today included.
const DAYS: i64 = 30;
const MODELS: i64 = 10;
const DAY_MICROS: i64 = 86_400_000_000;

/// What is known of all images, or of one invitation's.
pub struct Overview {
    pub total: Count,
    /// The most frequent first.
    pub formats: Vec<Count>,
    /// The ten most frequent, the most frequent first.
    pub models: Vec<Count>,
    /// The past 30 days, today last; those without uploads are there, too.
    pub days: Vec<(Date, Count)>,
}

/// `None`: of all images.
pub async fn overview(app: &App, invitation_id: Option<i64>) -> Result<Overview, Error> {
    let today = day(app.clock.now());
    app.db.read(move |tx| read(tx, invitation_id.unwrap_or(stats::ALL), today).map_err(Error::from)).await
}

fn read(tx: &mut Tx, invitation_id: i64, today: i64) -> Result<Overview, DbError> {
    let days = (today - DAYS + 1..=today).map(|day| {
        let count = stats::find(tx, invitation_id, StatKind::Day, &day.to_string())?;
        Ok((date(day), count))
    });
    Ok(Overview {
        days: days.collect::<Result<_, DbError>>()?,
        total: stats::find(tx, invitation_id, StatKind::Total, "")?,
        formats: stats::list_top(tx, invitation_id, StatKind::Format, i64::MAX)?,
        models: stats::list_top(tx, invitation_id, StatKind::Model, MODELS)?,
    })
}

/// Moves the counts along with what this transaction has made of an image; `None`: deleted.
pub fn follow(tx: &mut Tx, before: &Image, after: Option<&Image>) -> Result<(), DbError> {
    stats::shift(tx, facts(before).as_ref(), after.and_then(facts).as_ref())
}

/// `None`: the image is not counted.
fn facts(image: &Image) -> Option<Facts> {
    image.state.has_photo().then(|| Facts {
        invitation_id: image.invitation_id,
        size_bytes: image.size_bytes,
        format: image.file_type.clone(),
        model: image.camera_model.clone(),
        day: day(image.arrived_at.unwrap_or(image.updated_at)),
    })
}

/// Recounts everything, puts right what has drifted, and answers what that was. Whoever changes images meanwhile waits for
/// one correction at most. It ends with a count that finds nothing: somebody else may have put the same right at once.
pub async fn rebuild(db: &Db) -> Result<Vec<Drift>, Error> {
    let mut drifts = Vec::new();
    loop {
        let found: Vec<Drift> = db.read(|tx| stats::recount(tx).map_err(Error::from)).await?;
        if found.is_empty() {
            return Ok(drifts);
        }
        for drift in found {
            drifts.push(drift.clone());
            db.write(move |tx| stats::correct(tx, &drift).map_err(Error::from)).await?;
        }
    }
}

fn day(moment: Micros) -> i64 {
    moment.0.div_euclid(DAY_MICROS)
}

fn date(day: i64) -> Date {
    let midnight = Timestamp::from_microsecond(day.saturating_mul(DAY_MICROS)).unwrap_or_default();
    midnight.to_zoned(TimeZone::UTC).date()
}
