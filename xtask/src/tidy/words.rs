//! Words that code must not hold. They are written here in two pieces, since this file is code too.

use super::{Finding, Source};

const UNFINISHED: [&str; 6] = [
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("for ", "now"),
    concat!("not ", "implemented"),
];

const LEFT_OUT: [&str; 9] = [
    concat!("#[", "ignore"),
    concat!("test.", "skip("),
    concat!("it.", "skip("),
    concat!("describe.", "skip("),
    concat!("test.", "fixme("),
    concat!("test.", "only("),
    concat!("it.", "only("),
    concat!("describe.", "only("),
    concat!("it.", "todo("),
];

const ALLOWED: [&str; 2] = [concat!("#[", "allow("), concat!("#![", "allow(")];

/// Where one machine keeps its things: nobody else has them.
const PLACES: [&str; 5] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/tm", "p/"), concat!("/wo", "rk/")];

/// The photos beside the project have one way in: the environment that this file sets.
const BESIDE: &str = concat!("../", "shared");
const KNOWS_BESIDE: &str = ".ci/run";

pub(super) fn is_finished(source: &Source) -> Vec<Finding> {
    let whole_word = |line: &str, word: &str| {
        line.match_indices(word)
            .any(|(at, _)| !ends_in_word(&line[..at]) && !starts_with_word(&line[at + word.len()..]))
    };
    find(source, &UNFINISHED, whole_word, "finish it, or leave it out")
}

pub(super) fn runs_every_test(source: &Source) -> Vec<Finding> {
    find(source, &LEFT_OUT, |line, word| line.contains(word), "every test runs")
}

/// clippy sees most of these; not those in code that is compiled elsewhere.
pub(super) fn expects_instead_of_allowing(source: &Source) -> Vec<Finding> {
    find(source, &ALLOWED, |line, word| line.contains(word), "write #[expect(…, reason = \"…\")]")
}

pub(super) fn knows_no_machine(source: &Source) -> Vec<Finding> {
    let absolute = |line: &str, place: &str| {
        let is_start = |before: &str| !ends_in_word(before) && !before.ends_with(['.', '/', '}', '-', '*']);
        line.match_indices(place).any(|(at, _)| is_start(&line[..at]))
    };
    let mut findings = find(source, &PLACES, absolute, "a path of one machine");
    // In web/src this is a folder of the pages.
    if source.path != KNOWS_BESIDE && !source.path.starts_with("web/") {
        findings.extend(find(source, &[BESIDE], |line, word| line.contains(word), "only .ci/run may name it"));
    }
    findings
}

fn find(source: &Source, words: &[&str], is_in: impl Fn(&str, &str) -> bool, reason: &str) -> Vec<Finding> {
    let found = source.lines().flat_map(|(number, line)| words.iter().map(move |word| (number, line, word)));
    let found = found.filter(|(_, line, word)| is_in(line, word));
    found.map(|(number, _, word)| Finding::new(number, format!("`{word}`: {reason}"))).collect()
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
}

fn starts_with_word(text: &str) -> bool {
    text.chars().next().is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::findings;

    #[test]
    fn unfinished_code_is_found_as_a_word_only() {
        assert_eq!(findings(is_finished, "a.rs", &format!("fn a() {{\n    {}()\n}}", UNFINISHED[0])).len(), 1);
        assert_eq!(findings(is_finished, "a.ts", &format!("// good {}.", UNFINISHED[4])).len(), 1);
        assert_eq!(findings(is_finished, "a.ts", &format!("// good {}here", UNFINISHED[4])), [""; 0]);
        assert_eq!(findings(is_finished, "a.md", &format!("MMX{}IV", UNFINISHED[3])), [""; 0]);
    }

    #[test]
    fn a_test_that_does_not_run_is_found() {
        assert_eq!(findings(runs_every_test, "a.rs", &format!("    {}]", LEFT_OUT[0])).len(), 1);
        assert_eq!(findings(runs_every_test, "a.test.ts", &format!("{}'slow', …", LEFT_OUT[1])).len(), 1);
        assert_eq!(findings(runs_every_test, "a.rs", "bytes.iter().skip(1)"), [""; 0]);
    }

    #[test]
    fn an_exception_gives_its_reason() {
        assert_eq!(findings(expects_instead_of_allowing, "a.rs", &format!("{}dead_code)]", ALLOWED[0])).len(), 1);
        assert_eq!(findings(expects_instead_of_allowing, "a.rs", "#[expect(dead_code, reason = \"…\")]"), [""; 0]);
    }

    #[test]
    fn paths_of_a_machine_are_found_and_relative_ones_are_fine() {
        let (root, temporary) = (PLACES[0], PLACES[3]);
        assert_eq!(findings(knows_no_machine, "a.rs", &format!("open(\"{root}x\")")).len(), 1);
        assert_eq!(findings(knows_no_machine, "README.md", &format!("in {temporary}photos")).len(), 1);
        assert_eq!(findings(knows_no_machine, "a.ts", &format!("./src{temporary}x")), [""; 0]);
    }

    #[test]
    fn what_lies_beside_the_project_has_one_way_in() {
        assert_eq!(findings(knows_no_machine, "README.md", &format!("see {BESIDE}/photos")).len(), 1);
        assert_eq!(findings(knows_no_machine, KNOWS_BESIDE, BESIDE), [""; 0]);
        assert_eq!(findings(knows_no_machine, "web/src/guest/main.ts", &format!("from '{BESIDE}/api'")), [""; 0]);
    }
}
