//! The rounds: each has every subject once, so that whatever changes on the machine changes for all alike.

use crate::args::Rounds;
use crate::progress::Progress;
use crate::results::Results;
use crate::site::Site;
use crate::subject::{EVERYBODY, OPERATIONS, Subject, What, Who};
use harness::lambda_host::LambdaHost;
use std::time::Duration;

/// Invocations of a subject before those that count.
const WARMING: usize = 20;
/// The same where each one hashes for long.
const WARMING_HASHED: usize = 3;

/// Measures everything on one engine.
pub async fn everything(
    site: &mut Site<'_>,
    rounds: Rounds,
    engine: &'static str,
) -> Result<Results, String> {
    let mut results = Results::new(engine);
    starts(site, rounds, &mut results).await?;
    let mut subjects = Subject::all();
    subjects.extend([Subject::least(What::SetPin), Subject::least(What::PortOut)]);
    let host = site.host(&subjects).await?;
    status(site, &host, rounds, &mut results).await?;
    fewest_rounds(site, &host, rounds, &mut results).await?;
    hashed(site, &host, rounds, &mut results).await?;
    for subject in subjects {
        results.of(subject).peak_rss = peak_rss(&host, subject)?;
    }
    host.stop().await;
    Ok(results)
}

/// A new process each time, with one invocation.
async fn starts(site: &mut Site<'_>, rounds: Rounds, results: &mut Results) -> Result<(), String> {
    let mut progress = Progress::new(format!("{}: starts", results.engine), rounds.inits);
    for _ in 0..rounds.inits {
        for subject in Subject::all() {
            let host = site.host(&[subject]).await?;
            host.inits(&subject.to_string()).into_iter().for_each(|init| results.of(subject).init.add(init));
            let took = site.invoke(&host, subject).await?;
            results.of(subject).first.add(took);
            host.stop().await;
        }
        progress.step();
    }
    Ok(())
}

/// Status by everybody, and replacing an account by ours, which nobody else does.
async fn status(
    site: &mut Site<'_>,
    host: &LambdaHost,
    rounds: Rounds,
    results: &mut Results,
) -> Result<(), String> {
    let mut subjects = EVERYBODY.map(|who| Subject::new(What::Status, who)).to_vec();
    subjects.push(Subject::new(What::Provision, Who::Ours));
    warm_up(site, host, &subjects, WARMING).await?;
    let mut progress = Progress::new(format!("{}: status", results.engine), rounds.status);
    for _ in 0..rounds.status {
        for &subject in &subjects {
            for _ in 0..rounds.burst {
                let took = site.invoke(host, subject).await?;
                results.of(subject).warm.add(took);
            }
        }
        for _ in 0..rounds.burst {
            let took = site.sdk_get().await?;
            sdk(results, "GetItem", took);
        }
        progress.step();
    }
    Ok(())
}

/// Set-PIN and port-out beside the bare ones, each right after a hash, so that all of them find the machine alike.
async fn fewest_rounds(
    site: &mut Site<'_>,
    host: &LambdaHost,
    rounds: Rounds,
    results: &mut Results,
) -> Result<(), String> {
    let operations = [What::SetPin, What::PortOut];
    let both = |what| [Subject::new(what, Who::Bare), Subject::least(what)];
    for what in operations {
        warm_up(site, host, &both(what), WARMING).await?;
    }
    let mut progress = Progress::new(format!("{}: fewest rounds", results.engine), rounds.least);
    for _ in 0..rounds.least {
        for (place, what) in operations.into_iter().enumerate() {
            for subject in both(what) {
                let hash = site.hash(true).await?;
                if subject.least {
                    results.least_hash[place].add(hash);
                }
                let took = site.invoke(host, subject).await?;
                results.of(subject).warm.add(took);
            }
        }
        let (set_pin, port_out) = (site.sdk_set_pin().await?, site.sdk_port_out().await?);
        sdk(results, "TransactWriteItems of set-pin", set_pin);
        sdk(results, "TransactWriteItems of port-out", port_out);
        progress.step();
    }
    Ok(())
}

/// Set-PIN and port-out with every round of the hash.
async fn hashed(
    site: &mut Site<'_>,
    host: &LambdaHost,
    rounds: Rounds,
    results: &mut Results,
) -> Result<(), String> {
    let everybody = [Who::Ours, Who::Node, Who::Python];
    let subjects =
        OPERATIONS.into_iter().skip(1).flat_map(|what| everybody.map(|who| Subject::new(what, who)));
    let subjects: Vec<_> = subjects.collect();
    warm_up(site, host, &subjects, WARMING_HASHED).await?;
    let mut progress = Progress::new(format!("{}: every round of the hash", results.engine), rounds.hashed);
    for _ in 0..rounds.hashed {
        results.hash.add(site.hash(false).await?);
        for &subject in &subjects {
            let took = site.invoke(host, subject).await?;
            results.of(subject).warm.add(took);
        }
        progress.step();
    }
    Ok(())
}

async fn warm_up(
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

fn sdk(results: &mut Results, name: &'static str, took: Duration) {
    results.sdk.entry(name).or_default().add(took);
}

fn peak_rss(host: &LambdaHost, subject: Subject) -> Result<u64, String> {
    let pids = host.pids(&subject.to_string());
    let pid = pids.first().ok_or_else(|| format!("{subject} does not run any more\n{}", host.logs()))?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kib.ok_or("no VmHWM in /proc")? * 1024)
}
