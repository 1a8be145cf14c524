//! The rounds: each has every subject once, so that other work of the machine slows all of them alike.

use super::results::Results;
use super::site::Site;
use super::subject::{HASHING, IMPLEMENTATIONS, Implementation, OURS_ALONE, Operation, Subject};
use super::{Rounds, process, throughput};
use crate::hash::Hash;
use crate::progress::Progress;
use harness::lambda_host::LambdaHost;
use runtime::pin_hash::hasher::{DEFAULT_ROUNDS, MIN_ROUNDS};

/// Invocations of a subject before those that count.
const WARM_UP: usize = 20;
/// The same where each one hashes for long.
const WARM_UP_HASHED: usize = 3;
/// Invocations of a warm process right before a first one of another, and where each one hashes for long.
const BEFORE_FIRST: usize = 20;
const BEFORE_FIRST_HASHED: usize = 1;

/// Measures everything on one engine.
pub async fn everything(
    site: &mut Site<'_>,
    rounds: Rounds,
    engine: &'static str,
) -> Result<Results, String> {
    let mut results = Results::new(engine);
    starts(site, rounds, &mut results).await?;
    let mut subjects = Subject::all();
    subjects.extend(HASHING.map(Subject::cheap));
    let host = site.host(&subjects).await?;
    status(site, &host, rounds, &mut results).await?;
    cheap(site, &host, rounds, &mut results).await?;
    hashed(site, &host, rounds, &mut results).await?;
    for subject in subjects {
        results.of(subject).peak_rss = process::peak_rss(&host, subject)?;
    }
    host.stop().await;
    throughput::all(site, rounds, &mut results).await?;
    Ok(results)
}

/// Starts a new process each time, with one invocation, right after some of a process that is warm.
///
/// An engine speeds up as it runs and slows down after a pause, so a first invocation is comparable only with those made
/// right before it.
async fn starts(site: &mut Site<'_>, rounds: Rounds, results: &mut Results) -> Result<(), String> {
    let warm = site.host(&Subject::all()).await?;
    for subject in Subject::all() {
        let times = if hashes_for_long(subject) { WARM_UP_HASHED } else { WARM_UP };
        warm_up(site, &warm, &[subject], times).await?;
    }
    let mut progress = progress(results, "starts", rounds.inits);
    for _ in 0..rounds.inits {
        for subject in Subject::all() {
            let host = site.host(&[subject]).await?;
            host.inits(&subject.to_string()).into_iter().for_each(|init| results.of(subject).init.add(init));
            results.of(subject).init_cpu.add(process::cpu_time(&host, subject)?);
            let before = if hashes_for_long(subject) { BEFORE_FIRST_HASHED } else { BEFORE_FIRST };
            for _ in 0..before {
                let took = site.invoke(&warm, subject).await?;
                results.of(subject).before_first.add(took);
            }
            let took = site.invoke(&host, subject).await?;
            results.of(subject).first.add(took);
            host.stop().await;
        }
        progress.add(1);
    }
    warm.stop().await;
    Ok(())
}

fn hashes_for_long(subject: Subject) -> bool {
    HASHING.contains(&subject.operation) && subject.by != Implementation::Bare
}

/// Measures `status` of everyone, and what only the service implements, which is quick too.
async fn status(
    site: &mut Site<'_>,
    host: &LambdaHost,
    rounds: Rounds,
    results: &mut Results,
) -> Result<(), String> {
    let mut subjects = IMPLEMENTATIONS.map(|by| Subject::new(Operation::Status, by)).to_vec();
    subjects.extend(OURS_ALONE.map(|operation| Subject::new(operation, Implementation::Service)));
    warm_up(site, host, &subjects, WARM_UP).await?;
    let mut progress = progress(results, "status", rounds.status);
    for _ in 0..rounds.status {
        for &subject in &subjects {
            for _ in 0..rounds.burst {
                warm(site, host, subject, results).await?;
            }
        }
        for _ in 0..rounds.burst {
            let took = site.sdk_status().await?;
            results.sdk.entry("BatchGetItem of status").or_default().add(took);
        }
        progress.add(1);
    }
    Ok(())
}

/// Measures `set-pin` and `port-out` beside the bare ones, each right after a hash, so that all find the machine alike.
async fn cheap(
    site: &mut Site<'_>,
    host: &LambdaHost,
    rounds: Rounds,
    results: &mut Results,
) -> Result<(), String> {
    let hash = Hash::new(MIN_ROUNDS);
    let both = |operation| [Subject::new(operation, Implementation::Bare), Subject::cheap(operation)];
    for operation in HASHING {
        warm_up(site, host, &both(operation), WARM_UP).await?;
    }
    let mut progress = progress(results, "cheapest hash", rounds.cheap);
    for _ in 0..rounds.cheap {
        for operation in HASHING {
            for subject in both(operation) {
                let took = hash.time().await;
                if subject.cheap {
                    results.cheap_hash.entry(operation).or_default().add(took);
                }
                warm(site, host, subject, results).await?;
            }
        }
        let (set_pin, port_out) = (site.sdk_set_pin().await?, site.sdk_port_out().await?);
        results.sdk.entry("TransactWriteItems of set-pin").or_default().add(set_pin);
        results.sdk.entry("TransactWriteItems of port-out").or_default().add(port_out);
        progress.add(1);
    }
    Ok(())
}

/// Measures `set-pin` and `port-out` with the hash of production.
async fn hashed(
    site: &mut Site<'_>,
    host: &LambdaHost,
    rounds: Rounds,
    results: &mut Results,
) -> Result<(), String> {
    let hash = Hash::new(DEFAULT_ROUNDS);
    let hashing = [Implementation::Service, Implementation::Node, Implementation::Python];
    let subjects = HASHING.map(|operation| hashing.map(|by| Subject::new(operation, by))).concat();
    warm_up(site, host, &subjects, WARM_UP_HASHED).await?;
    let mut progress = progress(results, "hash of production", rounds.hashed);
    for _ in 0..rounds.hashed {
        results.hash.add(hash.time().await);
        for &subject in &subjects {
            warm(site, host, subject, results).await?;
        }
        progress.add(1);
    }
    Ok(())
}

async fn warm(
    site: &mut Site<'_>,
    host: &LambdaHost,
    subject: Subject,
    results: &mut Results,
) -> Result<(), String> {
    let took = site.invoke(host, subject).await?;
    results.of(subject).warm.add(took);
    Ok(())
}

pub async fn warm_up(
    site: &mut Site<'_>,
    host: &LambdaHost,
    subjects: &[Subject],
    times: usize,
) -> Result<(), String> {
    for &subject in subjects {
        for _ in 0..times {
            site.invoke(host, subject).await?;
        }
    }
    Ok(())
}

pub fn progress(results: &Results, part: &str, rounds: usize) -> Progress {
    Progress::new(format!("{}: {part}", results.engine), rounds as u64)
}
