//! A process that is measured.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

/// Of the times in `/proc/<pid>/stat`, see proc_pid_stat(5): Linux counts in hundredths of a second on every machine that
/// Rust's standard library supports.
const TICK: Duration = Duration::from_millis(10);

/// Where in `/proc/<pid>/stat`, counted behind the program's name, a process's own time stands and its children's.
const OWN: usize = 11;
const CHILDREN: usize = 13;

/// A running program. It ends with this value, or with this process.
pub(crate) struct Process(Child);

impl Process {
    /// Starts `program` with what `prepare` adds to its command line; its words go nowhere.
    pub(crate) fn start(program: &Path, prepare: impl FnOnce(&mut Command)) -> Result<Self> {
        spawn(program, prepare, Stdio::null()).map(Self)
    }

    /// As `start`, and waits for the address in the first line that the program prints.
    pub(super) fn start_listening(program: &Path, prepare: impl FnOnce(&mut Command)) -> Result<(Self, String)> {
        let mut process = Self(spawn(program, prepare, Stdio::piped())?);
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().context("no output")?).read_line(&mut line)?;
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.with_context(|| format!("the server does not say where it listens: {line:?}"))?.to_owned();
        Ok((process, url))
    }

    /// The processor time that it has used since it started, in user and system mode.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        ticks(&stat, OWN).map(|ticks| TICK * ticks).context("/proc/<pid>/stat has another form")
    }

    /// The most memory that it has held at once since it started.
    pub(super) fn peak_memory_bytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        field_bytes(&status, "VmHWM:").context("/proc/<pid>/status has another form")
    }

    /// The memory that it holds now.
    pub(super) fn memory_bytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        field_bytes(&status, "VmRSS:").context("/proc/<pid>/status has another form")
    }

    /// Sends the signal of this name, and waits until the process is gone.
    pub(super) fn end(mut self, signal: &str) -> Result<()> {
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(self.0.id().to_string()).status()?;
        ensure!(sent.success(), "kill ended with {sent}");
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has nothing to keep, and may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// However the bench ends, the program ends with it.
fn spawn(program: &Path, prepare: impl FnOnce(&mut Command), stdout: Stdio) -> Result<Child> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HASTY_")) {
        command.env_remove(name);
    }
    prepare(&mut command);
    let child = command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::null()).spawn();
    child.with_context(|| format!("cannot start {}", program.display()))
}

/// The processor time of all that this process has started and waited for, in user and system mode.
pub(super) fn children_cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    ticks(&stat, CHILDREN).map(|ticks| TICK * ticks).context("/proc/self/stat has another form")
}

/// Two fields, one after the other. The second of all, the program's name, may hold spaces, and ends with the last
/// parenthesis.
fn ticks(stat: &str, first: usize) -> Option<u32> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(first);
    Some(fields.next()?.parse::<u32>().ok()? + fields.next()?.parse::<u32>().ok()?)
}

/// `VmHWM:     1234 kB`, see proc_pid_status(5).
fn field_bytes(status: &str, name: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(value.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_added_whatever_the_program_is_called() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 120 34 1 2 20 0 4 0";
        assert_eq!(ticks(&format!("77 (hasty) {rest}"), OWN), Some(154));
        assert_eq!(ticks(&format!("77 (a ) (b) {rest}"), OWN), Some(154));
        assert_eq!(ticks(&format!("77 (hasty) {rest}"), CHILDREN), Some(3));
        assert_eq!(ticks("77 (hasty) S 1", OWN), None);
    }

    #[test]
    fn the_peak_of_memory_is_found_among_the_others() {
        let status = "VmPeak:\t    9000 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(field_bytes(status, "VmHWM:"), Some(2_097_152));
        assert_eq!(field_bytes(status, "VmRSS:"), Some(1_048_576));
        assert_eq!(field_bytes(status, "VmSwap:"), None);
    }
}
