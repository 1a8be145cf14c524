//! One engine with a table, accounts and PINs, and the calls that are made there one after the other.

use super::Options;
use super::subject::{Implementation, Operation, Subject, Surroundings};
use crate::call::{self, Call, SPID};
use bare::{Calls, Owner};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::engine::{client, create_tables, names};
use harness::lambda_host::{Function, LambdaHost};
use harness::stack::route;
use runtime::store::TableNames;
use serde_json::Value;
use shared::account::AccountNumber;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The PINs of every account in turns, as the same one again would change nothing; not easily guessed by any rule.
const PINS: [&str; 2] = ["739184", "482913"];
/// The account of this service, Node.js and Python; each sets its PIN, and each verifies it.
const SHARED: &str = "BENCH";
/// The account whose PIN has the cheapest hash.
const CHEAP: &str = "CHEAP";
/// The account whose PIN has a hash of one round, which this service does not make.
const HASHLESS: &str = "HASHLESS";
/// The account whose digest verifies nothing.
const BARE: &str = "BARE";
/// The account of port-outs of many numbers, whose PIN has the cheapest hash of this service.
const LARGE: &str = "LARGE";
/// The accounts, their first numbers, and how many they have.
const ACCOUNTS: [(&str, u64, usize); 5] = [
    (SHARED, 12_065_550_100, 10),
    (CHEAP, 12_065_550_110, 10),
    (BARE, 12_065_550_120, 10),
    (HASHLESS, 12_065_550_130, 10),
    (LARGE, 12_065_560_100, MANY),
];
/// The most numbers of one port-out.
pub const MANY: usize = 90;

/// An engine that is ready to be measured on.
pub struct Site<'a> {
    options: &'a Options,
    endpoint: &'a str,
    tables: TableNames,
    key: String,
    sdk: Calls,
    pin_versions: HashMap<&'static str, u64>,
    port_outs: usize,
    due: String,
}

impl<'a> Site<'a> {
    /// Creates the tables, and the accounts with their numbers and first PINs.
    pub async fn prepare(options: &'a Options, endpoint: &'a str) -> Result<Self, String> {
        let tables = names(&format!("bench-{}", harness::random_hex(8)));
        create_tables(endpoint, &tables.state).await;
        let sdk = Calls::new(client(endpoint, &tables.state), tables.clone());
        let (key, due) = (STANDARD.encode(harness::random_bytes(32)), call::due_date());
        let pin_versions = HashMap::new();
        let mut site = Self { options, endpoint, tables, key, sdk, pin_versions, port_outs: 0, due };
        site.seed().await?;
        Ok(site)
    }

    /// Each account's first PIN is set by the function that will change it.
    async fn seed(&mut self) -> Result<(), String> {
        let pins = Subject::new(Operation::SetPin, Implementation::Service);
        let cheap = Subject::cheap(Operation::SetPin);
        self.seed_with([(SHARED, pins), (CHEAP, cheap), (LARGE, cheap), (BARE, pins)].into()).await
    }

    /// Makes the account for [`Subject::with_cheap_hash`] of Node.js and Python.
    pub async fn seed_hashless(&mut self) -> Result<(), String> {
        let pins = Subject::new(Operation::SetPin, Implementation::Node).with_cheap_hash();
        self.seed_with([(HASHLESS, pins)].into()).await
    }

    async fn seed_with(&mut self, setters: BTreeMap<&'static str, Subject>) -> Result<(), String> {
        let accounts = Subject::new(Operation::Provision, Implementation::Service);
        let all: BTreeSet<_> = setters.values().copied().chain([accounts]).collect();
        let host = self.host(&all.into_iter().collect::<Vec<_>>()).await?;
        for (account, setter) in setters {
            Call::put_account(account, 201).send(&host, &accounts.to_string()).await?;
            Call::assign(account, &tns(account, MANY)).send(&host, &accounts.to_string()).await?;
            Call::set_pin(account, pin(1), 0).send(&host, &setter.to_string()).await?;
            self.pin_versions.insert(account, 1);
        }
        host.stop().await;
        Ok(())
    }

    /// Starts a process for each of these and waits until all of them ask for work.
    pub async fn host(&self, subjects: &[Subject]) -> Result<LambdaHost, String> {
        let functions = subjects.iter().map(|&subject| self.function(subject)).collect();
        let started = LambdaHost::start(functions, Arc::new(route)).await;
        started.map_err(|logs| format!("a function does not start:\n{logs}"))
    }

    /// Returns a subject's function, to be started here.
    pub fn function(&self, subject: Subject) -> Function {
        let around = Surroundings { endpoint: self.endpoint, tables: &self.tables, key: &self.key };
        subject.function(self.options, &around)
    }

