//! `cargo xtask tidy`: the house rules that no compiler knows, each with the reason that it gives to whoever breaks it.

mod form;
mod layers;
mod words;

use std::{fmt, fs, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    project,
    step::{Outcome, run, step},
};

/// A file of the project.
struct Source {
    /// From the project's folder, with `/`.
    path: String,
    bytes: Vec<u8>,
}

impl Source {
    fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }

    /// The lines, numbered from 1; none where the file is not text.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        str::from_utf8(&self.bytes).unwrap_or_default().lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// A broken rule. A finding on the whole file has line 0.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    line: usize,
    message: String,
}

impl Finding {
    fn new(line: usize, message: impl fmt::Display) -> Self {
        Self { line, message: message.to_string() }
    }
}

/// Every rule looks at one file.
type Rule = fn(&Source) -> Vec<Finding>;

const RULES: [Rule; 12] = [
    form::is_small_text,
    form::is_short,
    form::has_no_trailing_space,
    form::is_named_as_a_decision,
    words::is_finished,
    words::runs_every_test,
    words::expects_instead_of_allowing,
    words::knows_no_machine,
    layers::data_flows_one_way,
    layers::sql_lies_in_db,
    layers::lower_crates_know_nothing_above,
    layers::pages_ask_no_third_party,
];

pub(crate) fn execute() -> Result<()> {
    step("tidy", check).map(drop)
}

/// Holds every file against every rule.
pub(crate) fn check() -> Result<Outcome> {
    let mut findings = Vec::new();
    for path in project_files()? {
        let bytes = fs::read(project::root().join(&path)).with_context(|| path.clone())?;
        let source = Source { path, bytes };
        for Finding { line, message } in RULES.iter().flat_map(|rule| rule(&source)) {
            findings.push(format!("{}:{line}: {message}", source.path));
        }
    }
    if !findings.is_empty() {
        bail!("house rules are broken:\n{}", findings.join("\n"));
    }
    Ok(Outcome::Done)
}

/// What git keeps, or would keep after `git add`: paths from the project's folder.
pub(crate) fn project_files() -> Result<Vec<String>> {
    let list = run(Command::new("git").current_dir(project::root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let exists = |path: &&str| project::root().join(path).is_file();
    Ok(list.split('\0').map(str::trim).filter(|path| !path.is_empty()).filter(exists).map(str::to_owned).collect())
}

/// Asks one rule about a made-up file.
#[cfg(test)]
fn findings(rule: Rule, path: &str, text: &str) -> Vec<String> {
    let source = Source { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
    rule(&source).into_iter().map(|Finding { line, message }| format!("{line}: {message}")).collect()
}
