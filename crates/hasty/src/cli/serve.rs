//! `hasty serve`: bind, say where, serve until SIGINT or SIGTERM.

use std::io::{IsTerminal, Write, stdout};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry;

const STOP_TIMEOUT: Duration = Duration::from_secs(5);

pub fn run(config: Config) -> Result<()> {
    let traces = telemetry::start(&config.watch)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(config));
    // A thread that waits for a database without an answer must not keep the process.
    runtime.shutdown_timeout(STOP_TIMEOUT);
    if let Some(traces) = traces {
        traces.end();
    }
    served
}

async fn serve(config: Config) -> Result<()> {
    let listen = config.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let app = tokio::task::spawn_blocking(move || App::open(config, Clock::system(), address)).await??;
    // A closed standard output is no reason not to serve.
    let _ = greet(&app);
    if app.is_open() {
        tracing::warn!("open mode: whoever knows an e-mail address can fetch the upload link of its invitation");
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    crate::serve(app, listener, shutdown).await
}

/// The key goes to a terminal only: elsewhere standard output is a log.
fn greet(app: &App) -> std::io::Result<()> {
    let mut out = stdout().lock();
    let url = app.config.public_url.as_ref().unwrap_or(&app.local_url).as_str().trim_end_matches('/');
    writeln!(out, "HastyImages listens on {}", app.local_url.as_str().trim_end_matches('/'))?;
    if out.is_terminal() {
        let key = app.secrets.owner_key();
        writeln!(out, "Sign in as the owner:  {url}/admin/#key={key}")?;
        writeln!(
            out,
            "Or invite from here:\n  curl -d email=guest@example.com -H 'Authorization: Bearer {key}' {url}/api/invitation/"
        )?;
    } else {
        match &app.secrets.owner_key_file {
            Some(file) => writeln!(out, "The owner key is in {}", file.display())?,
            None => writeln!(out, "The owner key is the one that was configured")?,
        }
    }
    out.flush()
}
