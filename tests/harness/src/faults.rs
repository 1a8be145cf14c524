//! What can go wrong between a function and its table or key, and when: rules that the wire consults on every call.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// A test that waits longer for held calls hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Items that are read late, by the start of `pk` and of `sk`.
pub type Late = &'static [(&'static str, &'static str)];

/// What happens to a call.
#[derive(Clone, Debug)]
pub enum Action {
    /// It reaches the engine, only later, even if the caller has gone by then.
    Delay(Duration),
    /// The connection closes; the engine never hears of it.
    Drop,
    /// The engine does it, and the connection closes before the caller hears so.
    PassThenDrop,
    /// An error instead of the engine's answer.
    Error {
        /// HTTP status.
        status: u16,
        /// The error's `__type`.
        error_type: &'static str,
        /// Its text, which must show up nowhere.
        message: &'static str,
    },
    /// A transaction is cancelled because another one holds its first item.
    TransactionConflict,
    /// 200, and no JSON.
    Garbage,
    /// The engine's answer with something changed in its JSON.
    Rewrite(fn(&mut Value)),
    /// A `BatchGetItem` leaves that many of its keys unread, from the end.
    UnprocessedKeys(usize),
    /// A `BatchGetItem` reads these items after the others, when the test lets it go on: DynamoDB reads each item on its
    /// own. See [`crate::wire::Wire::skew`].
    Skew(Late, Arc<Gate>),
    /// It waits until the test lets it go. See [`crate::wire::Wire::hold`].
    Hold(Arc<Gate>),
}

impl Action {
    /// Returns whether its gate has opened, which leaves the call to the rules after it.
    fn is_over(&self) -> bool {
        matches!(self, Self::Hold(gate) if gate.permits.is_closed())
    }

    /// Fails as a table that is too busy.
    pub fn throttled() -> Self {
        let error_type = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
        Self::Error { status: 400, error_type, message: "throughput-canary" }
    }

    /// Fails as an account that has used up its request rate.
    pub fn request_limit() -> Self {
        let error_type = "com.amazonaws.dynamodb.v20120810#RequestLimitExceeded";
        Self::Error { status: 400, error_type, message: "limit-canary" }
    }

    /// Fails as a broken engine.
    pub fn internal_error() -> Self {
        let error_type = "com.amazonaws.dynamodb.v20120810#InternalServerError";
        Self::Error { status: 500, error_type, message: "internal-canary" }
    }

    /// Fails as a service that takes the signature for expired, though the clocks agree by now.
    pub fn late_signature() -> Self {
        let error_type = "com.amazon.coral.service#InvalidSignatureException";
        Self::Error { status: 400, error_type, message: "Signature expired: canary" }
    }

    /// Fails as a role that does not allow the call.
    pub fn access_denied() -> Self {
        let error_type = "com.amazon.coral.service#AccessDeniedException";
        Self::Error { status: 400, error_type, message: "denied-canary" }
    }
}

/// A rule: which calls it matches and what happens to them. By default, the first call, once.
#[derive(Clone, Debug)]
pub struct Fault {
    operation: Option<&'static str>,
    when: fn(&Value) -> bool,
    skip: usize,
    times: usize,
    action: Action,
}

impl Fault {
    /// Creates a rule for calls of one operation, such as `GetItem`.
    pub fn on(operation: &'static str, action: Action) -> Self {
        Self { operation: Some(operation), when: |_| true, skip: 0, times: 1, action }
    }

    /// Creates a rule for calls of any operation.
    pub fn any(action: Action) -> Self {
        Self { operation: None, when: |_| true, skip: 0, times: 1, action }
    }

    /// Limits it to calls whose request is like this.
    #[must_use]
    pub fn when(self, when: fn(&Value) -> bool) -> Self {
        Self { when, ..self }
    }

    /// Lets that many calls pass first.
    #[must_use]
    pub fn skip(self, skip: usize) -> Self {
        Self { skip, ..self }
    }

    /// Happens that many times.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// Never stops happening.
    #[must_use]
    pub fn forever(self) -> Self {
        self.times(usize::MAX)
    }

