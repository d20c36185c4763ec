//! Table `stats`: counts of the images that have arrived and stay. Every transaction that changes an image moves them
//! along ([`shift`]); nothing ever scans the images for an answer. [`recount`] does, to prove that none has drifted.

use super::{DbError, Row, Tx, params};

/// The invitation that stands for all of them.
pub const ALL: i64 = 0;

/// What is counted of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub invitation_id: i64,
    pub size_bytes: i64,
    /// MIME.
    pub format: String,
    /// The camera's.
    pub model: Option<String>,
    /// Of arrival, counted from 1970 in UTC.
    pub day: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatKind {
    Total,
    Format,
    Model,
    Day,
}

/// How many images have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub value: String,
    pub images: i64,
    pub bytes: i64,
}

/// A count that is not what the images say.
#[derive(Clone, Debug)]
pub struct Drift {
    pub invitation_id: i64,
    pub kind: String,
    pub value: String,
    pub stored_images: i64,
    pub stored_bytes: i64,
    pub images: i64,
    pub bytes: i64,
}

/// Moves the counts from what an image was to what it is; `None`: it is not counted.
pub fn shift(tx: &mut Tx, before: Option<&Facts>, after: Option<&Facts>) -> Result<(), DbError> {
    if before == after {
        return Ok(());
    }
    let counted = |facts: Option<&Facts>, sign: i64| facts.map(|facts| changes(facts, sign)).unwrap_or_default();
    let mut changes = [counted(before, -1), counted(after, 1)].concat();
    // Everybody takes the rows in one order, the total of all first: nobody waits in a circle, and whoever holds that
    // row holds all counts.
    changes.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    for (invitation_id, kind, value, images, bytes) in changes {
        add(tx, invitation_id, kind.as_str(), &value, (images, bytes))?;
        if images < 0 {
            delete_empty(tx, invitation_id, kind.as_str(), &value)?;
        }
    }
    Ok(())
}

fn add(tx: &mut Tx, invitation_id: i64, kind: &str, value: &str, (images, bytes): (i64, i64)) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO stats (invitation_id, kind, value, images, bytes) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (invitation_id, kind, value) DO UPDATE SET
             images = stats.images + excluded.images, bytes = stats.bytes + excluded.bytes",
        params![invitation_id, kind, value, images, bytes],
    )?;
    Ok(())
}

/// A claim can name any camera: what nobody has any more leaves no row. Totals stay, since others wait at them.
fn delete_empty(tx: &mut Tx, invitation_id: i64, kind: &str, value: &str) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM stats WHERE invitation_id = $1 AND kind = $2 AND value = $3 AND kind <> 'total'
                                 AND images = 0 AND bytes = 0",
        params![invitation_id, kind, value],
    )?;
    Ok(())
}

type Change = (i64, StatKind, String, i64, i64);

fn changes(facts: &Facts, sign: i64) -> Vec<Change> {
    let values = [
        (StatKind::Total, Some(String::new())),
        (StatKind::Format, Some(facts.format.clone())),
        (StatKind::Model, facts.model.clone()),
        (StatKind::Day, Some(facts.day.to_string())),
    ];
    let values = values.into_iter().filter_map(|(kind, value)| Some((kind, value?)));
    let row = |invitation_id, (kind, value)| (invitation_id, kind, value, sign, sign * facts.size_bytes);
    values.flat_map(|value| [row(ALL, value.clone()), row(facts.invitation_id, value)]).collect()
}

/// The most frequent values first.
pub fn list_top(tx: &mut Tx, invitation_id: i64, kind: StatKind, limit: i64) -> Result<Vec<Count>, DbError> {
    tx.query(
        "SELECT value, images, bytes FROM stats WHERE invitation_id = $1 AND kind = $2 AND images > 0
         ORDER BY images DESC, value LIMIT $3",
        params![invitation_id, kind.as_str(), limit],
    )?
    .into_iter()
    .map(count)
    .collect()
}

/// The count of one value; nothing counted is 0.
pub fn find(tx: &mut Tx, invitation_id: i64, kind: StatKind, value: &str) -> Result<Count, DbError> {
    let row = tx.query_opt(
        "SELECT value, images, bytes FROM stats WHERE invitation_id = $1 AND kind = $2 AND value = $3",
        params![invitation_id, kind.as_str(), value],
    )?;
    row.map_or(Ok(Count { value: value.to_owned(), images: 0, bytes: 0 }), count)
}

