//! One engine with its table, accounts and PINs, and the calls that are made there one after the other.

use crate::args::Options;
use crate::call::{self, ACCOUNTS, Call, PIN};
use crate::subject::{Subject, Surroundings, What, Who};
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_kit::calls::{Calls, Order};
use harness::engine::{client, create_table};
use harness::gateway;
use harness::lambda_host::LambdaHost;
use harness::stack::route;
use harness::tokens::Claims;
use runtime::pin_hash::hasher::{DEFAULT_ROUNDS, Hasher, MIN_ROUNDS};
use runtime::pin_hash::pepper::{LocalKey, Pepper};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An engine that is ready to be measured on.
pub struct Site<'a> {
    options: &'a Options,
    endpoint: &'a str,
    table: String,
    key: String,
    calls: Calls,
    versions: HashMap<&'static str, u64>,
    orders: usize,
    due: String,
    hashers: [Hasher; 2],
}

impl<'a> Site<'a> {
    /// Makes the table, the accounts with their numbers, and a first PIN for each.
    pub async fn prepare(options: &'a Options, endpoint: &'a str) -> Result<Self, String> {
        let (table, key) = (format!("bench-{}", harness::random_hex(8)), harness::random_bytes(32));
        create_table(endpoint, &table).await;
        let local = || LocalKey::new(&key).map(Box::new).map_err(|error| error.to_string());
        let keyed = Arc::new(Pepper::Local { current: local()?, previous: None });
        let calls = Calls::new(client(endpoint, &table), &table);
        let key = STANDARD.encode(key);
        let hashers = [DEFAULT_ROUNDS, MIN_ROUNDS]
            .map(|rounds| Hasher::new(keyed.clone(), rounds).expect("the self-test passes"));
        let due = call::due(jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date());
        let versions = HashMap::new();
        let mut site = Self { options, endpoint, table, key, calls, versions, orders: 0, due, hashers };
        site.seed().await?;
        Ok(site)
    }

    /// By our own functions; each account's first PIN is set by the one that will change it.
    async fn seed(&mut self) -> Result<(), String> {
        let (accounts, pins, least) = (
            Subject::new(What::Provision, Who::Ours),
            Subject::new(What::SetPin, Who::Ours),
            Subject::least(What::SetPin),
        );
        let host = self.host(&[accounts, pins, least]).await?;
        for (account, first) in ACCOUNTS {
            let numbers: Vec<_> = (first..first + 10).map(|number| format!("+{number}")).collect();
            let put = json!({"country": "US", "zip_code": "98052"});
            let path = format!("/v1/accounts/{account}");
            self.ask(&host, accounts, &Method::PUT, &path, &put, &Claims::operator()).await?;
            let (path, body) = (format!("{path}/telephone-numbers"), json!({"telephone_numbers": numbers}));
            self.ask(&host, accounts, &Method::POST, &path, &body, &Claims::operator()).await?;
            let setter = if account == call::LEAST { least } else { pins };
            let (path, body) = (format!("/v1/accounts/{account}/port-out-pin"), json!({"pin": PIN}));
            self.ask(&host, setter, &Method::PUT, &path, &body, &Claims::account(account)).await?;
            self.versions.insert(account, 1);
        }
        host.stop().await;
        Ok(())
    }

    async fn ask(
        &self,
        host: &LambdaHost,
        subject: Subject,
        method: &Method,
        path: &str,
        body: &serde_json::Value,
        claims: &Claims,
    ) -> Result<(), String> {
        let event = call::event(method, path, Some(body), claims);
        let outcome = host.invoke_raw(&subject.to_string(), &event).await;
        match gateway::answer(outcome) {
            Ok(answer) if answer.status < 300 => Ok(()),
            Ok(answer) => Err(format!("{subject} answered {}: {}", answer.status, answer.text())),
            Err((_, why)) => Err(format!("{subject} {why}\n{}", host.logs())),
        }
    }