    /// Returns what this rule does to the next call, and counts it.
    fn take(&mut self, operation: &str, request: &Value) -> Option<Action> {
        let of_it = self.operation.is_none_or(|wanted| wanted == operation) && (self.when)(request);
        if !of_it || self.action.is_over() {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times = self.times.checked_sub(1)?;
        Some(self.action.clone())
    }
}

/// Returns what happens to this call: the first rule that matches decides.
pub(crate) fn decide(rules: &mut [Fault], operation: &str, request: &Value) -> Option<Action> {
    rules.iter_mut().find_map(|rule| rule.take(operation, request))
}

/// Where held calls wait.
#[derive(Debug)]
pub struct Gate {
    held: watch::Sender<usize>,
    permits: Semaphore,
}

impl Gate {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { held: watch::Sender::new(0), permits: Semaphore::new(0) })
    }

    /// Waits until let go; an open gate holds no caller.
    pub(crate) async fn pass(&self) {
        self.held.send_modify(|held| *held += 1);
        if let Ok(permit) = self.permits.acquire().await {
            permit.forget();
        }
    }
}

/// Calls that wait until this is released or dropped.
#[must_use]
pub struct HoldGuard(pub(crate) Arc<Gate>);

impl HoldGuard {
    /// Waits until `count` calls in all have come to the gate; fails after 20 seconds.
    pub async fn wait(&self, count: usize) {
        let mut held = self.0.held.subscribe();
        let enough = timeout(PATIENCE, held.wait_for(|held| *held >= count)).await.is_ok();
        assert!(enough, "waited for {count} held calls, only {} came", *self.0.held.borrow());
    }

    /// Lets `count` calls go, in the order of their coming, and goes on holding the others.
    pub fn let_go(&self, count: usize) {
        self.0.permits.add_permits(count);
    }

    /// Opens the gate for good.
    pub fn release(self) {}
}

impl Drop for HoldGuard {
    fn drop(&mut self) {
        self.0.permits.close();
    }
}

/// Takes up to `count` keys off the end of a `BatchGetItem`; returns them as `UnprocessedKeys`.
pub(crate) fn take_keys(request: &mut Value, mut count: usize) -> Value {
    let mut unread = json!({});
    let Some(tables) = request["RequestItems"].as_object_mut() else { return unread };
    for (table, wanted) in tables.iter_mut() {
        let keys = wanted["Keys"].as_array_mut().expect("Keys");
        let taken = keys.split_off(keys.len().saturating_sub(count));
        count -= taken.len();
        if !taken.is_empty() {
            unread[table] = wanted.clone();
            unread[table]["Keys"] = taken.into();
        }
    }
    tables.retain(|_, wanted| wanted["Keys"].as_array().is_some_and(|keys| !keys.is_empty()));
    unread
}

/// Splits a `BatchGetItem` into the request for the other items and the one for the late ones.
pub(crate) fn split_keys(request: &Value, late: Late) -> [Value; 2] {
    let mut halves = [request.clone(), request.clone()];
    for (table, wanted) in request["RequestItems"].as_object().expect("tables") {
        let keys = wanted["Keys"].as_array().expect("keys").iter().cloned();
        let is_late = |key: &Value| {
            let starts = |name: &str, start: &str| key[name]["S"].as_str().expect("a key").starts_with(start);
            late.iter().any(|(pk, sk)| starts("pk", pk) && starts("sk", sk))
        };
        let (after, before): (Vec<_>, Vec<_>) = keys.partition(is_late);
        assert!(!after.is_empty() && !before.is_empty(), "nothing to split: {wanted}");
        halves[0]["RequestItems"][table]["Keys"] = before.into();
        halves[1]["RequestItems"][table]["Keys"] = after.into();
    }
    halves
}

/// Returns DynamoDB's answer to a transaction that conflicts with another one.
pub(crate) fn conflict(request: &Value) -> Value {
    let count = request["TransactItems"].as_array().map_or(1, Vec::len);
    let codes: Vec<_> = (0..count).map(|at| if at == 0 { "TransactionConflict" } else { "None" }).collect();
    let reasons: Vec<_> = codes.iter().map(|code| json!({"Code": code})).collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons {codes:?}");
    let error_type = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    json!({"__type": error_type, "CancellationReasons": reasons, "Message": message})
}
