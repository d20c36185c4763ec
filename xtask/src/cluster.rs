//! `cargo xtask cluster`: many instances on a PostgreSQL with a standby and three nodes of Garage, under load, while each
//! part in turn is killed, frozen or restarted. Nothing that was acknowledged may be lost, doubled or changed.

mod guests;
mod instances;
mod nginx;
mod postgres;
mod verdict;

use std::{
    iter,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use guests::Guests;
use instances::Instances;
use nginx::Nginx;
use postgres::Postgres;

use crate::{
    build::{self, server::Profile},
    tools::{self, garage_cluster::GarageCluster},
};

const INSTANCES: usize = 3;
const FROZEN: Duration = Duration::from_secs(30);

#[derive(clap::Args)]
pub(crate) struct Cluster {
    /// Guests that upload without pause, each with an invitation of its own
    #[arg(long, default_value_t = 16)]
    guests: usize,
    /// Seconds between two faults
    #[arg(long, default_value_t = 10)]
    secs: u64,
    /// How often the whole list of faults comes
    #[arg(long, default_value_t = 1)]
    rounds: usize,
    /// Use this build of hasty, and compile nothing
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Everything that runs; it ends in this order.
struct World {
    nginx: Nginx,
    instances: Instances,
    garage: GarageCluster,
    postgres: Postgres,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    KillInstance(usize),
    KillStorageNode(usize),
    KillDatabase,
    FailOverDatabase,
    FreezeInstance(usize),
    RestartAllInTurn,
}

impl Cluster {
    pub(crate) fn execute(self) -> Result<()> {
        let garage = tools::garage::installed()?;
        let (nginx, binary) = (tools::proxies::nginx()?, self.binary.clone());
        let binary = binary.map_or_else(|| build::complete(Profile::Release), Ok)?;
        let garage = GarageCluster::start(&garage)?;
        let postgres = Postgres::start()?;
        let nginx = Nginx::start(&nginx, INSTANCES, &garage.addresses())?;
        let instances = Instances::start(&binary, &nginx, &postgres.url())?;
        let mut world = World { nginx, instances, garage, postgres };
        let guests = Guests::invite(&world.nginx.url, &world.instances.owner_key, self.guests)?;
        println!("{INSTANCES} instances, 3 storage nodes, {} guests", self.guests);
        println!("{:34} {:>8} {:>9} {:>14}", "fault", "seconds", "photos", "longest wait");
        let is_over = AtomicBool::new(false);
        let faults = thread::scope(|scope| {
            guests.upload(scope, &is_over);
            let done = self.let_fail(&mut world, &guests);
            is_over.store(true, Ordering::SeqCst);
            done
        });
        faults?;
        let verdict = verdict::reach(&world.nginx.url, &world.instances, &guests.acknowledged(), &world.postgres)?;
        let seen = guests.errors();
        for error in seen.iter().take(10) {
            println!("a guest saw: {error}");
        }
        println!("{verdict}\nerrors that a guest saw after all retries: {}", seen.len());
        ensure!(verdict.is_sound() && seen.is_empty(), "the cluster failed its guests");
        Ok(())
    }

    fn let_fail(&self, world: &mut World, guests: &Guests) -> Result<()> {
        let all: Vec<_> = (0..INSTANCES)
            .map(Fault::KillInstance)
            .chain([
                Fault::KillStorageNode(1),
                Fault::KillDatabase,
                Fault::FailOverDatabase,
                Fault::FreezeInstance(0),
                Fault::RestartAllInTurn,
            ])
            .collect();
        for &fault in iter::repeat_n(&all, self.rounds).flatten() {
            pause(Duration::from_secs(self.secs));
            let (start, before) = (Instant::now(), guests.acknowledged().len());
            guests.take_longest_wait();
            world.suffer(fault)?;
            pause(Duration::from_secs(self.secs));
            let (secs, photos) = (start.elapsed().as_secs(), guests.acknowledged().len() - before);
            println!(
                "{:34} {secs:>8} {photos:>9} {:>12} s",
                format!("{fault:?}"),
                guests.take_longest_wait().as_secs()
            );
        }
        Ok(())
    }
}

impl World {
    fn suffer(&mut self, fault: Fault) -> Result<()> {
        match fault {
            Fault::KillInstance(number) => {
                self.instances.kill(number)?;
                pause(Duration::from_secs(2));
                self.instances.start_one(number)
            }
            Fault::KillStorageNode(number) => {
                self.garage.kill_node(number)?;
                pause(Duration::from_secs(5));
                self.garage.start_node(number)
            }
            Fault::KillDatabase => {
                self.postgres.kill()?;
                pause(Duration::from_secs(3));
                self.postgres.start_again()
            }
            Fault::FailOverDatabase => self.postgres.fail_over(),
            Fault::FreezeInstance(number) => {
                self.instances.signal(number, "STOP")?;
                pause(FROZEN);
                self.instances.signal(number, "CONT")
            }
            Fault::RestartAllInTurn => (0..INSTANCES).try_for_each(|number| self.instances.restart(number)),
        }
    }
}

/// Faults take time: that is what they are about.
#[expect(clippy::disallowed_methods, reason = "a fault lasts as long as it lasts")]
fn pause(duration: Duration) {
    thread::sleep(duration);
}
