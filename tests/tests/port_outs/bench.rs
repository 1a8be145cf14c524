//! The functions' real handlers in this process, on a real table, with a clock that the test moves.

use crate::answers::{self, PIN, WRONG, assert_port_out, assert_rejected, reason};
use axum::http::{HeaderMap, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use port_out::{Doorkeeper, PortOuts};
use provision::{Provision, WebhookSources};
use serde_json::{Value, json};
use set_pin::SetPin;
use shared::clock::Clock;
use shared::config::PinPolicy;
use shared::digest::hasher::{Hasher, MIN_ROUNDS};
use shared::digest::keyed::{KeyedHash, LocalKey};
use shared::digest::webhook_secret::WebhookSecrets;
use shared::http::serve::{Frame, Handler};
use shared::store::Table;
use shared::store::pin_writer::PinWriter;
use shared::store::port_out_desk::PortOutDesk;
use shared::store::provisioner::Provisioner;
use shared::store::status_reader::StatusReader;
use shared::store::webhook_sources::{SourceReader, SourceRegistry};
use status::Status;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use tests::client::Answer;
use tests::engine;
use tests::gateway;
use tests::stack::{Stack, order};
use tests::tokens::Claims;

/// The number of `CONTOSO` that guesses ask for.
pub const TN: &str = "+12065550100";

/// All functions in this process.
pub struct Bench {
    now: Arc<AtomicI64>,
    guesses: AtomicU32,
    port_out: Frame<PortOuts>,
    set_pin: Frame<SetPin>,
    status: Frame<Status>,
    provision: Frame<Provision>,
    /// Only its engine and table.
    pub stack: Stack,
}

impl Bench {
    /// With the account `CONTOSO`, its number and its PIN, at this machine's time.
    pub async fn start() -> Self {
        let bench = Self::empty().await;
        bench.add_account("CONTOSO", &json!({"country": "US", "zip_code": "98052"}), PIN, &[TN]).await;
        bench
    }

    /// Without any account.
    pub async fn empty() -> Self {
        let stack = Stack::builder().functions(&[]).without_wire().start().await;
        let now = Arc::new(AtomicI64::new(Timestamp::now().as_millisecond()));
        let clock = clock(now.clone());
        let table = Table::new(engine::client(stack.engine().endpoint()), stack.table().to_owned());
        let doorkeeper = Doorkeeper::new(SourceReader::new(table.clone()), secrets());
        let port_out = PortOuts::new(PortOutDesk::new(table.clone()), hasher(), doorkeeper, clock.clone());
        let set_pin = SetPin::new(PinWriter::new(table.clone()), hasher(), PinPolicy::Default, clock.clone());
        let sources = WebhookSources::new(SourceRegistry::new(table.clone()), secrets(), clock.clone());
        let provision = Provision::new(Provisioner::new(table.clone()), sources, clock.clone());
        Self {
            now,
            guesses: AtomicU32::new(0),
            port_out: Frame::new("port-out", None, clock.clone(), port_out),
            set_pin: Frame::new("set-pin", None, clock.clone(), set_pin),
            status: Frame::new("status", None, clock.clone(), Status::new(StatusReader::new(table))),
            provision: Frame::new("provision", None, clock, provision),
            stack,
        }
    }

    /// Sets the clock.
    pub fn set_time(&self, time: Timestamp) {
        self.now.store(time.as_millisecond(), Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.now.fetch_add(i64::try_from(time.as_millis()).expect("a short time"), Ordering::SeqCst);
    }

    /// Creates an account with numbers, and sets its PIN.
    pub async fn add_account(&self, account: &str, profile: &Value, pin: &str, numbers: &[&str]) {
        self.put_account(account, profile).await.assert_status(201);
        self.assign(account, numbers).await;
        self.set_pin(account, pin).await.assert_status(201);
    }

    /// Creates or replaces an account.
    pub async fn put_account(&self, account: &str, profile: &Value) -> Answer {
        call(&self.provision, "PUT", &format!("/v1/accounts/{account}"), &Claims::operator(), profile).await
    }

    /// Gives numbers to an account.
    pub async fn assign(&self, account: &str, numbers: &[&str]) {
        let path = format!("/v1/accounts/{account}/telephone-numbers");
        let numbers = json!({"telephone_numbers": numbers});
        call(&self.provision, "POST", &path, &Claims::operator(), &numbers).await.assert_status(200);
    }

    /// Sets a PIN as the account's admin.
    pub async fn set_pin(&self, account: &str, pin: &str) -> Answer {
        let path = format!("/v1/accounts/{account}/port-out-pin");
        call(&self.set_pin, "PUT", &path, &Claims::account(account), &json!({"pin": pin})).await
    }

    /// What the account's admin sees of its PIN: `port_out_allowed`, `blocked_by`, `failed_attempts`.
    pub async fn pin_state(&self, account: &str) -> (Value, Value, Value) {
        let path = format!("/v1/accounts/{account}/port-out-pin");
        let state =
            call(&self.status, "GET", &path, &Claims::account(account), &Value::Null).await.assert_json(200);
        (state["port_out_allowed"].clone(), state["blocked_by"].clone(), state["failed_attempts"].clone())
    }

    /// Submits a port-out.
    pub async fn submit(&self, spid: &str, order: &Value) -> Answer {
        call(&self.port_out, "POST", "/v1/port-outs", &Claims::carrier(spid), order).await
    }

    /// An order for [`TN`] under a PON that was never used.
    pub fn new_order(&self, pin: &str) -> Value {
        let pon = format!("TX-{}", self.guesses.fetch_add(1, Ordering::SeqCst));
        order(&pon, "CONTOSO", pin, &[TN])
    }

    /// A new order with a wrong PIN; fails unless it is evaluated, and refused for that alone.
    pub async fn guess(&self, spid: &str) {
        self.guess_with(spid, WRONG).await;
    }

    /// The same with some wrong PIN.
    pub async fn guess_with(&self, spid: &str, pin: &str) {
        let order = self.new_order(pin);
        assert_rejected(&self.submit(spid, &order).await, spid, &order, &[reason("pin_invalid", "/pin")]);
    }

    /// A new order with this PIN and a ZIP that is wrong, so that it holds nothing; fails unless only that is told.
    pub async fn use_right(&self, spid: &str, pin: &str) {
        let order = crate::with(&self.new_order(pin), "zip_code", "10001");
        let answer = self.submit(spid, &order).await;
        assert_rejected(&answer, spid, &order, &[reason("zip_code_invalid", "/zip_code")]);
    }

    /// Fails unless the carrier has to wait so many seconds, whatever its PIN.
    pub async fn assert_waits(&self, spid: &str, seconds: u64) {
        for pin in [WRONG, PIN, "", "x"] {
            answers::assert_wait(&self.submit(spid, &self.new_order(pin)).await, seconds);
        }
    }

    /// Fails unless a new order of the carrier with this PIN is confirmed; the number is held from then on.
    pub async fn confirm(&self, spid: &str, pin: &str) {
        let order = self.new_order(pin);
        let answer = self.submit(spid, &order).await;
        let foc_date = answer.json()["foc_date"].as_str().unwrap_or_default().to_owned();
        assert_port_out(&answer, 201, &answers::confirmed(spid, &order, &foc_date));
    }
}

fn clock(now: Arc<AtomicI64>) -> Clock {
    Clock::from_fn(move || Timestamp::from_millisecond(now.load(Ordering::SeqCst)).expect("a time"))
}

/// As cheap as it may be.
fn hasher() -> Hasher {
    Hasher::new(keyed(), MIN_ROUNDS)
}

fn secrets() -> WebhookSecrets {
    WebhookSecrets::new(keyed())
}

fn keyed() -> KeyedHash {
    KeyedHash::Local { current: Box::new(LocalKey::new(&[7; 32]).expect("a key")), previous: None }
}

/// Calls a function with claims that the gateway verified; `null` is no body.
async fn call<H: Handler>(
    frame: &Frame<H>,
    method: &str,
    path: &str,
    claims: &Claims,
    body: &Value,
) -> Answer {
    let headers = HeaderMap::from_iter([(
        "content-type".parse().unwrap(),
        HeaderValue::from_static("application/json"),
    )]);
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let event = gateway::event(&method, &path.parse().expect("a path"), &headers, &body);
    let event = gateway::authorized(event, claims);
    let response = frame.answer(&event.to_string(), "an-invocation").await;
    gateway::answer(Ok(serde_json::to_vec(&response).expect("JSON"))).expect("an answer")
}
