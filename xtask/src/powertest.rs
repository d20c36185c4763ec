//! `cargo xtask powertest`: cuts the power of the server's disk while everybody writes, again and again, and holds what
//! is left against what was acknowledged.
//!
//! What waits in memory is gone with the cut. What waits in a disk's own cache is not: the loop device has none.

mod disk;
mod facts;
mod guests;
mod images;
mod objects;
pub(crate) mod payload;
mod server;
mod site;
mod uploads;
mod world;

use std::{
    env,
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
pub(crate) use disk::obstacle;
use facts::Verdict;
use rand::{Rng, SeedableRng, rngs::StdRng};
use server::{Program, WithoutSync};
use world::World;

use crate::{
    build::server::{Profile, build},
    project,
    step::{run, step},
};

/// Of what was written before the last cut and checked then, this share is read again each time. All of it is read
/// before the disk goes.
const SHARE_READ_AGAIN: f64 = 0.05;
const SHOWN_FINDINGS: usize = 20;
/// The last words of a run that found something.
pub(crate) const FAILURE: &str = "what was acknowledged did not outlive the power";

#[derive(clap::Args)]
pub(crate) struct Powertest {
    /// How often the power is cut
    #[arg(long, default_value_t = 200)]
    cycles: usize,
    /// Half of them are guests who upload, the others S3 clients
    #[arg(long, default_value_t = 8)]
    writers: usize,
    /// Seconds of writing before each cut at most; a third of it at least
    #[arg(long, default_value_t = 1.5)]
    secs: f64,
    /// Decides sizes and order of what is written; the moment of the cut still differs
    #[arg(long, default_value_t = rand::random())]
    seed: u64,
    /// Tests the release binary instead of the development build
    #[arg(long)]
    release: bool,
    /// Another binary than this tree's
    #[arg(long, value_name = "FILE", conflicts_with = "release")]
    binary: Option<PathBuf>,
    /// The control, which must fail: the server's syncs of files whose path holds this text do nothing
    #[arg(long, value_name = "TEXT", num_args = 0..=1, default_missing_value = "/")]
    without_sync: Option<String>,
    /// Mounts come and go in a namespace of this process, which takes them along however it ends
    #[arg(long, hide = true)]
    own_namespace: bool,
}

/// The sums of all cycles.
#[derive(Default)]
struct Sums {
    acknowledged: usize,
    in_flight: usize,
    verdict: Verdict,
}

impl Powertest {
    pub(crate) fn execute(self) -> Result<()> {
        if let Some(obstacle) = obstacle() {
            bail!("the power test did NOT run: {obstacle}");
        }
        ensure!(self.secs > 0.0, "--secs must be above 0");
        ensure!(self.writers > 0, "--writers must be above 0");
        if !self.own_namespace {
            return enter_namespace();
        }
        let folder = project::target().join("powertest");
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().context("another power test runs")?;
        let (binary, without_sync) = (self.binary()?, self.without_sync()?);
        let program = Program { binary, without_sync, log: folder.join("server.log") };
        let sums = self.run(&folder, &program)?;
        sums.print(self.seed);
        ensure!(sums.verdict.is_good(), FAILURE);
        ensure!(sums.acknowledged > 0, "nothing was acknowledged before the power was cut");
        Ok(())
    }

    fn binary(&self) -> Result<PathBuf> {
        if let Some(binary) = &self.binary {
            return Ok(fs::canonicalize(binary)?);
        }
        let profile = if self.release { Profile::Release } else { Profile::Development };
        step("server", || build(profile))?;
        Ok(profile.binary())
    }

    fn without_sync(&self) -> Result<Option<WithoutSync>> {
        let Some(part) = self.without_sync.clone() else { return Ok(None) };
        let mut cargo = Command::new("cargo");
        run(cargo.current_dir(project::root()).args(["build", "--package", "xtask", "--example", "without_sync"]))?;
        Ok(Some(WithoutSync { library: project::target().join("debug/examples/libwithout_sync.so"), part }))
    }

    fn run(&self, folder: &Path, program: &Program) -> Result<Sums> {
        let mut rng = StdRng::seed_from_u64(self.seed);
        let mut sums = Sums::default();
        let mut world = World::make(folder, program, self.writers, &mut rng)?;
        for cycle in 1..=self.cycles {
            let start = Instant::now();
            let until_cut = Duration::from_secs_f64(self.secs * rng.random_range(1.0 / 3.0..1.0));
            let written = world.write_until_cut(until_cut)?;
            let mut verdict = written.verdict;
            verdict.add(world.start_again(SHARE_READ_AGAIN)?);
            let is_last_on_disk = cycle == self.cycles || world.is_half_full()?;
            if is_last_on_disk && verdict.is_good() {
                verdict.add(world.check(1.0)?);
            }
            println!(
                "{cycle:>4}: {:>5} acknowledged, {:>2} in flight, {} lost, {} corrupt, {} half visible, {:.1} s",
                written.acknowledged,
                written.in_flight,
                verdict.lost,
                verdict.corrupt,
                verdict.half_visible,
                start.elapsed().as_secs_f32()
            );
            let is_good = verdict.is_good();
            verdict.print();
            // The first one that somebody may want to look at.
            if !is_good && sums.verdict.is_good() && self.without_sync.is_none() {
                println!("      the disk is kept: {}", world.keep_disk()?.display());
                world = World::make(folder, program, self.writers, &mut rng)?;
            } else if (!is_good || is_last_on_disk) && cycle < self.cycles {
                drop(world);
                world = World::make(folder, program, self.writers, &mut rng)?;
            }
            sums.acknowledged += written.acknowledged;
            sums.in_flight += written.in_flight;
            sums.verdict.add(verdict);
        }
        Ok(sums)
    }
}

/// Runs this command again where its mounts are seen by nobody else, and end with it.
fn enter_namespace() -> Result<()> {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--"]).arg(env::current_exe()?).args(env::args_os().skip(1)).arg("--own-namespace");
    Err(unshare.exec()).context("cannot start unshare")
}

impl Verdict {
    fn print(&self) {
        for finding in self.findings.iter().take(SHOWN_FINDINGS) {
            println!("      {finding}");
        }
        let hidden = self.findings.len().saturating_sub(SHOWN_FINDINGS);
        if hidden > 0 {
            println!("      and {hidden} more");
        }
    }
}

impl Sums {
    fn print(&self, seed: u64) {
        println!("\nacknowledged {:>10}", self.acknowledged);
        println!("lost         {:>10}", self.verdict.lost);
        println!("corrupt      {:>10}", self.verdict.corrupt);
        println!("half visible {:>10}", self.verdict.half_visible);
        println!("\nin flight when the power was cut: {}; seed {seed}", self.in_flight);
    }
}
