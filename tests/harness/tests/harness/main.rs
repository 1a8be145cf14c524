//! The harness keeps its promises: faults happen when a test says so, processes live and die as on Lambda.

mod answers;
mod lambda_host;
mod moto;
mod stack;
mod tokens;
mod wire;

use std::time::{Duration, Instant};

/// Waits for something that happens soon; fails after ten seconds.
async fn until(happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(10), "it does not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
