//! `cargo xtask test`: every check and every test, the quickest first.

mod checks;
mod count;
mod fixtures;
mod suites;

use std::time::Instant;

use anyhow::{Result, bail};
use fixtures::Fixtures;

use crate::{
    build::{wasm, web},
    step::{Outcome, step},
    tidy, tools,
};

#[derive(clap::Args)]
pub(crate) struct Test {
    /// Runs only the tests whose name holds this text
    filter: Option<String>,
    /// Runs only this step; may be given more than once
    #[arg(long, value_name = "STEP", value_parser = STEPS.map(|step| step.name))]
    only: Vec<String>,
    /// Runs the other steps too when one has failed
    #[arg(long)]
    keep_going: bool,
}

struct Step {
    name: &'static str,
    kind: Kind,
    work: fn(&Fixtures) -> Result<Outcome>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Stands alone.
    Check,
    /// Makes the pages.
    Pages,
    /// Needs the pages.
    PageCheck,
    /// Needs the pages, and takes a filter.
    Suite,
}

const STEPS: [Step; 14] = [
    Step { name: "format", kind: Kind::Check, work: |_| checks::format() },
    Step { name: "tidy", kind: Kind::Check, work: |_| tidy::check() },
    Step { name: "wasm", kind: Kind::Pages, work: |_| wasm::build() },
    Step { name: "packages", kind: Kind::Pages, work: |_| web::install() },
    Step { name: "web", kind: Kind::Pages, work: |_| web::build() },
    Step { name: "web-check", kind: Kind::PageCheck, work: |_| checks::web() },
    Step { name: "web-units", kind: Kind::Suite, work: suites::web_units },
    Step { name: "deny", kind: Kind::Check, work: |_| tools::deny::check() },
    Step { name: "clippy", kind: Kind::Check, work: |_| checks::clippy() },
    Step { name: "docs", kind: Kind::Check, work: |_| checks::docs() },
    Step { name: "no-node", kind: Kind::Check, work: |_| checks::without_node() },
    Step { name: "rust", kind: Kind::Suite, work: suites::rust },
    Step { name: "same", kind: Kind::PageCheck, work: |_| suites::same() },
    Step { name: "stories", kind: Kind::Suite, work: suites::stories },
];

impl Test {
    pub(crate) fn execute(self) -> Result<()> {
        let start = Instant::now();
        let fixtures = Fixtures::new(self.filter.clone());
        let (mut passed, mut failures) = (0, Vec::new());
        for Step { name, work, .. } in self.selected() {
            match step(name, || work(&fixtures)) {
                Ok(Outcome::Passed(count)) => passed += count,
                Ok(Outcome::Done | Outcome::Unchanged) => {}
                Err(error) if self.keep_going => {
                    println!("{error:?}");
                    failures.push(name);
                }
                Err(error) => return Err(error),
            }
        }
        if !failures.is_empty() {
            bail!("failed: {}", failures.join(", "));
        }
        if let (Some(filter), 0) = (&self.filter, passed) {
            bail!("no test has a name with `{filter}`");
        }
        println!("\nAll is well after {:.0} s.", start.elapsed().as_secs_f32());
        if passed > 0 {
            println!("{passed} passed, 0 failed");
        }
        Ok(())
    }

    /// The steps that were asked for, preceded by those that make the pages where one of them needs these.
    fn selected(&self) -> Vec<Step> {
        let asked = |step: &Step| match (&self.filter, self.only.is_empty()) {
            (_, false) => self.only.iter().any(|name| name == step.name),
            (Some(_), true) => step.kind == Kind::Suite,
            (None, true) => true,
        };
        let pages = STEPS.iter().any(|step| asked(step) && matches!(step.kind, Kind::PageCheck | Kind::Suite));
        STEPS.into_iter().filter(|step| asked(step) || (pages && step.kind == Kind::Pages)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(filter: Option<&str>, only: &[&str]) -> Vec<&'static str> {
        let only = only.iter().map(ToString::to_string).collect();
        let test = Test { filter: filter.map(str::to_owned), only, keep_going: false };
        test.selected().iter().map(|step| step.name).collect()
    }

    #[test]
    fn everything_runs_unless_somebody_chooses() {
        assert_eq!(selected(None, &[]), STEPS.map(|step| step.name));
    }

    #[test]
    fn a_chosen_step_brings_the_pages_only_where_it_needs_them() {
        assert_eq!(selected(None, &["tidy", "deny"]), ["tidy", "deny"]);
        assert_eq!(selected(None, &["stories"]), ["wasm", "packages", "web", "stories"]);
    }

    #[test]
    fn a_filter_leaves_only_what_can_be_filtered() {
        assert_eq!(selected(Some("policy"), &[]), ["wasm", "packages", "web", "web-units", "rust", "stories"]);
        assert_eq!(selected(Some("policy"), &["rust"]), ["wasm", "packages", "web", "rust"]);
    }
}
