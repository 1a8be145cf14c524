//! Everything that a test needs, of its own: engine, table, wire, functions, issuer of tokens, client.

use crate::client::{Answer, CallBuilder, Client};
use crate::engine::{self, Engine, Item, Table, scan_all};
use crate::gateway;
use crate::guard::Guard;
use crate::lambda_host::{Function, LambdaHost};
use crate::records::text;
use crate::tokens::{AUDIENCE, ISSUER, Issuer};
use crate::wire::Wire;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runtime::http::routes;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use runtime::http::endpoint::FUNCTIONS;

/// Which function answers; what no route takes is answered alike by all of them.
pub fn route(method: &Method, path: &str) -> &'static str {
    routes::find(method.as_str(), path).map_or("status", |matched| matched.route.function())
}

/// A running system. Dropping it leaves nothing behind.
pub struct Stack {
    // Dropped in this order: nobody calls what is gone.
    host: LambdaHost,
    wire: Option<Wire>,
    table: Table,
    engine: Engine,
    issuer: Issuer,
    client: Client,
}

/// How a stack differs from the usual one.
#[must_use]
pub struct Builder {
    functions: Vec<&'static str>,
    processes: usize,
    timeout: Duration,
    restart: bool,
    env: Vec<(String, String)>,
    wire: bool,
    engine: Option<Engine>,
    binaries: Option<PathBuf>,
}

