//! What a test starts with: which functions run where, and the accounts, PINs, numbers and webhook sources that exist.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::engine::{Engine, names};
use crate::kms::KmsKeys;
use crate::stack::{FUNCTIONS, Stack};

/// The account of most tests.
pub const CONTOSO: &str = "CONTOSO";
/// Its PIN, which no rule calls weak.
pub const PIN: &str = "482913";
/// Well-formed, and not the PIN.
pub const WRONG_PIN: &str = "482914";
/// The first of its numbers.
pub const TN: &str = "+12065550100";
/// When a test in process begins: a Monday, before 13:00 in New York.
pub const START: &str = "2026-11-23T16:04:05Z";

/// Returns a number in E.164; lines 100 to 199 are reserved for examples.
pub fn tn(line: usize) -> String {
    format!("+1206555{line:04}")
}

/// `count` numbers from line `first` on.
pub fn tns(first: usize, count: usize) -> Vec<String> {
    (first..first + count).map(tn).collect()
}

/// Returns the profile of a US account with the ZIP code of the usual order.
pub fn us_profile() -> Value {
    json!({"country": "US", "zip_codes": ["98052"]})
}

pub(crate) struct Account {
    pub number: String,
    pub profile: Value,
    pub numbers: Vec<String>,
    pub pin: Option<String>,
}

pub(crate) struct Source {
    pub id: String,
    pub kind: String,
    pub spid: String,
}

/// A description of a running system; all functions run in this process unless [`Fixture::processes`] is called.
#[must_use]
pub struct Fixture {
    pub(crate) accounts: Vec<Account>,
    pub(crate) sources: Vec<Source>,
    pub(crate) time: Timestamp,
    pub(crate) processes: Option<usize>,
    pub(crate) functions: Vec<&'static str>,
    pub(crate) timeout: Duration,
    pub(crate) restart: bool,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) wire: bool,
    pub(crate) kms: Option<KmsKeys>,
    pub(crate) engine: Option<Engine>,
    pub(crate) binaries: Option<PathBuf>,
}

impl Default for Fixture {
    fn default() -> Self {
        Self {
            accounts: Vec::new(),
            sources: Vec::new(),
            time: START.parse().expect("a time"),
            processes: None,
            functions: FUNCTIONS.to_vec(),
            timeout: Duration::from_secs(10),
            restart: true,
            env: Vec::new(),
            wire: true,
            kms: None,
            engine: None,
            binaries: None,
        }
    }
}

/// What exists.
impl Fixture {
    /// Describes functions in this process and an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Describes [`CONTOSO`] with [`PIN`] and [`TN`].
    pub fn contoso() -> Self {
        Self::new().account(CONTOSO).pin(PIN).numbers(&[TN])
    }

    /// Adds an account in the US with ZIP code 98052; what follows is about this account.
    pub fn account(mut self, number: &str) -> Self {
        let (profile, numbers) = (us_profile(), Vec::new());
        self.accounts.push(Account { number: number.to_owned(), profile, numbers, pin: None });
        self
    }

    /// Gives the account another profile.
    pub fn profile(mut self, profile: Value) -> Self {
        self.last_account().profile = profile;
        self
    }

    /// Gives the account exactly these numbers.
    pub fn numbers<T: AsRef<str>>(mut self, numbers: &[T]) -> Self {
        self.last_account().numbers = numbers.iter().map(|tn| tn.as_ref().to_owned()).collect();
        self
    }

    /// Sets the account's PIN.
    pub fn pin(mut self, pin: &str) -> Self {
        self.last_account().pin = Some(pin.to_owned());
        self
    }

    /// Leaves the account without a PIN.
    pub fn no_pin(mut self) -> Self {
        self.last_account().pin = None;
        self
    }

    /// Adds a webhook source of a carrier; [`crate::stack::Stack::secret`] returns its secret.
    pub fn source(mut self, id: &str, kind: &str, spid: &str) -> Self {
        let [id, kind, spid] = [id, kind, spid].map(str::to_owned);
        self.sources.push(Source { id, kind, spid });
        self
    }

    /// Sets the clock of functions in this process to another time than [`START`].
    pub fn at(self, time: Timestamp) -> Self {
        Self { time, ..self }
    }

    fn last_account(&mut self) -> &mut Account {
        self.accounts.last_mut().expect("an account before its parts")
    }
}

/// What runs.
impl Fixture {
    /// Runs each function as that many processes, each of which does one request at a time.
    pub fn processes(self, processes: usize) -> Self {
        Self { processes: Some(processes), ..self }
    }

    /// Runs only these functions.
    pub fn functions(self, functions: &[&'static str]) -> Self {
        Self { functions: functions.to_vec(), ..self }
    }

    /// Sets how long an invocation may take: 10 seconds without this.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Leaves a process that ended without a successor.
    pub fn no_restart(self) -> Self {
        Self { restart: false, ..self }
    }

    /// Adds a variable for every process, or gives one another value.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives the functions keys in KMS instead of local ones.
    pub(crate) fn kms(self, keys: KmsKeys) -> Self {
        Self { kms: Some(keys), ..self }
    }

    /// Uses the tables of another stack, on the same engine.
    pub fn tables_of(self, stack: &Stack) -> Self {
        let names = names(stack.table());
        self.env("TABLE_NAME", &names.state).env("EVENTS_TABLE_NAME", &names.events)
    }

    /// Sets what happens to PINs that are easily guessed.
    pub fn pin_policy(self, policy: &str) -> Self {
        self.env("PIN_POLICY", policy)
    }

    /// Connects the functions straight to the engine, for measurements: no faults and no record of calls.
    pub fn without_wire(self) -> Self {
        Self { wire: false, ..self }
    }

    /// Uses another engine, such as one on a file.
    pub fn engine(self, engine: Engine) -> Self {
        Self { engine: Some(engine), ..self }
    }

    /// Runs the binaries of another build, such as `target/release`.
    pub fn binaries(self, folder: &Path) -> Self {
        Self { binaries: Some(folder.to_owned()), ..self }
    }
}
