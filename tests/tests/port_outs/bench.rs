//! Guesses at the PIN of one account, counted and timed, with the handlers in this process.

use crate::answers::{self, PIN, WRONG, assert_port_out, assert_rejected, reason};
use harness::in_process::InProcess;
use harness::stack::order;
use serde_json::{Value, json};
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

/// The number of `CONTOSO` that guesses ask for.
pub const TN: &str = "+12065550100";

/// The functions, and how many orders were made up so far.
pub struct Bench {
    functions: InProcess,
    guesses: AtomicU32,
}

impl Deref for Bench {
    type Target = InProcess;

    fn deref(&self) -> &InProcess {
        &self.functions
    }
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
        Self { functions: InProcess::start().await, guesses: AtomicU32::new(0) }
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
