//! Size, form and names of files.

use super::{Finding, Source};

const LONGEST_LINES: usize = 400;
const LONGEST_ARCHITECTURE_LINES: usize = 150;
const LARGEST_BYTES: usize = 200_000;
const CODE: [&str; 8] = [".rs", ".ts", ".svelte", ".js", ".mjs", ".css", ".html", ".sh"];

/// Git keeps every version of every file for ever.
pub(super) fn is_small_text(source: &Source) -> Vec<Finding> {
    let size = source.bytes.len();
    if source.bytes.contains(&0) || str::from_utf8(&source.bytes).is_err() {
        return vec![Finding::new(0, "a binary file: make it when it is needed")];
    }
    if size > LARGEST_BYTES && !source.ends_with(&["Cargo.lock", "package-lock.json"]) {
        return vec![Finding::new(0, format!("{size} bytes, more than {LARGEST_BYTES}: make it when it is needed"))];
    }
    Vec::new()
}

/// A file that fits a reader's head.
pub(super) fn is_short(source: &Source) -> Vec<Finding> {
    let longest = match source.path.as_str() {
        "ARCHITECTURE.md" => LONGEST_ARCHITECTURE_LINES,
        _ if source.ends_with(&CODE) => LONGEST_LINES,
        _ => return Vec::new(),
    };
    let lines = source.lines().count();
    let too_long = || Finding::new(longest, format!("{lines} lines, more than {longest}: give each noun its file"));
    (lines > longest).then(too_long).into_iter().collect()
}

pub(super) fn has_no_trailing_space(source: &Source) -> Vec<Finding> {
    let lines = source.lines().filter(|(_, line)| line.ends_with([' ', '\t']));
    lines.map(|(number, _)| Finding::new(number, "space at the end of the line")).collect()
}

/// `docs/adr/0012-short-title.md`: in order of time, and readable in a list.
pub(super) fn is_named_as_a_decision(source: &Source) -> Vec<Finding> {
    let Some(name) = source.path.strip_prefix("docs/adr/") else { return Vec::new() };
    let (number, title) = name.split_at_checked(4).unwrap_or((name, ""));
    let good_number = number.len() == 4 && number.bytes().all(|digit| digit.is_ascii_digit());
    let good_title = title.strip_prefix('-').and_then(|title| title.strip_suffix(".md")).is_some_and(|title| {
        !title.is_empty() && title.bytes().all(|letter| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    });
    if good_number && good_title {
        Vec::new()
    } else {
        vec![Finding::new(0, "a decision is named NNNN-short-title.md")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::findings;

    #[test]
    fn binaries_and_large_files_stay_out_but_locks_may_grow() {
        let large = "x".repeat(LARGEST_BYTES + 1);
        assert_eq!(findings(is_small_text, "a.bin", "PNG\0").len(), 1);
        assert_eq!(findings(is_small_text, "data.json", &large).len(), 1);
        assert_eq!(findings(is_small_text, "web/package-lock.json", &large), [""; 0]);
        assert_eq!(findings(is_small_text, "README.md", "Grüße"), [""; 0]);
    }

    #[test]
    fn code_has_at_most_400_lines_and_text_may_have_more() {
        let lines = "x\n".repeat(401);
        assert_eq!(findings(is_short, "web/src/a.svelte", &lines).len(), 1);
        assert_eq!(findings(is_short, "a.rs", &"x\n".repeat(400)), [""; 0]);
        assert_eq!(findings(is_short, "CHANGELOG.md", &lines), [""; 0]);
        assert_eq!(findings(is_short, "ARCHITECTURE.md", &"x\n".repeat(151)).len(), 1);
    }

    #[test]
    fn the_line_with_a_trailing_space_is_named() {
        let found = findings(has_no_trailing_space, "a.md", "good\nbad \n\ttab\t\n");
        assert_eq!(found, ["2: space at the end of the line", "3: space at the end of the line"]);
    }

    #[test]
    fn decisions_are_numbered_and_named() {
        for good in ["docs/adr/0001-group-commit.md", "docs/guide.md", "0001.md"] {
            assert_eq!(findings(is_named_as_a_decision, good, ""), [""; 0], "{good}");
        }
        for bad in
            ["docs/adr/1-x.md", "docs/adr/0001.md", "docs/adr/0001-Group.md", "docs/adr/0001-a.txt", "docs/adr/ä"]
        {
            assert_eq!(findings(is_named_as_a_decision, bad, "").len(), 1, "{bad}");
        }
    }
}
