//! The functions' real handlers in this process, on a real table, with a clock that the test moves.

use crate::client::Answer;
use crate::engine;
use crate::gateway;
use crate::stack::Stack;
use crate::tokens::Claims;
use axum::http::{HeaderMap, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use port_out::{PortOuts, WebhookAuthenticator};
use provision::{Provision, WebhookSources};
use runtime::clock::Clock;
use runtime::http::endpoint::Endpoint;
use runtime::http::routes;
use runtime::http::service::Service;
use runtime::pin_hash::hasher::{Hasher, MIN_ROUNDS};
use runtime::pin_hash::pepper::{LocalKey, Pepper};
use runtime::pin_hash::webhook_secret::WebhookSecrets;
use runtime::store::Table;
use runtime::store::pin_writer::PinWriter;
use runtime::store::port_out_store::PortOutStore;
use runtime::store::provisioner::Provisioner;
use runtime::store::status_reader::StatusReader;
use runtime::store::webhook_sources::{SourceReader, SourceRegistry};
use serde_json::{Value, json};
use set_pin::SetPin;
use shared::decision::PortOutPolicy;
use shared::pin_policy::PinPolicy;
use status::Status;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// All functions in this process; only callers whom the gateway verified, and webhooks, are let in.
pub struct InProcess {
    now: Arc<AtomicI64>,
    port_out: Service<PortOuts>,
    set_pin: Service<SetPin>,
    status: Service<Status>,
    provision: Service<Provision>,
    /// Only its engine and table.
    pub stack: Stack,
}

impl InProcess {
    /// On an empty table, at this machine's time.
    pub async fn start() -> Self {
        let stack = Stack::builder().functions(&[]).start().await;
        let now = Arc::new(AtomicI64::new(Timestamp::now().as_millisecond()));
        let clock = clock(now.clone());
        // Each function by its own way, so that its role counts.
        let client = |function| engine::client(&stack.wire().url_of(function), stack.table());
        let table = |function| Table::new(client(function), stack.table().to_owned());
        let port_outs = table("port-out");
        let webhook_auth = WebhookAuthenticator::new(SourceReader::new(port_outs.clone()), secrets());
        let port_out = PortOuts::new(
            PortOutStore::new(port_outs),
            hasher(),
            PortOutPolicy::default(),
            webhook_auth,
            clock.clone(),
        );
        let pins = PinWriter::new(table("set-pin"));
        let set_pin = SetPin::new(pins, hasher(), PinPolicy::Default, clock.clone());
        let status = Status::new(StatusReader::new(table("status")));
        let accounts = table("provision");
        let registry = SourceRegistry::new(accounts.clone());
        let sources = WebhookSources::new(registry, secrets(), clock.clone());
        let provision = Provision::new(Provisioner::new(accounts), sources, clock.clone());
        Self {
            now,
            port_out: Service::new(None, clock.clone(), port_out),
            set_pin: Service::new(None, clock.clone(), set_pin),
            status: Service::new(None, clock.clone(), status),
            provision: Service::new(None, clock, provision),
            stack,
        }
    }

    /// What the clock says.
    pub fn now(&self) -> Timestamp {
        time(&self.now)
    }

    /// Sets the clock.
    pub fn set_time(&self, time: Timestamp) {
        self.now.store(time.as_millisecond(), Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.now.fetch_add(i64::try_from(time.as_millis()).expect("a short time"), Ordering::SeqCst);
    }

    /// Has the function whose route it is answer an event.
    pub async fn answer(&self, event: &Value) -> Answer {
        let (method, path) = (&event["requestContext"]["http"]["method"], &event["rawPath"]);
        let (event, id) = (event.to_string(), "an-invocation");
        let found = routes::find(method.as_str().expect("a method"), path.as_str().expect("a path"));
        let response = match found.map(|found| found.route.endpoint) {
            Ok(Endpoint::PortOut(_)) => self.port_out.answer(&event, id).await,
            Ok(Endpoint::SetPin(_)) => self.set_pin.answer(&event, id).await,
            Ok(Endpoint::Provision(_)) => self.provision.answer(&event, id).await,
            Ok(Endpoint::Status(_)) | Err(_) => self.status.answer(&event, id).await,
        };
        gateway::answer(Ok(serde_json::to_vec(&response).expect("JSON"))).expect("an answer")
    }

    /// Calls a function with claims that the gateway verified; `null` is no body.
    pub async fn call(&self, method: &str, path: &str, claims: &Claims, body: &Value) -> Answer {
        let json = ("content-type".parse().expect("a name"), HeaderValue::from_static("application/json"));
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let path = path.parse().expect("a path");
        let event = gateway::event(&method, &path, &HeaderMap::from_iter([json]), &body);
        self.answer(&gateway::authorized(event, claims)).await
    }

    /// Creates an account with numbers, and sets its PIN.
    pub async fn add_account(&self, account: &str, profile: &Value, pin: &str, numbers: &[&str]) {
        self.put_account(account, profile).await.assert_status(201);
        self.assign(account, numbers).await;
        self.set_pin(account, pin).await.assert_status(201);
    }

    /// Creates or replaces an account.
    pub async fn put_account(&self, account: &str, profile: &Value) -> Answer {
        self.call("PUT", &format!("/v1/accounts/{account}"), &Claims::operator(), profile).await
    }

    /// Gives numbers to an account.
    pub async fn assign(&self, account: &str, numbers: &[&str]) {
        let path = format!("/v1/accounts/{account}/telephone-numbers");
        let numbers = json!({"telephone_numbers": numbers});
        self.call("POST", &path, &Claims::operator(), &numbers).await.assert_status(200);
    }

    /// Sets a PIN as the account's admin.
    pub async fn set_pin(&self, account: &str, pin: &str) -> Answer {
        let path = format!("/v1/accounts/{account}/port-out-pin");
        self.call("PUT", &path, &Claims::account(account), &json!({"pin": pin})).await
    }

    /// What the account's admin sees of its PIN: `port_out_allowed`, `blocked_by`, `failed_attempts`.
    pub async fn pin_state(&self, account: &str) -> (Value, Value, Value) {
        let path = format!("/v1/accounts/{account}/port-out-pin");
        let state = self.call("GET", &path, &Claims::account(account), &Value::Null).await.assert_json(200);
        (state["port_out_allowed"].clone(), state["blocked_by"].clone(), state["failed_attempts"].clone())
    }

    /// Submits a port-out with a carrier's token.
    pub async fn submit(&self, spid: &str, order: &Value) -> Answer {
        self.call("POST", "/v1/port-outs", &Claims::carrier(spid), order).await
    }
}

fn clock(now: Arc<AtomicI64>) -> Clock {
    Clock::from_fn(move || time(&now))
}

fn time(now: &AtomicI64) -> Timestamp {
    Timestamp::from_millisecond(now.load(Ordering::SeqCst)).expect("a time")
}

/// As cheap as it may be.
fn hasher() -> Hasher {
    Hasher::new(keyed(), MIN_ROUNDS).expect("the self-test passes")
}

fn secrets() -> WebhookSecrets {
    WebhookSecrets::new(keyed())
}

fn keyed() -> Pepper {
    Pepper::Local { current: Box::new(LocalKey::new(&[7; 32]).expect("a key")), previous: None }
}
