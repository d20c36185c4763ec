//! How many tests passed, from the words of those who ran them: a suite that ran nothing must not look like success.

/// Adds up `test result: ok. 12 passed; 0 failed; …`, a line for each test binary.
pub(crate) fn cargo(output: &str) -> u32 {
    output.lines().filter_map(|line| line.trim().strip_prefix("test result: ok. ")).map(leading_number).sum()
}

/// Reads `Tests  40 passed (40)` of Vitest.
pub(crate) fn vitest(output: &str) -> u32 {
    output.lines().filter_map(|line| line.trim().strip_prefix("Tests ")).map(leading_number).sum()
}

/// Reads `  12 passed (34.5s)` of Playwright.
pub(crate) fn playwright(output: &str) -> u32 {
    output.lines().filter(|line| line.contains(" passed (")).map(leading_number).sum()
}

fn leading_number(text: &str) -> u32 {
    text.trim_start().split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_binary_of_cargo_test_counts() {
        let output = "running 3 tests\n...\ntest result: ok. 3 passed; 0 failed; 0 ignored\n\n\
                      test result: ok. 40 passed; 0 failed; 0 ignored\n";
        assert_eq!(cargo(output), 43);
        assert_eq!(cargo("test result: FAILED. 3 passed; 1 failed\n"), 0);
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        let output = " Test Files  2 passed (2)\n      Tests  17 passed (17)\n";
        assert_eq!(vitest(output), 17);
    }

    #[test]
    fn playwright_counts() {
        assert_eq!(playwright("Running 9 tests using 2 workers\n\n  9 passed (12.3s)\n"), 9);
        assert_eq!(playwright("Error: No tests found\n"), 0);
    }
}
