//! One line for each step: its name, while it works the newest line of its output (on a terminal), then how it ended.

use std::{
    io::{self, BufRead, BufReader, IsTerminal, Write},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

/// How a step ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The work is done.
    Done,
    /// Nothing to do since the last time.
    Unchanged,
    /// So many tests passed, and none failed.
    Passed(u32),
    /// It cannot run on this machine, and this is why.
    NotRun(&'static str),
}

/// Lines of a failed command's output to show: enough for a compiler's or a test's whole story.
const SHOWN_LINES: usize = 1_000;

/// Does the work and prints its line.
pub(crate) fn step(name: &str, work: impl FnOnce() -> Result<Outcome>) -> Result<Outcome> {
    let start = Instant::now();
    say(&format!("{name:<10} "))?;
    if io::stdout().is_terminal() {
        say("\x1b7")?;
    }
    let outcome = work();
    let secs = start.elapsed().as_secs_f32();
    clear_progress()?;
    match &outcome {
        Ok(Outcome::Done) => println!("done in {secs:.1} s"),
        Ok(Outcome::Unchanged) => println!("unchanged"),
        Ok(Outcome::Passed(count)) => println!("{count} passed in {secs:.1} s"),
        Ok(Outcome::NotRun(why)) => println!("NOT RUN: {why}"),
        Err(_) => println!("FAILED after {secs:.1} s"),
    }
    outcome
}

/// Runs a command to its end and answers what it printed, both streams as one. Its output is shown only when it fails.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let line = command.get_args().fold(program, |line, word| line + " " + &word.to_string_lossy());
    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    // The command holds the pipe's writing end: while it does, reading would never come to an end.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let mut output = String::new();
    for text in BufReader::new(reader).split(b'\n') {
        let text = String::from_utf8_lossy(&text?).into_owned();
        show_progress(&text)?;
        output.push_str(&text);
        output.push('\n');
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{line}` failed ({status}):\n{}", last_lines(&output));
    }
    Ok(output)
}

fn last_lines(output: &str) -> String {
    let lines: Vec<_> = output.lines().filter(|line| !is_good_news(line)).collect();
    let hidden = lines.len().saturating_sub(SHOWN_LINES);
    let note = if hidden > 0 { format!("({hidden} lines before)\n") } else { String::new() };
    note + &lines[hidden..].join("\n")
}

/// `   Compiling serde v1.0.229` and `test sniffs_jpeg ... ok`: news while it happens, noise in a story of what failed.
fn is_good_news(line: &str) -> bool {
    let verbs = ["Compiling", "Checking", "Downloading", "Downloaded", "Locking", "Updating", "Blocking"];
    let compiled = line.starts_with("   ") && verbs.iter().any(|verb| line.trim_start().starts_with(verb));
    compiled || (line.starts_with("test ") && line.ends_with(" ... ok"))
}

fn show_progress(line: &str) -> Result<()> {
    let line: String = line.chars().filter(|letter| !letter.is_control()).take(64).collect();
    if io::stdout().is_terminal() && !line.trim().is_empty() {
        say(&format!("\x1b8\x1b[K\x1b[2m{}\x1b[0m", line.trim()))?;
    }
    Ok(())
}

fn clear_progress() -> Result<()> {
    if io::stdout().is_terminal() { say("\x1b8\x1b[K") } else { Ok(()) }
}

/// Writes without ending the line.
fn say(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_named_with_both_of_its_streams() {
        let mut command = Command::new("sh");
        let error = run(command.args(["-c", "echo out; echo err >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c") && error.contains("exit status: 3"), "{error}");
        assert!(error.contains("out\nerr"), "{error}");
    }

    #[test]
    fn a_command_reads_an_empty_input_and_its_output_comes_back() {
        assert_eq!(run(&mut Command::new("cat")).unwrap(), "");
        assert_eq!(run(Command::new("echo").arg("hello")).unwrap(), "hello\n");
    }

    #[test]
    fn of_a_long_output_the_end_is_kept() {
        let output: String = (0..SHOWN_LINES + 5).map(|number| format!("line {number}\n")).collect();
        let shown = last_lines(&output);
        assert!(shown.starts_with("(5 lines before)\nline 5\n"), "{shown}");
        assert!(shown.ends_with(&format!("line {}", SHOWN_LINES + 4)));
    }

    #[test]
    fn what_went_well_before_a_failure_is_no_part_of_it() {
        let output = "   Compiling serde v1.0.0\n    Checking hasty v0.1.0\ntest a ... ok\nerror[E0583]: file not found\n  --> src/lib.rs\n";
        assert_eq!(last_lines(output), "error[E0583]: file not found\n  --> src/lib.rs");
    }
}
