//! What the suites need from outside: each part is started or installed when the first suite asks for it.

use std::{cell::OnceCell, env, ffi::OsString, fs, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    project,
    step::run,
    tools::{
        self,
        garage_cluster::{GarageCluster, KEY_ID, SECRET_KEY},
        postgresql::Cluster,
    },
};

const DATABASE_URL: &str = "HASTY_TEST_DATABASE_URL";
const GARAGE: &str = "HASTY_TEST_GARAGE";
const NGINX: &str = "HASTY_TEST_NGINX";
const CADDY: &str = "HASTY_TEST_CADDY";
const CHROMIUM: &str = "HASTY_TEST_CHROMIUM";
const PHOTOS: &str = "HASTY_TEST_PHOTOS";
const PYTHON: &str = "HASTY_TEST_PYTHON";
const RCLONE: &str = "HASTY_TEST_RCLONE";
const S3S_E2E: &str = "HASTY_TEST_S3S_E2E";
const SAMPLES: &str = "HASTY_TEST_SAMPLES";

/// Environment variables for one suite.
pub(crate) type Environment = Vec<(&'static str, OsString)>;

/// Lives for one run of the tests.
pub(crate) struct Fixtures {
    /// The text that a test's name must hold.
    pub(crate) filter: Option<String>,
    cluster: OnceCell<Cluster>,
    garage: OnceCell<GarageCluster>,
}

impl Fixtures {
    pub(crate) fn new(filter: Option<String>) -> Self {
        Self { filter, cluster: OnceCell::new(), garage: OnceCell::new() }
    }

    /// A PostgreSQL server whose superuser the tests are, S3 clients, some in a Python, some programs, and Garage.
    pub(crate) fn for_rust(&self) -> Result<Environment> {
        Ok(vec![
            (PYTHON, given_or(PYTHON, || Ok(tools::python::find()?.into()))?),
            (RCLONE, given_or(RCLONE, || Ok(tools::rclone::find()?.into()))?),
            (S3S_E2E, given_or(S3S_E2E, || Ok(tools::s3s_e2e::find()?.into()))?),
            (DATABASE_URL, self.database_url()?),
            (GARAGE, self.garage()?),
            (NGINX, given_or(NGINX, || Ok(tools::proxies::nginx()?.into()))?),
            (CADDY, given_or(CADDY, || Ok(tools::proxies::caddy()?.into()))?),
        ])
    }

    /// The same server, a browser and photos.
    pub(crate) fn for_stories(&self) -> Result<Environment> {
        let mut environment = self.for_browser()?;
        environment.push((DATABASE_URL, self.database_url()?));
        Ok(environment)
    }

    /// A browser and photos.
    pub(crate) fn for_browser(&self) -> Result<Environment> {
        let chromium = given_or(CHROMIUM, || Ok(tools::chromium::find()?.into()))?;
        Ok(vec![(CHROMIUM, chromium), (SAMPLES, self.samples()?.into())])
    }

    /// A folder of small photos of every type, with what they hold in its index.json.
    pub(crate) fn samples(&self) -> Result<PathBuf> {
        let folder = project::target().join("samples");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let example = ["run", "--package", "metadata", "--features", "samples", "--example", "make_photos", "--"];
        run(Command::new("cargo").current_dir(project::root()).args(example).arg(&folder))?;
        Ok(folder)
    }

    /// The caller's own photos.
    pub(crate) fn photos(&self) -> Option<PathBuf> {
        env::var_os(PHOTOS).map(PathBuf::from)
    }

    /// The S3 of each of its nodes, separated by commas, and its key pair.
    fn garage(&self) -> Result<OsString> {
        given_or(GARAGE, || {
            let nodes = match self.garage.get() {
                Some(running) => running,
                None => {
                    let started = GarageCluster::start(&tools::garage::for_tests()?)?;
                    self.garage.get_or_init(|| started)
                }
            };
            Ok(format!("{},{KEY_ID},{SECRET_KEY}", nodes.addresses().join(",")).into())
        })
    }

    fn database_url(&self) -> Result<OsString> {
        given_or(DATABASE_URL, || {
            let cluster = match self.cluster.get() {
                Some(running) => running,
                None => {
                    let started = Cluster::start()?;
                    self.cluster.get_or_init(|| started)
                }
            };
            Ok(cluster.url().into())
        })
    }
}

/// What the caller has set outranks what would be found.
fn given_or(name: &str, find: impl FnOnce() -> Result<OsString>) -> Result<OsString> {
    env::var_os(name).map_or_else(find, Ok)
}
