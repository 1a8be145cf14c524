//! The wire between the functions' SDK and the engine, or KMS: records every call, refuses what the caller's role does
//! not allow, and injects faults.

mod proxy;

use std::sync::Arc;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::faults::{Action, Fault, Gate, HoldGuard, Late};
use crate::guard::Guard;
use proxy::{Shared, listen};

/// One call of an AWS API, as a function made it.
#[derive(Clone, Debug)]
pub struct Call {
    id: u64,
    /// The function that made it; empty if it came by [`Wire::url`].
    pub function: String,
    /// The operation, such as `GetItem`.
    pub operation: String,
    /// The request's path and query.
    pub path: String,
    /// The request's JSON.
    pub body: Value,
    /// Status and JSON of the answer that the function got, if it got one yet.
    pub answer: Option<(u16, Value)>,
}

/// The proxy; it listens as long as this lives.
pub struct Wire {
    url: String,
    shared: Arc<Shared>,
    /// Aborted on drop.
    _listening: JoinSet<()>,
}

impl Wire {
    /// Starts a wire to the engine at `endpoint` that allows every call.
    pub async fn start(endpoint: &str) -> Self {
        Self::of(Shared::new(endpoint, None)).await
    }

    /// Starts a wire on which a function may do what its role allows.
    pub async fn guarded(endpoint: &str, guard: Guard) -> Self {
        Self::of(Shared::new(endpoint, Some(guard))).await
    }

    async fn of(shared: Shared) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener"));
        let shared = Arc::new(shared);
        let listening = JoinSet::from_iter([listen(listener, shared.clone())]);
        Self { url, shared, _listening: listening }
    }

    /// Returns its URL for a test, whose calls are never refused.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its URL for a function.
    pub fn url_of(&self, function: &str) -> String {
        format!("{}/{function}", self.url)
    }

    /// Takes what was refused since the last time. Refusals that are not taken fail the test.
    pub fn take_refusals(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.refusals.lock().unwrap())
    }

    /// Sends calls to another engine from now on.
    pub fn turn_to(&self, endpoint: &str) {
        *self.shared.engine.lock().unwrap() = endpoint.trim_end_matches('/').to_owned();
    }

    /// Takes the calls since the last time, in the order of their arrival.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.shared.calls.lock().unwrap())
    }

    /// Takes the calls and returns only their operations, for counting round trips.
    pub fn take_operations(&self) -> Vec<String> {
        self.take_calls().into_iter().map(|call| call.operation).collect()
    }

    /// Adds a rule after those already there.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults.lock().unwrap().push(fault);
    }

    /// Forgets all rules; calls that are held stay so.
    pub fn heal(&self) {
        self.shared.faults.lock().unwrap().clear();
    }

    /// Holds every call of an operation from now on, until the guard lets them go.
    pub fn hold(&self, operation: &'static str) -> HoldGuard {
        let gate = Gate::new();
        self.fault(Fault::on(operation, Action::Hold(gate.clone())).forever());
        HoldGuard(gate)
    }

    /// Holds every call of any operation from now on, until the guard lets them go.
    pub fn hold_all(&self) -> HoldGuard {
        let gate = Gate::new();
        self.fault(Fault::any(Action::Hold(gate.clone())).forever());
        HoldGuard(gate)
    }

    /// Splits the next `BatchGetItem`: it reads the late items when the guard lets it go on.
    pub fn skew(&self, late: Late) -> HoldGuard {
        let gate = Gate::new();
        self.fault(Fault::on("BatchGetItem", Action::Skew(late, gate.clone())));
        HoldGuard(gate)
    }
}

/// A refused call is a bug in the function or in its role, whatever the test covers.
impl Drop for Wire {
    fn drop(&mut self) {
        let refusals = self.take_refusals();
        assert!(refusals.is_empty() || std::thread::panicking(), "roles refused: {refusals:#?}");
    }
}