    /// Starts a process for each of these and waits until all of them ask for work.
    pub async fn host(&self, subjects: &[Subject]) -> Result<LambdaHost, String> {
        let around = Surroundings { endpoint: self.endpoint, table: &self.table, key: &self.key };
        let functions = subjects.iter().map(|subject| subject.function(self.options, &around)).collect();
        let started = LambdaHost::start(functions, Arc::new(route)).await;
        started.map_err(|logs| format!("a function does not start:\n{logs}"))
    }

    /// One invocation: how long it took from the event to the answer, which is checked afterwards.
    pub async fn invoke(&mut self, host: &LambdaHost, subject: Subject) -> Result<Duration, String> {
        let pon = self.next_pon();
        let version = self.versions.get(call::account(subject)).copied().unwrap_or_default();
        let call = Call::new(subject, version, &pon, &self.due);
        let name = subject.to_string();
        let began = Instant::now();
        let outcome = host.invoke_raw(&name, &call.event).await;
        let took = began.elapsed();
        let answer = gateway::answer(outcome).map_err(|(_, why)| format!("{name} {why}\n{}", host.logs()))?;
        call.check(&answer).map_err(|why| format!("{name} {why}"))?;
        match subject.what {
            What::SetPin => *self.versions.entry(call.account()).or_default() += 1,
            What::PortOut => self.release(&call::number(call.account())).await?,
            What::Status | What::Provision => {}
        }
        Ok(took)
    }

    /// The hash alone, in this process, with as many rounds as in production or with the fewest.
    pub async fn hash(&self, least: bool) -> Result<Duration, String> {
        let [full, few] = &self.hashers;
        let hasher = if least { few } else { full };
        let account = call::SHARED.parse().map_err(|_| "no account number")?;
        let began = Instant::now();
        let keyed = hasher.pepper(&account, PIN).await.map_err(|error| error.to_string())?;
        hasher.digest(&keyed).await.map_err(|error| error.to_string())?;
        Ok(began.elapsed())
    }

    /// `GetItem` by the SDK alone, from this process.
    pub async fn sdk_get(&self) -> Result<Duration, String> {
        let began = Instant::now();
        self.calls.account(call::SHARED).await.map_err(|error| format!("GetItem: {error}"))?;
        Ok(began.elapsed())
    }

    /// The transaction of set-PIN by the SDK alone.
    pub async fn sdk_set_pin(&mut self) -> Result<Duration, String> {
        let account = self.calls.account(call::BARE).await.map_err(|error| format!("GetItem: {error}"))?;
        let id = harness::random_hex(16);
        let began = Instant::now();
        let written = self.calls.set_pin(&account, "none", &id, "2026-01-01T00:00:00.000Z").await;
        let took = began.elapsed();
        written.map_err(|error| format!("TransactWriteItems: {error}"))?;
        *self.versions.entry(call::BARE).or_default() += 1;
        Ok(took)
    }

    /// The transaction of a confirmed port-out by the SDK alone.
    pub async fn sdk_port_out(&mut self) -> Result<Duration, String> {
        let account = self.calls.account(call::BARE).await.map_err(|error| format!("GetItem: {error}"))?;
        let (pon, tn, id) = (self.next_pon(), call::number(call::BARE), harness::random_hex(16));
        let order =
            Order { spid: call::SPID, pon: &pon, account: call::BARE, tn: &tn, due: &self.due, id: &id };
        let began = Instant::now();
        let written = self.calls.confirm(&account, &order, "2026-01-01T00:00:00.000Z").await;
        let took = began.elapsed();
        written.map_err(|error| format!("TransactWriteItems: {error}"))?;
        self.release(&tn).await?;
        Ok(took)
    }

    async fn release(&self, tn: &str) -> Result<(), String> {
        self.calls.release(tn).await.map_err(|error| format!("a number stays held: {error}"))
    }

    fn next_pon(&mut self) -> String {
        self.orders += 1;
        format!("TX-{}", self.orders)
    }
}
