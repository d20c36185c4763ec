//! The tables, as a numbered list. A step that has once been released never changes: a new one follows it.

use super::Value;

const STEPS: &[&str] = &[
    include_str!("migrations/0001_invitations_and_images.sql"),
    include_str!("migrations/0002_ingest.sql"),
    include_str!("migrations/0003_check.sql"),
    include_str!("migrations/0004_lists.sql"),
    include_str!("migrations/0005_uploads.sql"),
    include_str!("migrations/0006_picks_and_events.sql"),
    include_str!("migrations/0007_quotas.sql"),
    include_str!("migrations/0008_unchecked.sql"),
];

/// The table that remembers which steps were taken.
pub const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)";
pub const FIND_VERSION: &str = "SELECT MAX(version) FROM schema_version";

/// The version that the last step leads to.
pub fn newest() -> i64 {
    STEPS.len() as i64
}

/// The SQL of the steps after `version`, each with the record that it was taken.
///
/// `id_type` is the engine's own words for a primary key that counts up by itself: the only dialect in the tables.
pub fn after(version: &Value, id_type: &str) -> Vec<String> {
    let taken = match version {
        Value::Int(version) => usize::try_from(*version).unwrap_or(0),
        _ => 0,
    };
    let step = |(index, sql): (usize, &&str)| {
        format!("{}\nINSERT INTO schema_version (version) VALUES ({});", sql.replace("{id}", id_type), index + 1)
    };
    STEPS.iter().enumerate().skip(taken).map(step).collect()
}
