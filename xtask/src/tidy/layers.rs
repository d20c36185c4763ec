//! Who may know whom: http | cli | jobs → domain → db, storage.

use super::{Finding, Source};

const SERVER: &str = "crates/hasty/src/";

/// A folder of the server, and the modules that lie above it.
const ABOVE: [(&str, &[&str]); 4] = [
    ("db", &["http", "cli", "jobs", "ingest", "domain", "app"]),
    ("storage", &["http", "cli", "jobs", "ingest", "domain", "app"]),
    ("worker", &["http", "cli", "jobs", "ingest", "domain", "db", "storage", "app", "config"]),
    ("domain", &["http", "cli", "jobs"]),
];

/// A lower crate, and words that its files must not hold.
const UNKNOWN: [(&str, &[&str]); 6] = [
    ("crates/s3-store/Cargo.toml", &["hasty", "metadata"]),
    ("crates/metadata/Cargo.toml", &["hasty", "s3-store", "tokio"]),
    ("crates/metadata/src/", &["std::fs", "std::net", "std::process", "tokio"]),
    ("crates/metadata-wasm/Cargo.toml", &["hasty", "s3-store", "tokio"]),
    ("crates/previews/Cargo.toml", &["hasty", "s3-store", "tokio"]),
    ("crates/previews/src/", &["std::fs", "std::net", "std::process", "std::thread", "tokio"]),
];

const SQL: [&str; 7] =
    ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "rusqlite::", "postgres::"];

pub(super) fn data_flows_one_way(source: &Source) -> Vec<Finding> {
    let layer = source.path.strip_prefix(SERVER).and_then(|path| {
        let name = path.split('/').next()?.trim_end_matches(".rs");
        ABOVE.iter().find(|(layer, _)| *layer == name)
    });
    let Some((layer, above)) = layer else { return Vec::new() };
    let text = str::from_utf8(&source.bytes).unwrap_or_default();
    let wrong = modules_used(text).into_iter().filter(|(_, module)| above.contains(module));
    wrong
        .map(|(line, module)| Finding::new(line, format!("{layer} must not know {module}, which lies above it")))
        .collect()
}

/// One place knows that there are two databases.
pub(super) fn sql_lies_in_db(source: &Source) -> Vec<Finding> {
    let Some(path) = source.path.strip_prefix(SERVER) else { return Vec::new() };
    if path.starts_with("db/") || path == "db.rs" {
        return Vec::new();
    }
    words_in_code(source, &SQL, "SQL and its engines belong in db/")
}

pub(super) fn lower_crates_know_nothing_above(source: &Source) -> Vec<Finding> {
    let rules = UNKNOWN.iter().filter(|(place, _)| source.path.starts_with(place));
    rules.flat_map(|(_, words)| words_in_code(source, words, "this crate must not know it")).collect()
}

/// A guest's browser talks to the owner's server, and to nobody else. A namespace is a name, not an address.
pub(super) fn pages_ask_no_third_party(source: &Source) -> Vec<Finding> {
    let page =
        source.path.starts_with("web/src/") || (source.path.starts_with("web/") && source.path.ends_with(".html"));
    if !page || source.path.contains(".test.") {
        return Vec::new();
    }
    let findings = words_in_code(source, &["http://", "https://"], "pages ask no third party");
    let namespace = |line: usize| source.lines().any(|(number, text)| number == line && text.contains("//www.w3.org/"));
    findings.into_iter().filter(|finding| !namespace(finding.line)).collect()
}

fn words_in_code(source: &Source, words: &[&str], reason: &str) -> Vec<Finding> {
    let comment = |line: &str| ["//", "#", "*", "/*"].iter().any(|start| line.trim_start().starts_with(start));
    let code = source.lines().filter(|(_, line)| !comment(line));
    let found = code
        .flat_map(|(number, line)| words.iter().filter(|word| line.contains(**word)).map(move |word| (number, word)));
    found.map(|(number, word)| Finding::new(number, format!("`{}`: {reason}", word.trim()))).collect()
}

