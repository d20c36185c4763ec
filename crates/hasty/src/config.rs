//! The one place where configuration is written: a flag, its `HASTY_*` variable, its default and its help are one field each.

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Args, Command, ValueEnum};
use ipnet::IpNet;
use url::Url;

/// The name of the embedded store in the data folder.
pub const STORE_FOLDER: &str = "store";

/// Where the photos are: what every command has to know.
#[derive(Args, Clone)]
pub struct Place {
    /// Folder for the database, the photos and the secrets
    #[arg(long, env = "HASTY_DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,

    /// An external S3, as the server reaches it (default: the embedded store, on the same port)
    #[arg(long, env = "HASTY_S3_ENDPOINT", value_parser = UrlParser)]
    pub s3_endpoint: Option<Url>,
}

impl Place {
    /// The folder of the embedded store.
    pub fn store_dir(&self) -> PathBuf {
        self.data_dir.join(STORE_FOLDER)
    }
}

/// Where the rows are: what every command that reads them has to know.
#[derive(Args, Clone)]
pub struct Database {
    /// PostgreSQL, as postgres://user:password@host/name (default: SQLite in the data folder)
    #[arg(long, env = "HASTY_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// Connections to PostgreSQL at most
    #[arg(long, env = "HASTY_DATABASE_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub database_connections: u32,
}

/// What `hasty serve` can be told.
#[derive(Args, Clone)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "HASTY_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// The address that people see, such as `https://photos.example.com` (default: `http://<listen>`)
    #[arg(long, env = "HASTY_PUBLIC_URL", value_parser = UrlParser)]
    pub public_url: Option<Url>,

    #[command(flatten)]
    pub place: Place,

    /// The owner's key (default: made on first start, kept in `<data-dir>/owner-key`)
    #[arg(long, env = "HASTY_OWNER_KEY", hide_env_values = true)]
    pub owner_key: Option<String>,

    /// The server's secret that every token is derived from (default: made on first start, kept in `<data-dir>/secret`)
    #[arg(long, env = "HASTY_SECRET", hide_env_values = true)]
    pub secret: Option<String>,

    /// Let everybody make invitations: true, or "force" where the public URL is not loopback
    #[arg(long, env = "HASTY_OPEN_INVITATIONS", value_enum, default_value = "false", num_args = 0..=1,
          default_missing_value = "true", action = ArgAction::Set)]
    pub open_invitations: OpenInvitations,

    #[command(flatten)]
    pub database: Database,

    /// The external S3 as browsers reach it (default: the same as --s3-endpoint)
    #[arg(long, env = "HASTY_S3_PUBLIC_ENDPOINT", value_parser = UrlParser, requires = "s3_endpoint")]
    pub s3_public_endpoint: Option<Url>,

    /// The bucket; made at start where it is missing
    #[arg(long, env = "HASTY_S3_BUCKET", default_value = "hasty-media")]
    pub s3_bucket: String,

    /// The region that requests are signed for
    #[arg(long, env = "HASTY_S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,

    /// Access key id of the store (embedded default: made, kept in `<data-dir>/s3-key`)
    #[arg(long, env = "HASTY_S3_ACCESS_KEY_ID", requires = "s3_secret_access_key")]
    pub s3_access_key_id: Option<String>,

    /// Secret access key of the store
    #[arg(long, env = "HASTY_S3_SECRET_ACCESS_KEY", hide_env_values = true, requires = "s3_access_key_id")]
    pub s3_secret_access_key: Option<String>,

    /// Days until a new invitation ends
    #[arg(long, env = "HASTY_INVITATION_DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub invitation_days: u32,

    /// Hours until a signed upload or download link ends; S3 allows at most seven days
    #[arg(long, env = "HASTY_LINK_HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=168))]
    pub link_hours: u32,

    /// Photos that are examined at the same time, each in a process of its own; 0 leaves that to other instances
    /// (default: one for each core)
    #[arg(long, env = "HASTY_INGEST_JOBS")]
    pub ingest_jobs: Option<usize>,

    /// Size of the largest file that is accepted, in bytes
    #[arg(long, env = "HASTY_MAX_FILE_BYTES", default_value_t = 524_288_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub max_file_bytes: u64,

    /// Addresses or networks of proxies whose X-Forwarded-For and X-Request-Id are believed, such as
    /// 127.0.0.1,10.0.0.0/8
    #[arg(long, env = "HASTY_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    #[command(flatten)]
    pub watch: Watch,
}

/// How the server tells what it does.
#[derive(Args, Clone)]
pub struct Watch {
    /// What is logged, as in hasty=debug,info; requests that went well are by debug
    #[arg(long, env = "HASTY_LOG", default_value = "info")]
    pub log: String,

    /// What the log's lines are
    #[arg(long, env = "HASTY_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,

    /// Another address and port, for Prometheus alone: /metrics (default: none)
    #[arg(long, env = "HASTY_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,