impl Builder {
    /// Only these functions.
    pub fn functions(self, functions: &[&'static str]) -> Self {
        Self { functions: functions.to_vec(), ..self }
    }

    /// That many processes a function, 1 without this; each does one request at a time.
    pub fn processes(self, processes: usize) -> Self {
        Self { processes, ..self }
    }

    /// How long an invocation may take, 10 seconds without this.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// A process that ended is not replaced.
    pub fn no_restart(self) -> Self {
        Self { restart: false, ..self }
    }

    /// One more variable for every function, or another value.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What happens to PINs that are easily guessed.
    pub fn pin_policy(self, policy: &str) -> Self {
        self.env("PIN_POLICY", policy)
    }

    /// Straight to the engine, for measurements; no faults and no record of calls then.
    pub fn without_wire(self) -> Self {
        Self { wire: false, ..self }
    }

    /// Another engine, such as one on a file.
    pub fn engine(self, engine: Engine) -> Self {
        Self { engine: Some(engine), ..self }
    }

    /// Binaries of another build, such as `target/release`.
    pub fn binaries(self, folder: &Path) -> Self {
        Self { binaries: Some(folder.to_owned()), ..self }
    }

    /// Starts it; panics with the functions' logs when one does not come up.
    pub async fn start(self) -> Stack {
        self.try_start().await.unwrap_or_else(|logs| panic!("a function does not start:\n{logs}"))
    }

    /// Starts it; the error holds the logs of functions that did not come up.
    pub async fn try_start(mut self) -> Result<Stack, String> {
        let engine = self.engine.take().unwrap_or_else(Engine::start);
        let table = Table::create(&engine).await;
        let guard = || Guard::new(table.name());
        let wire = if self.wire { Some(Wire::guarded(engine.endpoint(), guard()).await) } else { None };
        let issuer = Issuer::default();
        let env = environment(table.name(), &issuer);
        let functions = self.functions.iter().map(|name| {
            let endpoint = wire.as_ref().map_or(engine.endpoint().to_owned(), |wire| wire.url_of(name));
            let endpoint = [("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint)];
            self.function(name, env.iter().cloned().chain(endpoint).chain(self.env.clone()).collect())
        });
        let functions = functions.collect();
        let host = LambdaHost::start(functions, Arc::new(route)).await?;
        let client = Client::new(host.url());
        Ok(Stack { host, wire, table, engine, issuer, client })
    }

    fn folder(&self) -> PathBuf {
        self.binaries.clone().unwrap_or_else(target_folder)
    }

    fn function(&self, name: &str, env: Vec<(String, String)>) -> Function {
        Function {
            env,
            processes: self.processes,
            timeout: self.timeout,
            restart: self.restart,
            ..Function::new(name, binary(&self.folder(), name))
        }
    }
}

/// What every function's environment has, as the local stack sets it.
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

/// The folder that the test itself was built into.
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

impl Stack {
    /// The usual stack: all functions, one process each.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A stack that differs.
    pub fn builder() -> Builder {
        Builder {
            functions: FUNCTIONS.to_vec(),
            processes: 1,
            timeout: Duration::from_secs(10),
            restart: true,
            env: Vec::new(),
            wire: true,
            engine: None,
            binaries: None,
        }
    }

    /// The API's base URL.
    pub fn url(&self) -> &str {
        self.host.url()
    }

    /// Calls the API without a token; see [`CallBuilder::bearer`].
    pub fn call(&self, method: &str, path: &str) -> CallBuilder {
        self.client.call(method, path)
    }

    /// Gets a path.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path).bearer(token).send().await
    }

    /// The client, for raw requests and for clones.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Issues tokens that the functions trust.
    pub fn tokens(&self) -> &Issuer {
        &self.issuer
    }

    /// The functions' host, for killing processes.
    pub fn host(&self) -> &LambdaHost {
        &self.host
    }

    /// The wire to the engine, for faults and counts.
    pub fn wire(&self) -> &Wire {
        self.wire.as_ref().expect("this stack was built without a wire")
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        self.table.name()
    }

    /// The engine itself, past the wire.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Every item of the table, read past the wire.
    pub async fn scan(&self) -> Vec<Item> {
        scan_all(self.engine.endpoint(), self.table()).await
    }

    /// The item of that `pk` and `sk`, read past the wire; it must be there.
    pub async fn item(&self, key: (&str, &str)) -> Item {
        let all = self.scan().await;
        all.into_iter().find(|item| (text(item, "pk"), text(item, "sk")) == key).expect("no such item")
    }

    /// Stores an item as it is, past the wire.
    pub async fn put_item(&self, item: Item) {
        let client = engine::client(self.engine.endpoint(), self.table());
        let put = client.put_item().table_name(self.table()).set_item(Some(item));
        put.send().await.expect("not stored");
    }

    /// Everything that the functions wrote so far.
    pub fn logs(&self) -> String {
        self.host.logs()
    }

    /// Every answer that a client of this stack got so far, headers included.
    pub fn transcript(&self) -> String {
        self.client.transcript()
    }

    /// Sends an event straight to a function; panics when there is no HTTP answer.
    pub async fn invoke(&self, function: &str, event: &Value) -> Answer {
        let outcome = self.host.invoke_raw(function, event.to_string().as_bytes()).await;
        let answer =
            gateway::answer(outcome).unwrap_or_else(|(_, why)| panic!("{function} {why}\n{}", self.logs()));
        self.client.remember(&answer);
        answer
    }

    /// `PUT`s an account as the operator.
    pub async fn put_account(&self, account: &str, body: &Value) -> Answer {
        let call = self.call("PUT", &format!("/v1/accounts/{account}"));
        call.bearer(&self.issuer.operator()).json(body).send().await
    }

    /// Assigns numbers to an account as the operator.
    pub async fn assign(&self, account: &str, numbers: &[&str]) -> Answer {
        let call = self.call("POST", &format!("/v1/accounts/{account}/telephone-numbers"));
        call.bearer(&self.issuer.operator()).json(&json!({"telephone_numbers": numbers})).send().await
    }

    /// A US account with ZIP 98052 and these numbers.
    pub async fn seed(&self, account: &str, numbers: &[&str]) {
        self.put_account(account, &json!({"country": "US", "zip_code": "98052"})).await.assert_status(201);
        self.assign(account, numbers).await.assert_status(200);
    }

    /// Sets a PIN as the account's admin.
    pub async fn set_pin(&self, account: &str, pin: &str) -> Answer {
        let call = self.call("PUT", &format!("/v1/accounts/{account}/port-out-pin"));
        call.bearer(&self.issuer.account(account)).json(&json!({"pin": pin})).send().await
    }

    /// The PIN's state as its account's admin sees it.
    pub async fn pin_state(&self, account: &str) -> Answer {
        self.get(&format!("/v1/accounts/{account}/port-out-pin"), &self.issuer.account(account)).await
    }

    /// Submits a port-out as a carrier; see [`order`] for the usual body.
    pub async fn submit(&self, spid: &str, body: &Value) -> Answer {
        self.call("POST", "/v1/port-outs").bearer(&self.issuer.carrier(spid)).json(body).send().await
    }
}

/// A port-out request with everything that a lawful one needs.
pub fn order(pon: &str, account: &str, pin: &str, numbers: &[&str]) -> Value {
    json!({"pon": pon, "account_number": account, "pin": pin, "zip_code": "98052", "telephone_numbers": numbers})
}
