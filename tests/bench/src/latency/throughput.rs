//! What one core answers: the processor time of a warm request in the function alone, without gateway, engine, and hash.

use super::measure::{progress, warm_up};
use super::results::{Demand, Results};
use super::site::{MANY, Site};
use super::subject::{IMPLEMENTATIONS, Implementation, Operation, Subject};
use super::{Rounds, process};
use harness::lambda_host::LambdaHost;
use std::time::Duration;

/// Requests of a subject before those that count: Node.js compiles what is called often.
const WARM_UP: usize = 300;

/// Measures `status` and port-outs of everyone, then this service's port-outs of many numbers.
pub async fn all(site: &mut Site<'_>, rounds: Rounds, results: &mut Results) -> Result<(), String> {
    site.seed_hashless().await?;
    let compared = IMPLEMENTATIONS.map(|by| [Subject::new(Operation::Status, by), port_out(by)]).concat();
    let host = site.host(&compared).await?;
    warm_up(site, &host, &compared, WARM_UP.min(rounds.throughput)).await?;
    let mut demands = vec![Demand::default(); compared.len()];
    let mut progress = progress(results, "throughput", 2 * rounds.throughput);
    for _ in 0..rounds.throughput {
        for (subject, demand) in compared.iter().zip(&mut demands) {
            let before = spent(&host, *subject)?;
            site.invoke(&host, *subject).await?;
            demand.add(spent(&host, *subject)? - before);
        }
        progress.add(1);
    }
    for (subject, demand) in compared.iter().zip(demands) {
        results.demands.insert((subject.operation.name().to_owned(), subject.by), demand);
    }
    let ours = port_out(Implementation::Service);
    let [mut one, mut many] = [Demand::default(), Demand::default()];
    for _ in 0..rounds.throughput {
        let before = spent(&host, ours)?;
        site.invoke(&host, ours).await?;
        let between = spent(&host, ours)?;
        site.large_port_out(&host, ours).await?;
        one.add(between - before);
        many.add(spent(&host, ours)? - between);
        progress.add(1);
    }
    results.demands.insert((format!("port-out of {MANY} numbers"), Implementation::Service), many);
    results.numbers = [one, many];
    host.stop().await;
    Ok(())
}

/// A bare one hashes nothing.
fn port_out(by: Implementation) -> Subject {
    let subject = Subject::new(Operation::PortOut, by);
    if by == Implementation::Bare { subject } else { subject.with_cheap_hash() }
}

/// Returns the processor time so far, without that of this service's hashes, which have threads of their own. The hash of
/// others is of one round.
fn spent(host: &LambdaHost, subject: Subject) -> Result<Duration, String> {
    match subject.by {
        Implementation::Service => process::cpu_time_of_main_thread(host, subject),
        _ => process::cpu_time(host, subject),
    }
}
