//! Starts what a [`Fixture`] describes: the engine, the wire, the functions, and then what exists.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runtime::http::endpoint::{BandwidthEndpoint, FunctionEndpoint as _, PortOutEndpoint, binary_of};

use runtime::http::authentication::Authentication;
use runtime::http::claims::ClaimNames;

use crate::client::Client;
use crate::engine::{Engine, Table, names};
use crate::fixture::Fixture;
use crate::guard::Guard;
use crate::in_process::{InProcess, Keys};
use crate::kms::KmsKeys;
use crate::lambda_host::{Function, LambdaHost};
use crate::stack::{Stack, WITH_PIN_KEY, WITH_WEBHOOK_KEY, route};
use crate::tokens::{AUDIENCE, ISSUER, Issuer};
use crate::wire::Wire;

/// The most numbers that one request assigns.
const MOST_NUMBERS: usize = 90;

impl Fixture {
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
        let (secrets, numbered) = Default::default();
        let stack = Stack { host, wire, table, engine, issuer, client, functions, secrets, numbered };
        self.provision(&stack).await;
        Ok(stack)
    }

    fn in_process(&self, wire: Option<&Wire>, table: &str) -> Option<Arc<InProcess>> {
        if self.processes.is_some() {
            return None;
        }
        assert!(self.env.is_empty(), "only processes have variables: {:?}", self.env);
        let authentication = Authentication::by_gateway(ClaimNames::default());
        let keys = self.kms.clone().map_or(Keys::Local, Keys::Kms);
        Some(Arc::new(InProcess::new(wire.expect("a wire"), table, keys, self.time, &authentication)))
    }

    /// Returns the functions that run as processes, each with its own path to the table.
    fn hosted(&self, table: &Table, engine: &Engine, wire: Option<&Wire>, issuer: &Issuer) -> Vec<Function> {
        let Some(processes) = self.processes else { return Vec::new() };
        let usual = environment(table.name(), issuer);
        let folder = self.binaries.clone().unwrap_or_else(target_folder);
        let function = |name: &&'static str| {
            let endpoint = wire.map_or(engine.endpoint().to_owned(), |wire| wire.url_of(name));
            let endpoint = ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint);
            let kms = self.kms.iter().flat_map(|keys| kms_environment(keys, name));
            let env = usual.iter().cloned().chain([endpoint]).chain(kms).chain(routes(name));
            let env = env.chain(self.env.clone());
            let env = env.filter(|(variable, _)| gets(name, variable)).collect();
            let (timeout, restart) = (self.timeout, self.restart);
            Function {
                env,
                processes,
                timeout,
                restart,
                ..Function::new(name, binary(&folder, binary_of(name)))
            }
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
        ("EVENTS_TABLE_NAME", names(table).events),
        ("PIN_LOCAL_KEY", STANDARD.encode(crate::random_bytes(32))),
        ("WEBHOOK_LOCAL_KEY", STANDARD.encode(crate::random_bytes(32))),
        // The least that is allowed, so that tests are quick.
        ("PBKDF2_ITERATIONS", "100000".to_owned()),
        ("JWT_ISSUER", ISSUER.to_owned()),
        ("JWT_AUDIENCE", AUDIENCE.to_owned()),
        ("JWT_KEYS", issuer.jwks()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Returns the variables that put a function's keys into KMS.
fn kms_environment(keys: &KmsKeys, function: &str) -> Vec<(String, String)> {
    [
        ("AWS_ENDPOINT_URL_KMS", format!("{}/{function}", keys.url)),
        ("PIN_LOCAL_KEY", String::new()),
        ("PIN_KEY_ID", keys.pin.clone()),
        ("WEBHOOK_LOCAL_KEY", String::new()),
        ("WEBHOOK_KEY_ID", keys.webhook.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Returns whether a function gets this variable: each key only if it computes with it, as in the template.
fn gets(function: &str, variable: &str) -> bool {
    match variable {
        "PIN_KEY_ID" | "PIN_LOCAL_KEY" | "PIN_PREVIOUS_LOCAL_KEY" => WITH_PIN_KEY.contains(&function),
        "WEBHOOK_KEY_ID" | "WEBHOOK_LOCAL_KEY" | "WEBHOOK_PREVIOUS_LOCAL_KEY" => {
            WITH_WEBHOOK_KEY.contains(&function)
        }
        _ => true,
    }
}

/// Returns the variable that the template gives to the two functions of one binary.
fn routes(function: &str) -> Option<(String, String)> {
    let served = match function {
        PortOutEndpoint::FUNCTION => "carrier",
        BandwidthEndpoint::FUNCTION => "bandwidth",
        _ => return None,
    };
    Some(("ROUTES".to_owned(), served.to_owned()))
}

/// Returns the binary of a function that the test starts by itself.
#[must_use]
pub fn function_binary(name: &str) -> PathBuf {
    binary(&target_folder(), name)
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
