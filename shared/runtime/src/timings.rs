//! Time that a request spends waiting for each dependency, and the calls and tries that it takes, for its log line.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

tokio::task_local! {
    static CURRENT: Arc<Timings>;
}

/// What a request waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependency {
    /// Calls of DynamoDB, retries and pauses included.
    DynamoDb,
    /// Calls of KMS, likewise.
    Kms,
    /// The slow hash.
    Hash,
}

/// What one request has spent until now. Calls at the same time count each for itself.
pub struct Timings {
    began: Instant,
    spent: [Spent; 3],
    calls: AtomicU64,
    tries: AtomicU64,
}

/// The ends of all waits less their starts, in microseconds, and how many have not ended.
#[derive(Default)]
struct Spent {
    micros: AtomicI64,
    open: AtomicI64,
}

impl Timings {
    /// Starts counting.
    pub fn start() -> Arc<Self> {
        let (calls, tries) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self { began: Instant::now(), spent: Default::default(), calls, tries })
    }

    /// Does the work of a request, whose waits are then counted here.
    pub async fn count<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Returns the milliseconds spent on a dependency, or `None` if it was not needed.
    pub fn millis(&self, dependency: Dependency) -> Option<i64> {
        let spent = self.of(dependency);
        // A wait that the deadline cut off has no end; it lasts until now.
        let open = spent.open.load(Relaxed).saturating_mul(self.elapsed());
        let micros = spent.micros.load(Relaxed).saturating_add(open);
        (micros != 0).then_some(micros / 1000)
    }

    /// Returns the number of calls of AWS, or `None` if there was none.
    pub fn calls(&self) -> Option<u64> {
        Some(self.calls.load(Relaxed)).filter(|calls| *calls > 0)
    }

    /// Returns the number of tries of those calls.
    pub fn tries(&self) -> Option<u64> {
        Some(self.tries.load(Relaxed)).filter(|tries| *tries > 0)
    }

    fn of(&self, dependency: Dependency) -> &Spent {
        let [dynamodb, kms, hash] = &self.spent;
        match dependency {
            Dependency::DynamoDb => dynamodb,
            Dependency::Kms => kms,
            Dependency::Hash => hash,
        }
    }

    fn elapsed(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// Notes that a wait began. Without a request, as while connections are opened, nothing is noted.
pub fn begin(dependency: Dependency) {
    let _ = CURRENT.try_with(|it| {
        it.of(dependency).micros.fetch_sub(it.elapsed(), Relaxed);
        it.of(dependency).open.fetch_add(1, Relaxed);
    });
}

/// Notes that a wait ended.
pub fn end(dependency: Dependency) {
    let _ = CURRENT.try_with(|it| {
        it.of(dependency).micros.fetch_add(it.elapsed(), Relaxed);
        it.of(dependency).open.fetch_sub(1, Relaxed);
    });
}

/// Notes a call of AWS.
pub fn call() {
    let _ = CURRENT.try_with(|it| it.calls.fetch_add(1, Relaxed));
}

/// Notes a try of a call of AWS.
pub fn attempt() {
    let _ = CURRENT.try_with(|it| it.tries.fetch_add(1, Relaxed));
}

/// Waits for work and notes how long.
pub async fn timed<T>(dependency: Dependency, work: impl Future<Output = T>) -> T {
    begin(dependency);
    let result = work.await;
    end(dependency);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const WAIT: Duration = Duration::from_millis(40);

    #[tokio::test]
    async fn waits_add_up_whether_they_follow_each_other_or_not() {
        let timings = Timings::start();
        let wait = || timed(Dependency::Hash, tokio::time::sleep(WAIT));
        Arc::clone(&timings).count(async { tokio::join!(wait(), wait()) }).await;
        let hash = timings.millis(Dependency::Hash).unwrap();
        assert!((80..2000).contains(&hash), "{hash}");
        assert_eq!((timings.millis(Dependency::Kms), timings.calls(), timings.tries()), (None, None, None));
    }

    #[tokio::test]
    async fn a_wait_that_was_cut_off_lasts_until_now() {
        let timings = Timings::start();
        let endless = timed(Dependency::DynamoDb, std::future::pending::<()>());
        let cut = tokio::time::timeout(WAIT, Arc::clone(&timings).count(endless)).await;
        assert!(cut.is_err());
        let dynamodb = timings.millis(Dependency::DynamoDb).unwrap();
        assert!((40..2000).contains(&dynamodb), "{dynamodb}");
    }

    #[tokio::test]
    async fn without_a_request_nothing_is_counted_and_nothing_fails() {
        timed(Dependency::Kms, async { call() }).await;
        attempt();
    }
}
