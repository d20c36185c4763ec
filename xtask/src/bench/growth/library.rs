//! A server whose database holds so many images, and the requests that it is asked.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, Result, ensure};

use super::{
    super::{
        load::{Calls, ask, next_page},
        server::Server,
    },
    cost::Side,
    keys::random,
};
use crate::{
    step::{Outcome, step},
    tools::{postgresql::Cluster, sqlite},
};

/// For both engines.
const IMAGES: &str = include_str!("images.sql");
/// All but the one that holds the images are empty.
const INVITATIONS: usize = 5;
const FIRST_PAGE: &str = "/api/images/?limit=100";
const DISTANT_PAGE: usize = 1_000;

/// Where the rows are.
pub(super) enum Database {
    /// In the server's own folder.
    Sqlite,
    PostgreSql(Cluster),
}

/// A kind of request.
#[derive(Clone, Copy)]
pub(super) enum Request {
    FirstPage,
    FirstPageForGuest,
    DistantPage,
    Image,
    Stats,
}

impl Request {
    pub(super) const ALL: [Self; 5] =
        [Self::FirstPage, Self::FirstPageForGuest, Self::DistantPage, Self::Image, Self::Stats];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FirstPage => "page 1",
            Self::FirstPageForGuest => "page 1, guest",
            Self::DistantPage => "page 1000 or last",
            Self::Image => "one image",
            Self::Stats => "statistics",
        }
    }

    /// Enough in all rounds for the clock of `/proc`.
    pub(super) fn calls_per_round(self) -> usize {
        match self {
            Self::FirstPage | Self::FirstPageForGuest | Self::DistantPage => 30,
            Self::Image | Self::Stats => 200,
        }
    }
}

/// The server, and where its pages are.
pub(super) struct Library {
    server: Server,
    guest_token: String,
    /// The path of the thousandth page; of the last, where there are fewer.
    distant_page: String,
    count: usize,
    /// Outlives the server.
    _database: Database,
}

impl Database {
    fn url(&self) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::PostgreSql(cluster) => Some(cluster.url()),
        }
    }

    fn fill(&self, server: &Server, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite => {
                // The log of so large a transaction would slow all reading down until it is in the file.
                let sql = format!("PRAGMA cache_size = -1000000; {sql} PRAGMA wal_checkpoint(TRUNCATE);");
                sqlite::run(&server.sqlite_file(), &sql)
            }
            // Its own vacuum takes a minute to see the rows.
            Self::PostgreSql(cluster) => cluster.run(&[sql, "VACUUM ANALYZE"]),
        }
    }
}

impl Library {
    /// Starts a server on an empty database and fills that.
    pub(super) fn fill(binary: &Path, database: Database, count: usize) -> Result<Self> {
        let server = Server::start(binary, database.url().as_deref())?;
        let invitations = (0..INVITATIONS).map(|_| ask(server.invitation())).collect::<Result<Vec<_>>>()?;
        let guest_token = invitations[0]["token"].as_str().context("an invitation without a token")?.to_owned();
        step(&format!("{count} images"), || {
            database.fill(&server, &IMAGES.replace("{count}", &count.to_string()))?;
            count_images(binary, &server, &database)?;
            Ok(Outcome::Done)
        })?;
        let distant_page = find_page(&server, DISTANT_PAGE)?;
        Ok(Self { server, guest_token, distant_page, count, _database: database })
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Requests of one kind without end.
    pub(super) fn side(&self, request: Request) -> Side<'_> {
        let asked = AtomicUsize::new(0);
        let calls: Box<Calls<'_>> = match request {
            Request::FirstPage => Box::new(|| Some(self.server.owner_get(FIRST_PAGE))),
            Request::FirstPageForGuest => {
                Box::new(|| Some(self.server.call("GET", FIRST_PAGE, Some(&self.guest_token), "")))
            }
            Request::DistantPage => Box::new(|| Some(self.server.owner_get(&self.distant_page))),
            Request::Image => Box::new(move || {
                let mut state = asked.fetch_add(1, Ordering::Relaxed) as u64;
                let id = 1 + random(&mut state) % self.count as u64;
                Some(self.server.owner_get(&format!("/api/images/{id}/")))
            }),
            Request::Stats => Box::new(|| Some(self.server.owner_get("/api/stats/"))),
        };
        Side { process: &self.server.process, calls }
    }
}

/// Makes the statistics of what no server has counted: the first time finds all wrong, the second must find all right.
fn count_images(binary: &Path, server: &Server, database: &Database) -> Result<()> {
    let rebuild = || {
        let mut command = Command::new(binary);
        command.args(["stats", "--rebuild", "--data-dir"]).arg(server.data_dir());
        command.envs(database.url().map(|url| ("HASTY_DATABASE_URL", url)));
        command.output().context("cannot count the images")
    };
    rebuild()?;
    let second = rebuild()?;
    ensure!(second.status.success(), "the images cannot be counted: {}", String::from_utf8_lossy(&second.stderr));
    Ok(())
}

/// Follows the links from the first page on.
fn find_page(server: &Server, number: usize) -> Result<String> {
    let mut path = FIRST_PAGE.to_owned();
    for _ in 1..number {
        match next_page(server.owner_get(&path))? {
            Some(next) => path = next,
            None => break,
        }
    }
    Ok(path)
}
