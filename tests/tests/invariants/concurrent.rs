//! Many callers at the same moment.

use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join_all};
use harness::prelude::*;

/// How much longer a caller at the end of a crowd waits; each answer itself still takes no longer than usual.
const CROWD_PATIENCE: Duration = Duration::from_secs(600);

/// Starts that many processes a function, and `CONTOSO` with its PIN and these numbers.
pub async fn crowded<T: AsRef<str>>(processes: usize, numbers: &[T]) -> Stack {
    let fixture = Fixture::contoso().numbers(numbers);
    fixture.processes(processes).timeout(CROWD_PATIENCE).start().await
}

/// Submits all orders at once and returns the answers in their order. They go straight to the function's queue, as a
/// thousand sockets are more than some machines allow a process.
pub async fn submit_all(stack: &Stack, orders: &[(&str, Value)]) -> Vec<Answer> {
    let events = orders.iter().map(|(spid, order)| {
        let token = stack.tokens().carrier(spid);
        stack.call("POST", "/v1/port-outs").bearer(&token).json(order).event()
    });
    let events: Vec<_> = events.collect();
    join_all(events.iter().map(|event| stack.invoke("port-out", event))).await
}

/// Sends all calls at once, each on a separate task.
pub async fn send_all(calls: Vec<CallBuilder>) -> Vec<Answer> {
    let sent = calls.into_iter().map(|call| tokio::spawn(call.send()));
    try_join_all(sent).await.expect("a caller panicked")
}

/// Counts the answers with this outcome.
pub fn count(all: &[Outcome], outcome: Outcome) -> usize {
    all.iter().filter(|one| **one == outcome).count()
}

/// Waits for something that happens soon; fails after twenty seconds.
pub async fn until(happened: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !happened().await {
        assert!(start.elapsed() < Duration::from_secs(20), "it does not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
