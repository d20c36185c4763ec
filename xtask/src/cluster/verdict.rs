//! What is there in the end, held against what was acknowledged.

use std::{
    collections::HashMap,
    fmt, thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};
use ureq::Agent;

use super::{guests::Acknowledged, instances::Instances, postgres::Postgres};

const LONGEST_QUIET: Duration = Duration::from_secs(900);
const POLL_INTERVAL: Duration = Duration::from_secs(1);
const LARGEST_ANSWER_BYTES: u64 = 256 << 20;
/// An image's state changes twice: it is uploaded, and it is ready.
const SHOWN_TWICE: &str =
    "SELECT COUNT(*) FROM (SELECT image_id FROM events GROUP BY image_id HAVING COUNT(*) > 2) twice";

#[derive(Default)]
pub(super) struct Verdict {
    acknowledged: usize,
    lost: usize,
    doubled: usize,
    corrupt: usize,
    rejected: usize,
    shown_twice: usize,
    /// Told, and not judged: a fault may have come between a result and the news of it.
    examined_twice: usize,
}

/// Waits until every photo has been examined; then reads each one.
pub(super) fn reach(
    url: &str,
    instances: &Instances,
    acknowledged: &[Acknowledged],
    postgres: &Postgres,
) -> Result<Verdict> {
    wait_until_examined(postgres)?;
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(120)));
    let agent: Agent = config.build().into();
    let call =
        agent.get(format!("{url}/api/images/")).header("authorization", format!("Bearer {}", instances.owner_key));
    let answer = call.call()?;
    ensure!(answer.status() == 200, "the list of images answers {}", answer.status());
    let list = answer.into_body().into_with_config().limit(LARGEST_ANSWER_BYTES).read_to_vec()?;
    let images: Vec<Value> = serde_json::from_slice(&list)?;
    let by_id: HashMap<i64, &Value> = images.iter().filter_map(|image| Some((image["id"].as_i64()?, image))).collect();
    let mut copies: HashMap<&str, usize> = HashMap::new();
    for image in images.iter().filter(|image| image["uploaded"] == true) {
        *copies.entry(image["sha256"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let shown_twice = postgres.ask(SHOWN_TWICE)?.parse().context("no count")?;
    let (acknowledged_count, examined_twice) = (acknowledged.len(), instances.examined_in_vain());
    let mut verdict = Verdict { acknowledged: acknowledged_count, shown_twice, examined_twice, ..Verdict::default() };
    for photo in acknowledged {
        verdict.doubled += usize::from(copies.get(photo.sha256.as_str()).is_some_and(|&count| count > 1));
        match by_id.get(&photo.id) {
            None => verdict.lost += 1,
            Some(image) if image["state"] == "rejected" => verdict.rejected += 1,
            Some(image) => match read(&agent, image) {
                Ok(sha256) => verdict.corrupt += usize::from(sha256 != photo.sha256),
                Err(_) => verdict.lost += 1,
            },
        }
    }
    Ok(verdict)
}

fn read(agent: &Agent, image: &Value) -> Result<String> {
    let answer = agent.get(image["image_link"].as_str().context("no link")?).call()?;
    ensure!(answer.status() == 200, "{}", answer.status());
    let bytes = answer.into_body().into_with_config().limit(LARGEST_ANSWER_BYTES).read_to_vec()?;
    Ok(hex::encode(Sha256::digest(bytes)))
}

fn wait_until_examined(postgres: &Postgres) -> Result<()> {
    let until = Instant::now() + LONGEST_QUIET;
    loop {
        let waiting = postgres.ask("SELECT COUNT(*) FROM jobs")?;
        if waiting == "0" {
            return Ok(());
        }
        ensure!(Instant::now() < until, "{waiting} photos are still not examined");
        #[expect(clippy::disallowed_methods, reason = "nothing tells when all is done")]
        thread::sleep(POLL_INTERVAL);
    }
}

impl Verdict {
    pub(super) fn is_sound(&self) -> bool {
        let Self { acknowledged, lost, doubled, corrupt, rejected, shown_twice, examined_twice: _ } = self;
        *acknowledged > 0 && lost + doubled + corrupt + rejected + shown_twice == 0
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, lost, doubled, corrupt, rejected, shown_twice, examined_twice } = self;
        write!(
            f,
            "acknowledged: {acknowledged}, lost: {lost}, doubled: {doubled}, corrupt: {corrupt}, rejected: {rejected}, \
             shown twice: {shown_twice}; examined twice, which shows nowhere: {examined_twice}"
        )
    }
}