/// The modules that `crate::…` names, each with its line: of `crate::{a::b, c::{d, e}}` these are a and c.
fn modules_used(text: &str) -> Vec<(usize, &str)> {
    let mut modules = Vec::new();
    for (at, path) in text.match_indices("crate::") {
        let start = at + path.len();
        match text[start..].strip_prefix('{') {
            Some(group) => modules.extend(members(group).into_iter().map(|(offset, name)| (start + 1 + offset, name))),
            None => modules.push((start, word(&text[start..]))),
        }
    }
    modules.into_iter().map(|(at, name)| (text[..at].matches('\n').count() + 1, name)).collect()
}

/// The first word of each member of a braced group, with its place; `group` begins behind the opening brace.
fn members(group: &str) -> Vec<(usize, &str)> {
    let (mut depth, mut expected, mut members) = (0, true, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expected = true,
            _ if expected && letter.is_alphabetic() => {
                members.push((at, word(&group[at..])));
                expected = false;
            }
            _ => {}
        }
    }
    members
}

fn word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::findings;

    #[test]
    fn a_lower_layer_does_not_name_a_higher_one() {
        let found = findings(data_flows_one_way, "crates/hasty/src/db/images.rs", "use crate::domain::Image;\n");
        assert_eq!(found, ["1: db must not know domain, which lies above it"]);
        let group = "use crate::{\n    clock::Clock,\n    db::{self, http},\n    jobs::Queue,\n};\n";
        let found = findings(data_flows_one_way, "crates/hasty/src/domain/images.rs", group);
        assert_eq!(found, ["4: domain must not know jobs, which lies above it"]);
        let call = "fn a() {\n    crate::http::b()\n}\n";
        assert_eq!(findings(data_flows_one_way, "crates/hasty/src/storage.rs", call).len(), 1);
    }

    #[test]
    fn a_higher_layer_may_name_a_lower_one() {
        let text = "use crate::{db, domain::images, storage::Storage};\n";
        assert_eq!(findings(data_flows_one_way, "crates/hasty/src/http/images.rs", text), [""; 0]);
        assert_eq!(
            findings(data_flows_one_way, "crates/hasty/src/domain/images.rs", "use crate::db::images;"),
            [""; 0]
        );
    }

    #[test]
    fn sql_is_written_in_db_only() {
        let sql = "tx.query(\"SELECT id FROM images\")";
        assert_eq!(findings(sql_lies_in_db, "crates/hasty/src/domain/images.rs", sql).len(), 1);
        assert_eq!(findings(sql_lies_in_db, "crates/hasty/src/db/images.rs", sql), [""; 0]);
        assert_eq!(findings(sql_lies_in_db, "crates/hasty/src/jobs/queue.rs", "// SELECT FOR UPDATE blocks"), [""; 0]);
        assert_eq!(findings(sql_lies_in_db, "crates/s3-store/src/index.rs", sql), [""; 0]);
    }

    #[test]
    fn the_store_and_the_reader_stand_alone() {
        let rule = lower_crates_know_nothing_above;
        assert_eq!(findings(rule, "crates/s3-store/Cargo.toml", "metadata.workspace = true").len(), 1);
        assert_eq!(findings(rule, "crates/metadata/src/exif.rs", "use std::fs::File;").len(), 1);
        assert_eq!(findings(rule, "crates/hasty/Cargo.toml", "metadata.workspace = true"), [""; 0]);
    }

    #[test]
    fn pages_name_no_other_server() {
        let rule = pages_ask_no_third_party;
        assert_eq!(findings(rule, "web/src/guest/main.ts", "fetch('https://cdn.example.com/a.js')").len(), 1);
        assert_eq!(findings(rule, "web/guest.html", "<script src=\"http://cdn.example.com/a.js\">").len(), 1);
        assert_eq!(findings(rule, "web/src/icon.svelte", "<svg xmlns=\"http://www.w3.org/2000/svg\">"), [""; 0]);
        assert_eq!(findings(rule, "web/src/a.ts", "// https://www.rfc-editor.org/rfc/rfc9110"), [""; 0]);
        assert_eq!(findings(rule, "web/src/a.test.ts", "'https://photos.example.com'"), [""; 0]);
    }
}
