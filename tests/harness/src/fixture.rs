//! What a test starts with: which functions run where, and the accounts, PINs, numbers and webhook sources that exist.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::{Engine, Table};
use crate::guard::Guard;
use crate::in_process::InProcess;
use crate::lambda_host::{Function, LambdaHost};
use crate::stack::{FUNCTIONS, Stack, route};
use crate::tokens::{AUDIENCE, ISSUER, Issuer};
use crate::wire::Wire;

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

/// The most numbers that one request assigns.
const MOST_NUMBERS: usize = 90;

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
    json!({"country": "US", "zip_code": "98052"})
}

struct Account {
    number: String,
    profile: Value,
    numbers: Vec<String>,
    pin: Option<String>,
}

struct Source {
    id: String,
    kind: String,
    spid: String,
}

/// A description of a running system; all functions run in this process unless [`Fixture::processes`] is called.
#[must_use]
pub struct Fixture {
    accounts: Vec<Account>,
    sources: Vec<Source>,
    time: Timestamp,
    processes: Option<usize>,
    functions: Vec<&'static str>,
    timeout: Duration,
    restart: bool,
    env: Vec<(String, String)>,
    wire: bool,
    engine: Option<Engine>,
    binaries: Option<PathBuf>,
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

    /// Adds a webhook source of a carrier; [`Stack::secret`] returns its secret.
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

    /// Starts it; panics with the functions' logs when one does not come up.
    pub async fn start(self) -> Stack {
        self.try_start().await.unwrap_or_else(|logs| panic!("a function does not start:\n{logs}"))
    }

    /// Starts it.
    ///
    /// # Errors
    /// A process does not come up; the error holds the logs.
    pub async fn try_start(mut self) -> Result<Stack, String> {
        let engine = self.engine.take().unwrap_or_else(Engine::start);
        let table = Table::create(&engine).await;
        let guard = || Guard::new(table.name());
        let wire = if self.wire { Some(Wire::guarded(engine.endpoint(), guard()).await) } else { None };
        let issuer = Arc::new(Issuer::default());
        let host = LambdaHost::start(self.hosted(&table, &engine, wire.as_ref(), &issuer), Arc::new(route));
        let host = host.await?;
        let functions = self.in_process(wire.as_ref(), table.name());
        let client = functions.clone().map_or_else(|| Client::new(host.url()), Client::in_process);
        let client = client.with_issuer(issuer.clone());
        let (secrets, pons) = Default::default();
        let stack = Stack { host, wire, table, engine, issuer, client, functions, secrets, pons };
        self.provision(&stack).await;
        Ok(stack)
    }

    fn in_process(&self, wire: Option<&Wire>, table: &str) -> Option<Arc<InProcess>> {
        if self.processes.is_some() {
            return None;
        }
        assert!(self.env.is_empty(), "only processes have variables: {:?}", self.env);
        Some(Arc::new(InProcess::new(wire.expect("a wire"), table, self.time)))
    }

    /// Returns the functions that run as processes, each with its own path to the table.
    fn hosted(&self, table: &Table, engine: &Engine, wire: Option<&Wire>, issuer: &Issuer) -> Vec<Function> {
        let Some(processes) = self.processes else { return Vec::new() };
        let usual = environment(table.name(), issuer);
        let folder = self.binaries.clone().unwrap_or_else(target_folder);
        let function = |name: &&'static str| {
            let endpoint = wire.map_or(engine.endpoint().to_owned(), |wire| wire.url_of(name));
            let endpoint = ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint);
            let env = usual.iter().cloned().chain([endpoint]).chain(self.env.clone()).collect();
            let (timeout, restart) = (self.timeout, self.restart);
            Function { env, processes, timeout, restart, ..Function::new(name, binary(&folder, name)) }
        };
        self.functions.iter().map(function).collect()
    }

    async fn provision(&self, stack: &Stack) {
        for account in &self.accounts {
            stack.put_account(&account.number, &account.profile).await.assert_status(201);
            for numbers in account.numbers.chunks(MOST_NUMBERS) {
                stack.assign(&account.number, numbers).await.assert_status(200);
            }
            if let Some(pin) = &account.pin {
                stack.set_pin(&account.number, pin).await.assert_status(201);
            }
        }
        for source in &self.sources {
            stack.register(&source.id, &source.kind, &source.spid).await;
        }
    }
}

/// Returns the variables of every function, as the local stack sets them.
fn environment(table: &str, issuer: &Issuer) -> Vec<(String, String)> {
    [
        ("TABLE_NAME", table.to_owned()),
        ("PIN_LOCAL_KEY", STANDARD.encode(crate::random_bytes(32))),
        // The least that is allowed, so that tests are quick.
        ("PBKDF2_ITERATIONS", "100000".to_owned()),
        ("JWT_ISSUER", ISSUER.to_owned()),
        ("JWT_AUDIENCE", AUDIENCE.to_owned()),
        ("JWT_KEYS", issuer.jwks()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Returns the folder that the test itself was built into.
fn target_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test binary");
    let folder = test.parent().expect("a folder");
    let folder = if folder.ends_with("deps") { folder.parent().expect("a folder") } else { folder };
    folder.to_owned()
}

fn binary(folder: &Path, name: &str) -> PathBuf {
    let binary = folder.join(name);
    assert!(binary.exists(), "{} is missing: run `cargo build --workspace --bins` first", binary.display());
    binary
}