    /// Invokes a subject once and returns how long its answer took.
    pub async fn invoke(&mut self, host: &LambdaHost, subject: Subject) -> Result<Duration, String> {
        let account = account(subject);
        let version = self.pin_versions.get(account).copied().unwrap_or_default();
        let call = match subject.operation {
            Operation::Provision => Call::put_account(account, 200),
            Operation::Console => Call::console(),
            Operation::Status => Call::status(account, version),
            Operation::SetPin => Call::set_pin(account, pin(version + 1), version),
            Operation::PortOut => return self.port_out(host, subject, account, 1).await,
        };
        let took = send(call, host, subject).await?;
        if subject.operation == Operation::SetPin {
            *self.pin_versions.entry(account).or_default() += 1;
        }
        Ok(took)
    }

    /// Has this service, with the cheapest hash, confirm a port-out of as many numbers as it can have.
    pub async fn large_port_out(&mut self, host: &LambdaHost, subject: Subject) -> Result<(), String> {
        self.port_out(host, subject, LARGE, MANY).await.map(drop)
    }

    async fn port_out(
        &mut self,
        host: &LambdaHost,
        subject: Subject,
        account: &'static str,
        numbers: usize,
    ) -> Result<Duration, String> {
        let took = send(Call::port_out(&self.next_order(account, numbers)), host, subject).await?;
        self.release(account, numbers).await?;
        Ok(took)
    }

    /// Times `BatchGetItem` of `status` by the SDK alone.
    pub async fn sdk_status(&self) -> Result<Duration, String> {
        let (account, began) = (number_of(SHARED), Instant::now());
        self.sdk.status(&account).await.map_err(|error| format!("BatchGetItem: {error}"))?;
        Ok(began.elapsed())
    }

    /// Times the transaction of `set-pin` by the SDK alone.
    pub async fn sdk_set_pin(&mut self) -> Result<Duration, String> {
        let account = number_of(BARE);
        let read = self.owner().await?;
        let began = Instant::now();
        let written = self.sdk.set_pin(&account, &read).await;
        let took = began.elapsed();
        written.map_err(|error| format!("TransactWriteItems: {error}"))?;
        *self.pin_versions.entry(BARE).or_default() += 1;
        Ok(took)
    }

    /// Times the transaction of a confirmed port-out by the SDK alone.
    pub async fn sdk_port_out(&mut self) -> Result<Duration, String> {
        let read = self.owner().await?;
        let request = bare::request(SPID, &self.next_order(BARE, 1)).map_err(|error| error.to_string())?;
        let began = Instant::now();
        let written = self.sdk.confirm(&read, &request).await;
        let took = began.elapsed();
        written.map_err(|error| format!("TransactWriteItems: {error}"))?;
        self.release(BARE, 1).await?;
        Ok(took)
    }

    async fn owner(&self) -> Result<Owner, String> {
        self.sdk.owner(&number_of(BARE)).await.map_err(|error| format!("BatchGetItem: {error}"))
    }

    /// Frees the numbers that [`Site::next_order`] names, so that the next port-out can have them.
    async fn release(&self, account: &str, numbers: usize) -> Result<(), String> {
        for tn in tns(account, numbers) {
            let tn = tn.parse().expect("a number");
            self.sdk.release(&tn).await.map_err(|error| format!("a number remains held: {error}"))?;
        }
        Ok(())
    }

    fn next_order(&mut self, account: &str, numbers: usize) -> Value {
        self.port_outs += 1;
        let pin = pin(self.pin_versions.get(account).copied().unwrap_or_default());
        call::order(&format!("TX-{}", self.port_outs), account, pin, &tns(account, numbers), &self.due)
    }
}

async fn send(call: Call, host: &LambdaHost, subject: Subject) -> Result<Duration, String> {
    let call = if subject.by == Implementation::Bare { call.into_bare() } else { call };
    call.send(host, &subject.to_string()).await
}

/// The account that a subject works on.
fn account(subject: Subject) -> &'static str {
    match (subject.by, subject.operation) {
        (Implementation::Service, _) if subject.cheap => CHEAP,
        _ if subject.cheap => HASHLESS,
        (Implementation::Bare, Operation::SetPin | Operation::PortOut) => BARE,
        _ => SHARED,
    }
}

fn number_of(account: &str) -> AccountNumber {
    account.parse().expect("an account number")
}

/// The PIN of a version.
fn pin(version: u64) -> &'static str {
    PINS[usize::from(version.is_multiple_of(2))]
}

/// An account's first telephone numbers, as many as it has.
fn tns(account: &str, count: usize) -> Vec<String> {
    let known = ACCOUNTS.iter().find(|(name, _, _)| *name == account);
    let (first, all) = known.map_or((0, 0), |(_, first, all)| (*first, *all));
    (first..).take(count.min(all)).map(|number| format!("+{number}")).collect()
}
