//! `cargo xtask bench store`: the embedded store beside Garage and beside a bare handler, which is the limit.

pub(super) mod connection;
pub(super) mod contender;
mod drive;
pub(super) mod objects;
mod scenario;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use contender::Contender;
use drive::Measurement;
use objects::Noise;
use scenario::Scenario;

use crate::{
    build::{self, server::Profile},
    step::step,
    tools,
};

const LARGEST_BYTES: usize = 5_000_000;

#[derive(clap::Args)]
pub(crate) struct Store {
    /// Compare with the limit only
    #[arg(long)]
    without_garage: bool,
    /// Garage's database
    #[arg(long, value_name = "ENGINE", default_value = "lmdb", value_parser = ["lmdb", "sqlite", "fjall"])]
    garage_engine: String,
    /// How often each server is measured; they take turns, and the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds for each measurement
    #[arg(long, default_value_t = 2.0)]
    secs: f64,
    /// Measure this build of hasty, and compile nothing
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Measure only what has these words in its name, such as "PUT 2 kB"
    #[arg(long, value_name = "WORDS", default_value = "")]
    only: String,
}

impl Store {
    pub(crate) fn execute(self) -> Result<()> {
        ensure!(self.secs > 0.0 && self.rounds > 0, "--secs and --rounds must be above 0");
        let limit = Duration::try_from_secs_f64(self.secs)?;
        let garage = if self.without_garage { None } else { Some(tools::garage::installed()?) };
        let binary = match self.binary {
            Some(binary) => binary,
            None => {
                step("bare", contender::build_bare)?;
                build::complete(Profile::Release)?
            }
        };
        let mut contenders = vec![Contender::hasty(&binary)?, Contender::bare()?];
        match garage {
            Some(program) => contenders.push(Contender::garage(&program, &self.garage_engine)?),
            None => println!("Without Garage, as asked."),
        }
        let noise = Noise::new(LARGEST_BYTES)?;
        let mut stored = 0;
        println!("\nMedians of {} rounds of {:?}; every answer to a PUT is durable.", self.rounds, limit);
        println!("The load comes from this machine and shares its cores.");
        for scenario in Scenario::all().iter().filter(|scenario| scenario.to_string().contains(&self.only)) {
            let mut rounds = Vec::new();
            for _ in 0..self.rounds {
                let measure = |contender| scenario.measure(contender, limit, &noise, &mut stored);
                rounds.push(contenders.iter().map(measure).collect::<Result<Vec<_>>>()?);
            }
            print(scenario, &contenders, &rounds);
        }
        Ok(())
    }
}

/// Each round holds a measurement of every contender, ours first.
fn print(scenario: &Scenario, contenders: &[Contender], rounds: &[Vec<Measurement>]) {
    println!("\n{scenario}");
    for (index, contender) in contenders.iter().enumerate() {
        let of = |figure: fn(&Measurement) -> f64| median(rounds.iter().map(|round| figure(&round[index])));
        let calls_per_sec = of(|measured| measured.calls_per_sec);
        let megabytes_per_sec = calls_per_sec * scenario.megabytes();
        let p50 = of(|measured| measured.median.as_secs_f64() * 1e3);
        let p99 = of(|measured| measured.p99.as_secs_f64() * 1e3);
        let cpu = of(|measured| measured.cpu_micros_per_call);
        // Within a round, both had the same neighbours.
        let ratio = median(rounds.iter().map(|round| round[0].calls_per_sec / round[index].calls_per_sec));
        let ratio = if index > 0 { format!("hasty is {ratio:.2} ×") } else { String::new() };
        println!(
            "  {:<7}{calls_per_sec:>9.0}/s {megabytes_per_sec:>8.1} MB/s   p50 {p50:>8.2} ms   p99 {p99:>8.2} ms   \
             CPU {cpu:>7.0} µs   {ratio}",
            contender.name
        );
    }
}

pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let (below, above) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    f64::midpoint(below, above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle_and_between_two() {
        assert!((median([3.0, 1.0, 9.0].into_iter()) - 3.0).abs() < f64::EPSILON);
        assert!((median([4.0, 1.0, 2.0, 9.0].into_iter()) - 3.0).abs() < f64::EPSILON);
    }
}
