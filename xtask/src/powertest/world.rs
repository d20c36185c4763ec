//! A disk, the server on it, and everybody who writes to that server.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Result, anyhow, ensure};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rustix::fs::syncfs;
use rusty_s3::Method;
use serde_json::{Value, json};

use super::{
    disk::Disk,
    facts::Verdict,
    guests::Guests,
    objects::{self, Objects},
    server::{Program, Server},
    site::Site,
};

const PHOTOS_BUCKET: &str = "hasty-media";

/// Its parts end in this order: the server lets go of the disk.
pub(super) struct World<'a> {
    program: &'a Program,
    server: Server,
    disk: Disk,
    writers: Vec<Writer>,
    /// The guests' objects that have been read, with their sizes.
    photos: BTreeMap<String, usize>,
}

enum Writer {
    Objects(Objects),
    Guests(Guests),
}

/// What happened until the server ended.
pub(super) struct Written {
    pub(super) acknowledged: usize,
    /// Writes that were sent and not acknowledged before the power was cut.
    pub(super) in_flight: usize,
    /// On what was sent only then.
    pub(super) verdict: Verdict,
}

impl<'a> World<'a> {
    /// An empty disk in `folder`, and a server that has just made everything that it needs.
    pub(super) fn make(folder: &Path, program: &'a Program, writers: usize, rng: &mut StdRng) -> Result<Self> {
        let disk = Disk::make(folder)?;
        let server = program.start(&data(&disk))?;
        objects::make_bucket(server.site())?;
        if program.without_sync.is_some() {
            // Without the keys of the first start nobody could even ask what is lost.
            syncfs(File::open(disk.path())?)?;
        }
        let writer = |number: usize| {
            let (name, rng) = (format!("w{number}"), StdRng::seed_from_u64(rng.random()));
            if number.is_multiple_of(2) {
                Writer::Guests(Guests::new(&name, rng))
            } else {
                Writer::Objects(Objects::new(&name, rng))
            }
        };
        let writers = (0..writers).map(writer).collect();
        Ok(Self { program, server, disk, writers, photos: BTreeMap::new() })
    }

    /// Lets everybody write for this long, and then cuts the power in the middle of it.
    pub(super) fn write_until_cut(&mut self, after: Duration) -> Result<Written> {
        let in_flight = self.writers.len();
        let (site, process) = self.server.parts();
        let (refused, cut) = thread::scope(|scope| {
            let (failures, failed) = mpsc::channel();
            for writer in &mut self.writers {
                let failures = failures.clone();
                scope.spawn(move || {
                    let error = writer.write(site);
                    if !site.is_cut() {
                        // Whoever listens may have heard of another one.
                        let _ = failures.send(error);
                    }
                });
            }
            let refused = failed.recv_timeout(after).ok();
            site.cut();
            let cut = self.disk.cut_power().and_then(|()| write_to_dead_disk(site));
            // Whatever has failed, the writers end only when nobody answers.
            process.kill()?;
            anyhow::Ok((refused, cut))
        })?;
        match refused {
            Some(error) => Err(error.context("a write was refused before the power was cut")),
            None => Ok(Written { acknowledged: site.take_acknowledged(), in_flight, verdict: cut? }),
        }
    }

    /// Starts the server on what is left of its data, and looks at all that was touched before the cut, and at this
    /// share of the rest.
    pub(super) fn start_again(&mut self, share: f64) -> Result<Verdict> {
        self.disk.mount_again()?;
        match self.program.start(&data(&self.disk)) {
            Ok(server) => self.server = server,
            Err(error) => {
                let mut verdict = Verdict::default();
                verdict.lost(format!("everything: {error:#}"));
                return Ok(verdict);
            }
        }
        self.check(share)
    }

    pub(super) fn check(&mut self, share: f64) -> Result<Verdict> {
        let site = self.server.site();
        let verdicts = thread::scope(|scope| {
            let spawn = |writer| scope.spawn(move || Writer::check(writer, site, share));
            let threads = self.writers.iter_mut().map(spawn).collect::<Vec<_>>();
            let verdict = |thread: thread::ScopedJoinHandle<'_, _>| thread.join();
            threads.into_iter().map(verdict).collect::<Vec<_>>()
        });
        let mut whole = Verdict::default();
        for verdict in verdicts {
            whole.add(verdict.map_err(|_| anyhow!("a check panicked"))?);
        }
        objects::check_readable(site, PHOTOS_BUCKET, &mut self.photos, &mut whole)
            .unwrap_or_else(|error| whole.corrupt(format!("{error:#}")));
        Ok(whole)
    }

    pub(super) fn is_half_full(&self) -> Result<bool> {
        self.disk.is_half_full()
    }

    /// Puts the disk aside for somebody to look at, and answers where it is.
    pub(super) fn keep_disk(self) -> Result<PathBuf> {
        let Self { server, disk, .. } = self;
        drop(server);
        disk.keep()
    }
}

/// The server lives a little longer than its disk: what it acknowledges now is lost.
fn write_to_dead_disk(site: &Site) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let object = site.s3(Method::Put, &objects::path("after"), &[], &[], b"after".to_vec())?;
    let invitation = json!({ "email": "after@example.com" });
    let invitation = site.api("POST", "/api/invitation/", &site.owner_key, &invitation)?;
    for (name, call) in [("an object", object), ("an invitation", invitation)] {
        if site.ask(call).is_ok_and(|answer| answer.is_success()) {
            verdict.lost(format!("{name} that was acknowledged after the disk had failed"));
        }
    }
    let ready = site.ask(site.api("GET", "/readyz", &site.owner_key, &Value::Null)?)?;
    ensure!(ready.status == 503, "/readyz answered {} though the disk has failed", ready.status);
    ensure!(ready.json()?["code"] == "storage_read_only", "/readyz does not say that the store only reads");
    Ok(verdict)
}

fn data(disk: &Disk) -> PathBuf {
    disk.path().join("data")
}

impl Writer {
    /// Writes until something is not acknowledged, and answers why.
    fn write(&mut self, site: &Site) -> anyhow::Error {
        loop {
            let step = match self {
                Self::Objects(objects) => objects.step(site),
                Self::Guests(guests) => guests.step(site),
            };
            if let Err(error) = step {
                return error;
            }
        }
    }

    /// What cannot even be asked counts as corrupt.
    fn check(&mut self, site: &Site, share: f64) -> Verdict {
        let verdict = match self {
            Self::Objects(objects) => objects.check(site, share),
            Self::Guests(guests) => guests.check(site, share),
        };
        verdict.unwrap_or_else(|error| {
            let mut verdict = Verdict::default();
            verdict.corrupt(format!("{error:#}"));
            verdict
        })
    }
}