    /// An OpenTelemetry collector that takes traces by OTLP over HTTP, such as `http://127.0.0.1:4318` (default: none);
    /// OTEL_TRACES_SAMPLER and OTEL_EXPORTER_OTLP_HEADERS say how
    #[arg(long, env = "HASTY_OTLP_ENDPOINT", hide_env_values = true, value_parser = UrlParser)]
    pub otlp_endpoint: Option<Url>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Who may make invitations, besides the owner.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OpenInvitations {
    #[value(alias = "0", alias = "no")]
    False,
    #[value(alias = "1", alias = "yes")]
    True,
    Force,
}

impl Config {
    /// Every mistake at once, each in one sentence that says what to do.
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        for (name, url) in [
            ("HASTY_PUBLIC_URL", &self.public_url),
            ("HASTY_S3_ENDPOINT", &self.place.s3_endpoint),
            ("HASTY_S3_PUBLIC_ENDPOINT", &self.s3_public_endpoint),
        ] {
            if let Some(url) = url.as_ref().filter(|url| !is_origin(url)) {
                mistakes.push(format!("{name}: {} must be http(s)://host[:port], without a path", without_user(url)));
            }
        }
        if let Some(url) = self.watch.otlp_endpoint.as_ref().filter(|url| !is_http(url) || has_user(url)) {
            mistakes.push(format!(
                "HASTY_OTLP_ENDPOINT: {} must be http(s)://host[:port]; a key goes into OTEL_EXPORTER_OTLP_HEADERS",
                without_user(url)
            ));
        }
        if self.listen.ip().is_unspecified() && self.public_url.is_none() {
            mistakes.push(
                "HASTY_PUBLIC_URL: set it to the address that people use, such as http://192.168.1.10:8000".into(),
            );
        }
        if self.owner_key.as_deref().is_some_and(|key| key.len() < 16) {
            mistakes.push("HASTY_OWNER_KEY: use at least 16 characters".into());
        }
        if self.secret.as_deref().is_some_and(|secret| secret.len() < 32) {
            mistakes.push("HASTY_SECRET: use at least 32 characters".into());
        }
        if !is_bucket_name(&self.s3_bucket) {
            mistakes.push("HASTY_S3_BUCKET: use 3 to 63 of a-z, 0-9, - and .".into());
        }
        if self.place.s3_endpoint.is_none() && RESERVED_BUCKETS.contains(&self.s3_bucket.as_str()) {
            mistakes.push(format!("HASTY_S3_BUCKET: \"{}\" is a path of the server itself", self.s3_bucket));
        }
        if self.place.s3_endpoint.is_some() && self.s3_access_key_id.is_none() {
            mistakes.push("HASTY_S3_ENDPOINT: set HASTY_S3_ACCESS_KEY_ID and HASTY_S3_SECRET_ACCESS_KEY too".into());
        }
        if self.open_invitations == OpenInvitations::True && !self.is_local() {
            mistakes.push(
                "HASTY_OPEN_INVITATIONS: everybody who can reach the server could invite and fetch other people's \
                 links; set it to force if that is meant"
                    .into(),
            );
        }
        mistakes
    }

    /// Where the photos are, in words that tell places apart. Of embedded stores there is one: its folder may be called
    /// something else tomorrow.
    pub fn photos_place(&self) -> String {
        match &self.place.s3_endpoint {
            Some(endpoint) => format!("the bucket {} at {endpoint}", self.s3_bucket),
            None => "the embedded store".to_owned(),
        }
    }

    /// Where the server listens, as this machine reaches it.
    pub fn local_url(&self) -> anyhow::Result<Url> {
        let mut listen = self.listen;
        match listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => listen.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => listen.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        Url::parse(&format!("http://{listen}")).context("the listening address makes no URL")
    }

    /// Photos that are examined at the same time.
    pub fn ingest_jobs(&self) -> usize {
        self.ingest_jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// Whether only this machine can reach the server, as far as the configuration tells.
    pub fn is_local(&self) -> bool {
        match &self.public_url {
            Some(url) => url.host_str().is_some_and(is_loopback_host),
            None => self.listen.ip().is_loopback(),
        }
    }
}

/// First path segments of the server's own routes: a bucket of that name could not be reached.
pub const RESERVED_BUCKETS: &[&str] =
    &["admin", "api", "assets", "healthz", "icon.svg", "invitation", "metrics", "readyz"];

/// An address alone is the network of itself.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpAddr>()
        .map(IpNet::from)
        .or_else(|_| text.parse())
        .map_err(|_| "use addresses or networks, such as 127.0.0.1 or 10.0.0.0/8".to_owned())
}

/// Whether a host, without its port, names this machine.
pub fn is_loopback_host(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn is_origin(url: &Url) -> bool {
    is_http(url)
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && !has_user(url)
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// For messages: what stands before the host may be a password.
fn without_user(url: &Url) -> String {
    if !url.has_host() {
        return "it".into();
    }
    let mut url = url.clone();
    // Fails only where there can be none.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

/// Tells what is needed and nothing of what was given: that may hold a password, and clap's own parsers repeat it.
#[derive(Clone)]
struct UrlParser;

impl TypedValueParser for UrlParser {
    type Value = Url;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Url, clap::Error> {
        value.to_str().and_then(|text| Url::parse(text).ok()).ok_or_else(|| {
            let name = arg.and_then(Arg::get_env).unwrap_or_default().display();
            let message = format!("{name}: use http(s)://host[:port], such as https://photos.example.com\n");
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

fn is_bucket_name(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
}
