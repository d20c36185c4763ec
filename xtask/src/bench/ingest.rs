//! `cargo xtask bench ingest`: photos shown per second and core, beside `vipsthumbnail` where it is installed.
//!
//! What counts is processor time, of one process after the other: a second of it is a second of one core, whatever
//! else the machine does. Both make a preview of 1600 pixels and one of 320 from it, as JPEGs of quality 80. Ours also
//! reads the metadata and makes two hashes.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use super::{process::children_cpu, store::median};
use crate::{
    build::{self, server::Profile},
    project,
    step::{Outcome, run, step},
    tools,
};

const MEGAPIXELS: u32 = 12;

#[derive(clap::Args)]
pub(crate) struct Ingest {
    /// How often each is measured; they take turns, and the median counts
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Photos in each round
    #[arg(long, default_value_t = 8)]
    photos: usize,
    /// Measure this build of hasty, and compile only what makes the photos
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Shows all photos once.
struct Contender<'a> {
    name: &'static str,
    /// Which of ours it is to be held against.
    beside: Option<usize>,
    show: Box<dyn Fn() -> Result<()> + 'a>,
}

impl Ingest {
    pub(super) fn execute(self) -> Result<()> {
        ensure!(self.rounds > 0 && self.photos > 0, "--rounds and --photos must be above 0");
        step("example", build_example)?;
        let example = project::target().join("release/examples/ingest_photos");
        let binary = self.binary.map_or_else(|| build::complete(Profile::Release), Ok)?;
        let folder = tempfile::tempdir()?;
        run(Command::new(&example).arg("make").arg(folder.path()).arg(self.photos.to_string()))?;
        let photos: Vec<_> = (0..self.photos).map(|number| folder.path().join(format!("{number}.jpg"))).collect();
        let bytes = photos.iter().map(|photo| Ok(fs::metadata(photo)?.len())).sum::<Result<u64>>()?;
        println!("\n{} JPEGs of {MEGAPIXELS} MP, {:.1} MB each.", self.photos, bytes as f64 / 1e6 / self.photos as f64);
        println!("Medians of {} rounds, in which they take turns; per second of one core.\n", self.rounds);

        let contenders = contenders(&example, &binary, folder.path(), &photos);
        let mut rounds = Vec::new();
        for _ in 0..self.rounds {
            rounds.push(contenders.iter().map(measure).collect::<Result<Vec<_>>>()?);
        }
        print(&contenders, &rounds, self.photos);
        Ok(())
    }
}

fn build_example() -> Result<Outcome> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--package", "previews", "--example", "ingest_photos"]);
    let output = run(cargo.current_dir(project::root()))?;
    Ok(if output.contains("Compiling previews ") { Outcome::Done } else { Outcome::Unchanged })
}

fn contenders<'a>(example: &'a Path, binary: &'a Path, folder: &'a Path, photos: &'a [PathBuf]) -> Vec<Contender<'a>> {
    let library = move || run(Command::new(example).arg("show").args(photos)).map(drop);
    let workers = move || photos.iter().try_for_each(|photo| worker(binary, photo));
    let mut contenders = vec![
        Contender { name: "previews::make, one process", beside: None, show: Box::new(library) },
        Contender { name: "hasty worker, one per photo", beside: None, show: Box::new(workers) },
    ];
    let Some(vips) = tools::program("vipsthumbnail") else {
        println!("Without vipsthumbnail: it is not installed (Debian: `apt-get install libvips-tools`).");
        return contenders;
    };
    let one_vips = vips.clone();
    let at_once = move || vipsthumbnails(&one_vips, folder, photos);
    let each = move || photos.iter().try_for_each(|photo| vipsthumbnails(&vips, folder, std::slice::from_ref(photo)));
    contenders.push(Contender { name: "vipsthumbnail, two processes", beside: Some(0), show: Box::new(at_once) });
    contenders.push(Contender { name: "vipsthumbnail, two per photo", beside: Some(1), show: Box::new(each) });
    contenders
}

fn worker(binary: &Path, photo: &Path) -> Result<()> {
    let output = Command::new(binary).args(["worker", "examine"]).env_clear().stdin(fs::File::open(photo)?).output()?;
    let is_whole = output.status.success() && output.stdout.windows(10).any(|part| part == b"\"previews\"");
    ensure!(is_whole, "a worker ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The large previews, and from those the small ones.
fn vipsthumbnails(program: &Path, folder: &Path, photos: &[PathBuf]) -> Result<()> {
    let (large, small) = (folder.join("large-%s.jpg[Q=80,strip]"), folder.join("small-%s.jpg[Q=80,strip]"));
    let name = |photo: &PathBuf| photo.file_stem().map(OsStr::to_string_lossy).unwrap_or_default().into_owned();
    let larges: Vec<_> = photos.iter().map(|photo| folder.join(format!("large-{}.jpg", name(photo)))).collect();
    vipsthumbnail(program, "1600x1600>", &large, photos)?;
    vipsthumbnail(program, "320x320>", &small, &larges)
}

/// On one thread, so that its time is comparable.
fn vipsthumbnail(program: &Path, size: &str, output: &Path, photos: &[PathBuf]) -> Result<()> {
    let mut command = Command::new(program);
    command.env("VIPS_CONCURRENCY", "1").args(["--size", size, "-o"]).arg(output).args(photos);
    let status = command.stdout(Stdio::null()).status().context("cannot start vipsthumbnail")?;
    ensure!(status.success(), "vipsthumbnail ended with {status}");
    Ok(())
}

fn measure(contender: &Contender) -> Result<Duration> {
    let before = children_cpu()?;
    (contender.show)()?;
    Ok(children_cpu()? - before)
}

fn print(contenders: &[Contender], rounds: &[Vec<Duration>], photos: usize) {
    for (index, Contender { name, beside, .. }) in contenders.iter().enumerate() {
        let secs = median(rounds.iter().map(|round| round[index].as_secs_f64() / photos as f64));
        // Within a round, both had the same neighbours.
        let ratio = beside.map(|ours| {
            let ratio = median(rounds.iter().map(|round| round[index].as_secs_f64() / round[ours].as_secs_f64()));
            format!("   ours is {ratio:.2} × as fast")
        });
        println!("{name:<30}{:>7.1}/s {:>8.1} ms{}", 1.0 / secs, secs * 1e3, ratio.unwrap_or_default());
    }
}
