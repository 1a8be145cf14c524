//! What is measured: each operation in each implementation, as a process under Lambda's Runtime API.

use super::Options;
use crate::args::root;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::lambda_host::Function;
use runtime::pin_hash::hasher::{DEFAULT_ROUNDS, MIN_ROUNDS};
use runtime::store::TableNames;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

/// Who implements an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Implementation {
    /// This service.
    Service,
    /// The same DynamoDB calls, and nothing else.
    Bare,
    /// The same operation in JavaScript with AWS's SDK.
    Node,
    /// The same operation in Python with boto3.
    Python,
}

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Shows a PIN's status.
    Status,
    /// Changes a PIN.
    SetPin,
    /// Confirms a port-out.
    PortOut,
    /// Replaces an account; only the service implements it.
    Provision,
    /// Shows the page to whoever is not signed in; only the service implements it.
    Console,
}

/// An operation in one implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    pub operation: Operation,
    pub by: Implementation,
    /// Whether the hash has the fewest rounds that are possible: 100,000 here, 1 for others.
    pub cheap: bool,
}

/// What a function's process finds around it.
pub struct Surroundings<'a> {
    /// The engine.
    pub endpoint: &'a str,
    /// The tables.
    pub tables: &'a TableNames,
    /// The PIN key in base64.
    pub key: &'a str,
}

impl Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Service => "this service",
            Self::Bare => "bare Rust",
            Self::Node => "Node",
            Self::Python => "Python",
        })
    }
}

impl Operation {
    /// The function's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::SetPin => "set-pin",
            Self::PortOut => "port-out",
            Self::Provision => "provision",
            Self::Console => "console",
        }
    }

    fn module(self) -> String {
        self.name().replace('-', "_")
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cheap = if self.cheap { ", cheapest hash" } else { "" };
        write!(f, "{} of {}{cheap}", self.operation.name(), self.by)
    }
}

/// The operations that are compared.
pub const OPERATIONS: [Operation; 3] = [Operation::Status, Operation::SetPin, Operation::PortOut];
/// Those of them that hash a PIN.
pub const HASHING: [Operation; 2] = [Operation::SetPin, Operation::PortOut];
/// Those that only the service implements.
pub const OURS_ALONE: [Operation; 2] = [Operation::Provision, Operation::Console];
/// The implementations of each.
pub const IMPLEMENTATIONS: [Implementation; 4] =
    [Implementation::Service, Implementation::Bare, Implementation::Node, Implementation::Python];

impl Subject {
    /// With the hash of production.
    pub fn new(operation: Operation, by: Implementation) -> Self {
        Self { operation, by, cheap: false }
    }

    /// This service with the cheapest hash.
    pub fn cheap(operation: Operation) -> Self {
        Self::new(operation, Implementation::Service).with_cheap_hash()
    }

    /// With the cheapest hash.
    pub fn with_cheap_hash(self) -> Self {
        Self { cheap: true, ..self }
    }

    /// Everything that is started and compared.
    pub fn all() -> Vec<Self> {
        let pairs =
            OPERATIONS.into_iter().flat_map(|operation| IMPLEMENTATIONS.map(|by| Self::new(operation, by)));
        pairs.chain(OURS_ALONE.map(|operation| Self::new(operation, Implementation::Service))).collect()
    }

    /// Returns the function as Lambda would run it.
    pub fn function(self, options: &Options, around: &Surroundings<'_>) -> Function {
        let rounds = match self.by {
            _ if !self.cheap => DEFAULT_ROUNDS,
            Implementation::Service | Implementation::Bare => MIN_ROUNDS,
            Implementation::Node | Implementation::Python => 1,
        };
        let (binary, args) = self.command(options);
        let mut env = vec![
            ("TABLE_NAME", around.tables.state.clone()),
            ("EVENTS_TABLE_NAME", around.tables.events.clone()),
            // Lambda sets it beside AWS_REGION, and boto3 reads no other.
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", around.endpoint.to_owned()),
            ("PIN_LOCAL_KEY", around.key.to_owned()),
            // No operation of a source is measured, but the functions do not start without.
            ("WEBHOOK_LOCAL_KEY", STANDARD.encode(harness::random_bytes(32))),
            ("PBKDF2_ITERATIONS", rounds.to_string()),
        ];
        if self.operation == Operation::Console {
            env.extend(CONSOLE.map(|(name, value)| (name, value.to_owned())));
            env.push(("CONSOLE_LOCAL_KEY", STANDARD.encode(harness::random_bytes(32))));
        }
        if self.by == Implementation::Python {
            let code = peers("python").to_string_lossy().into_owned();
            env.extend([("PYTHONPATH", code.clone()), ("LAMBDA_TASK_ROOT", code)]);
        }
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Function { args, env, restart: false, ..Function::new(&self.to_string(), binary) }
    }

    fn command(self, options: &Options) -> (PathBuf, Vec<String>) {
        let code = self.code(options).remove(0);
        match self.by {
            Implementation::Service | Implementation::Bare => (code, Vec::new()),
            Implementation::Node => (options.node.clone(), vec![code.to_string_lossy().into_owned()]),
            Implementation::Python => {
                let handler = format!("{}.handler", self.operation.module());
                (options.python.clone(), vec!["-m".to_owned(), "awslambdaric".to_owned(), handler])
            }
        }
    }

    /// The files that are deployed for it.
    pub fn code(self, options: &Options) -> Vec<PathBuf> {
        let (name, module) = (self.operation.name(), self.operation.module());
        match self.by {
            Implementation::Service => vec![binary(&options.binaries, name)],
            Implementation::Bare => vec![binary(&options.binaries, &format!("bare-{name}"))],
            Implementation::Node => vec![peers("node/dist").join(format!("{module}.cjs"))],
            Implementation::Python => {
                [&format!("{module}.py"), "common.py"].map(|file| peers("python").join(file)).into()
            }
        }
    }
}

/// Settings of the console, at whose addresses nothing answers: the page that is measured calls no one.
const CONSOLE: [(&str, &str); 4] = [
    ("CONSOLE_URL", "http://127.0.0.1:9"),
    ("API_BASE_URL", "http://127.0.0.1:9"),
    ("OIDC_ISSUER", "http://127.0.0.1:9"),
    ("OIDC_CLIENT_ID", "bench"),
];

/// The folder of the peers' code.
pub fn peers(name: &str) -> PathBuf {
    root().join("tests/bench/peers").join(name)
}

/// The binary as cargo-lambda lays it out, or as cargo does.
fn binary(folder: &Path, name: &str) -> PathBuf {
    let deployed = folder.join(name).join("bootstrap");
    if deployed.exists() { deployed } else { folder.join(name) }
}
