//! `cargo xtask test`: every check and every test, the quickest first.

mod checks;
mod count;
pub(crate) mod fixtures;
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
    /// Steps whose results this one uses: they run before it, even when it alone was asked for.
    needs: &'static [&'static str],
    takes_filter: bool,
    work: fn(&Fixtures) -> Result<Outcome>,
}

impl Step {
    const fn check(name: &'static str, needs: &'static [&'static str], work: fn(&Fixtures) -> Result<Outcome>) -> Self {
        Self { name, needs, takes_filter: false, work }
    }

    const fn suite(name: &'static str, needs: &'static [&'static str], work: fn(&Fixtures) -> Result<Outcome>) -> Self {
        Self { name, needs, takes_filter: true, work }
    }
}

const STEPS: [Step; 15] = [
    Step::check("format", &[], |_| checks::format()),
    Step::check("tidy", &[], |_| tidy::check()),
    Step::check("wasm", &[], |_| wasm::build()),
    Step::check("packages", &[], |_| web::install()),
    Step::check("web", &["wasm", "packages"], |_| web::build()),
    Step::check("web-check", &["wasm", "packages"], |_| checks::web()),
    Step::suite("web-units", &["wasm", "packages"], suites::web_units),
    Step::check("deny", &[], |_| tools::deny::check()),
    Step::check("clippy", &[], |_| checks::clippy()),
    Step::check("docs", &[], |_| checks::docs()),
    Step::check("no-node", &[], |_| checks::without_node()),
    Step::check("same", &["wasm"], suites::same),
    Step::suite("rust", &["wasm", "packages", "web"], suites::rust),
    Step::check("power", &["wasm", "packages", "web"], |_| suites::power()),
    Step::suite("stories", &["wasm", "packages", "web"], suites::stories),
];

impl Test {
    pub(crate) fn execute(self) -> Result<()> {
        let start = Instant::now();
        let fixtures = Fixtures::new(self.filter.clone());
        let (mut passed, mut failures, mut not_run) = (0, Vec::new(), Vec::new());
        for Step { name, work, .. } in self.selected() {
            match step(name, || work(&fixtures)) {
                Ok(Outcome::Passed(count)) => passed += count,
                Ok(Outcome::Done | Outcome::Unchanged) => {}
                Ok(Outcome::NotRun(why)) => not_run.push(format!("{name} ({why})")),
                Err(error) if self.keep_going => {
                    println!("{error:#}\n");
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
        let what = if not_run.is_empty() { "All" } else { "All that ran" };
        println!("\n{what} is well after {:.0} s.", start.elapsed().as_secs_f32());
        if !not_run.is_empty() {
            println!("NOT RUN: {}", not_run.join(", "));
        }
        if passed > 0 {
            println!("{passed} passed, 0 failed");
        }
        Ok(())
    }

    /// The steps that were asked for and those that they need, in their order.
    fn selected(&self) -> Vec<Step> {
        let asked = |step: &Step| match (&self.filter, self.only.is_empty()) {
            (_, false) => self.only.iter().any(|name| name == step.name),
            (Some(_), true) => step.takes_filter,
            (None, true) => true,
        };
        let needed: Vec<_> = STEPS.iter().filter(|step| asked(step)).flat_map(|step| step.needs).collect();
        STEPS.into_iter().filter(|step| asked(step) || needed.contains(&&step.name)).collect()
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
    fn a_chosen_step_brings_what_it_needs() {
        assert_eq!(selected(None, &["tidy", "deny"]), ["tidy", "deny"]);
        assert_eq!(selected(None, &["same"]), ["wasm", "same"]);
        assert_eq!(selected(None, &["stories"]), ["wasm", "packages", "web", "stories"]);
    }

    #[test]
    fn a_filter_leaves_only_what_can_be_filtered() {
        assert_eq!(selected(Some("policy"), &[]), ["wasm", "packages", "web", "web-units", "rust", "stories"]);
        assert_eq!(selected(Some("policy"), &["rust"]), ["wasm", "packages", "web", "rust"]);
    }
}