/// Counts all images anew and answers every count that is wrong. Images and counts are those of one moment, so that nobody
/// has to wait meanwhile.
pub fn recount(tx: &mut Tx) -> Result<Vec<Drift>, DbError> {
    tx.hold_still()?;
    tx.query(
        "WITH arrived AS (
             SELECT invitation_id, size_bytes, file_type, camera_model, CAST(arrived_at / 86400000000 AS TEXT) AS day
             FROM images WHERE state IN ('uploaded', 'ready')
         ), valued AS (
             SELECT invitation_id, 'total' AS kind, '' AS value, size_bytes FROM arrived
             UNION ALL SELECT invitation_id, 'format', file_type, size_bytes FROM arrived
             UNION ALL SELECT invitation_id, 'model', camera_model, size_bytes FROM arrived WHERE camera_model IS NOT NULL
             UNION ALL SELECT invitation_id, 'day', day, size_bytes FROM arrived
         ), counted AS (
             SELECT invitation_id, kind, value, COUNT(*) AS images, CAST(SUM(size_bytes) AS BIGINT) AS bytes
             FROM valued GROUP BY invitation_id, kind, value
             UNION ALL
             SELECT CAST(0 AS BIGINT), kind, value, COUNT(*), CAST(SUM(size_bytes) AS BIGINT) FROM valued GROUP BY kind, value
         )
         SELECT COALESCE(s.invitation_id, c.invitation_id), COALESCE(s.kind, c.kind), COALESCE(s.value, c.value),
                COALESCE(s.images, 0), COALESCE(s.bytes, 0), COALESCE(c.images, 0), COALESCE(c.bytes, 0)
         FROM stats s FULL JOIN counted c
              ON c.invitation_id = s.invitation_id AND c.kind = s.kind AND c.value = s.value
         WHERE COALESCE(s.images, 0) <> COALESCE(c.images, 0) OR COALESCE(s.bytes, 0) <> COALESCE(c.bytes, 0)",
        &[],
    )?
    .into_iter()
    .map(drift)
    .collect()
}

/// Moves a count by as much as it was wrong, so that what others count meanwhile stays counted.
pub fn correct(tx: &mut Tx, drift: &Drift) -> Result<(), DbError> {
    let by = (drift.images - drift.stored_images, drift.bytes - drift.stored_bytes);
    add(tx, drift.invitation_id, &drift.kind, &drift.value, by)?;
    delete_empty(tx, drift.invitation_id, &drift.kind, &drift.value)
}

impl StatKind {
    fn as_str(self) -> &'static str {
        match self {
            StatKind::Total => "total",
            StatKind::Format => "format",
            StatKind::Model => "model",
            StatKind::Day => "day",
        }
    }
}

fn count(mut row: Row) -> Result<Count, DbError> {
    Ok(Count { value: row.take()?, images: row.take()?, bytes: row.take()? })
}

fn drift(mut row: Row) -> Result<Drift, DbError> {
    Ok(Drift {
        invitation_id: row.take()?,
        kind: row.take()?,
        value: row.take()?,
        stored_images: row.take()?,
        stored_bytes: row.take()?,
        images: row.take()?,
        bytes: row.take()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;

    #[tokio::test]
    async fn cameras_that_nobody_has_any_more_leave_no_rows() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(None, 1, folder.path()).unwrap();
        let facts = |model: String| Facts {
            invitation_id: 1,
            size_bytes: 7,
            format: "image/jpeg".into(),
            model: Some(model),
            day: 20_000,
        };
        let claims = move |tx: &mut Tx<'_>| {
            shift(tx, None, Some(&facts("0".into())))?;
            for claim in 0..9 {
                shift(tx, Some(&facts(claim.to_string())), Some(&facts((claim + 1).to_string())))?;
            }
            let models = list_top(tx, 1, StatKind::Model, 10)?;
            shift(tx, Some(&facts("9".into())), None)?;
            let left =
                tx.query("SELECT invitation_id, kind FROM stats WHERE images = 0 ORDER BY invitation_id", &[])?;
            let left =
                left.into_iter().map(|mut row| Ok((row.take()?, row.take()?))).collect::<Result<Vec<_>, DbError>>()?;
            Ok((models, left))
        };
        let (models, left): (Vec<Count>, Vec<(i64, String)>) = db.write::<_, DbError, _>(claims).await.unwrap();
        assert_eq!(models, [Count { value: "9".into(), images: 1, bytes: 7 }]);
        assert_eq!(left, [(ALL, "total".into()), (1, "total".into())]);
    }
}
