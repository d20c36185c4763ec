//! The database: reachable, of a version that is supported, with tables of this program, and set to keep what it was given.

use super::Report;
use crate::app;
use crate::config::Config;
use crate::db::{Db, Facts, SQLITE_FILE, Tables, agreements, images};
use crate::secrets::Secrets;

/// server_version_num of PostgreSQL 15.
const OLDEST_POSTGRESQL: i64 = 150_000;
/// What a power cut survives only where it is on, and what is lost otherwise.
const SAFEGUARDS: [(&str, &str); 3] = [
    ("fsync", "a power cut can destroy the database"),
    ("full_page_writes", "a power cut can destroy the database"),
    ("synchronous_commit", "a power cut loses the last photos that were acknowledged"),
];

/// Makes no tables. Answers whether photos are to lie in the bucket; `None`: the database does not say.
pub(super) async fn examine(config: &Config, report: &mut Report<'_>) -> Option<bool> {
    let file = config.place.data_dir.join(SQLITE_FILE);
    if config.database.database_url.is_none() {
        match app::is_there(&file).and_then(|is_there| app::refuse_store_without_database(config).map(|()| is_there)) {
            Ok(true) => {}
            Ok(false) => {
                report.ok(format!("{} is not there yet: the first start makes it", file.display()));
                return Some(false);
            }
            Err(error) => {
                report.fail(format!("{error:#}"), "mend that, and look again");
                return None;
            }
        }
    }
    let (database, place) = (config.database.clone(), config.place.clone());
    let opened = tokio::task::spawn_blocking(move || app::connect_database(&database, &place)).await;
    match opened {
        Ok(Ok(db)) => {
            examine_open(config, &db, report).await;
            secret(config, &db, report).await;
            moved(config, &db, report).await;
            return has_photos(&db).await;
        }
        Ok(Err(error)) => report.fail(format!("{error:#}"), "start it, or change HASTY_DATABASE_URL"),
        Err(error) => report.fail(error.to_string(), "see the lines above"),
    }
    None
}

pub(super) async fn examine_open(config: &Config, db: &Db, report: &mut Report<'_>) {
    let facts: Facts = match db.facts().await {
        Ok(facts) => facts,
        Err(error) => return report.fail(error.to_string(), "start it, or change HASTY_DATABASE_URL"),
    };
    let setting = |name: &str| facts.settings.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let number = |name: &str| setting(name).and_then(|value| value.parse::<i64>().ok());
    let version = setting("version").unwrap_or("of an unknown version");
    report.ok(format!("{} {version} answers", facts.engine));
    tables(&facts, report);
    if number("version_number").is_some_and(|number| number < OLDEST_POSTGRESQL) {
        report.warn(format!("PostgreSQL {version} is older than any that is tested"), "use PostgreSQL 15 or later");
    }
    for (name, loss) in SAFEGUARDS {
        if setting(name) == Some("off") {
            report.fail(format!("{name} is off: {loss}"), format!("set {name} = on in postgresql.conf"));
        }
    }
    let wanted = i64::from(config.database.database_connections);
    if let Some(most) = number("max_connections").filter(|most| wanted > most - 3) {
        report.warn(
            format!("it takes {most} connections, and this instance alone may ask for {wanted}"),
            "raise max_connections, or lower HASTY_DATABASE_CONNECTIONS: all instances together must fit",
        );
    }
    if setting("encrypted") == Some("false") && setting("remote") == Some("true") {
        report.warn(
            "the connection to it is not encrypted",
            "let PostgreSQL offer TLS, and put ?sslmode=verify-full behind HASTY_DATABASE_URL",
        );
    }
}

/// Whether the links of its invitations open here.
async fn secret(config: &Config, db: &Db, report: &mut Report<'_>) {
    let filled_with: Option<String> = match db.read(|tx| agreements::find(tx, agreements::SECRET)).await {
        Ok(Some(fingerprint)) => Some(fingerprint),
        // There are no tables, or nobody has used them yet.
        Ok(None) | Err(_) => return,
    };
    match Secrets::fingerprint_after(config, &config.place.data_dir) {
        Ok(own) if own == filled_with => report.ok("it was filled with this HASTY_SECRET"),
        Ok(_) => report.fail(
            "it was filled with another HASTY_SECRET: no server starts on it with this one",
            "give every instance the same HASTY_SECRET, or restore the file \"secret\" of the data folder",
        ),
        Err(error) => report.fail(format!("{error:#}"), "let this user read it"),
    }
}

/// Whether its rows or photos are elsewhere now.
async fn moved(config: &Config, db: &Db, report: &mut Report<'_>) {
    if let Ok(Some(moved)) = app::moved(db, config).await {
        report.fail(
            format!("{moved}: no server starts with these settings"),
            "give the new settings, or run hasty move --forget to use these again",
        );
    }
}

async fn has_photos(db: &Db) -> Option<bool> {
    let Tables { found, .. } = db.facts().await.ok()?.tables;
    if found == 0 { Some(false) } else { db.read(images::has_photos).await.ok() }
}

fn tables(facts: &Facts, report: &mut Report<'_>) {
    let Tables { found, newest } = facts.tables;
    match found {
        0 => report.ok("it has no tables yet: the first start, or hasty migrate, makes them"),
        found if found < newest => report.warn(
            format!("its tables are at version {found}, and this program needs {newest}"),
            "run hasty migrate, or let the next start do it",
        ),
        found if found > newest => report.warn(
            format!("its tables are at version {found}, and this program knows {newest}"),
            "use the program that was last started on it, or a newer one",
        ),
        found => report.ok(format!("its tables are at version {found}, as this program needs them")),
    }
}
