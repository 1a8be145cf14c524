//! What is measured: each operation, by each of those who do it, as a process under Lambda's Runtime API.

use crate::args::{Options, root};
use harness::lambda_host::Function;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// This service.
    Ours,
    /// The same DynamoDB calls, and nothing else.
    Bare,
    /// The same operation in JavaScript with AWS's SDK.
    Node,
    /// The same operation in Python with boto3.
    Python,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Show a PIN's status.
    Status,
    /// Change a PIN.
    SetPin,
    /// Have a port-out confirmed.
    PortOut,
    /// Replace an account's profile; nobody else does it.
    Provision,
}

/// An operation done by somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// What is done.
    pub what: What,
    /// Who does it.
    pub who: Who,
    /// Whether the hash has the fewest rounds that are allowed.
    pub least: bool,
}

/// What a function's process is told about its surroundings.
pub struct Surroundings<'a> {
    /// DynamoDB.
    pub endpoint: &'a str,
    /// The table.
    pub table: &'a str,
    /// The key below every digest, in base64.
    pub key: &'a str,
}

impl Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ours => "ours",
            Self::Bare => "bare Rust",
            Self::Node => "Node",
            Self::Python => "Python",
        })
    }
}

impl What {
    /// The function's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::SetPin => "set-pin",
            Self::PortOut => "port-out",
            Self::Provision => "provision",
        }
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = if self.least { ", fewest rounds" } else { "" };
        write!(f, "{} of {}{least}", self.what.name(), self.who)
    }
}

/// The operations that all do.
pub const OPERATIONS: [What; 3] = [What::Status, What::SetPin, What::PortOut];
/// All who do them.
pub const EVERYBODY: [Who; 4] = [Who::Ours, Who::Bare, Who::Node, Who::Python];

impl Subject {
    /// With as many rounds as in production.
    pub fn new(what: What, who: Who) -> Self {
        Self { what, who, least: false }
    }

    /// Ours with the fewest rounds.
    pub fn least(what: What) -> Self {
        Self { what, who: Who::Ours, least: true }
    }

    /// Everything that is started and compared.
    pub fn all() -> Vec<Self> {
        let pairs = OPERATIONS.into_iter().flat_map(|what| EVERYBODY.map(|who| Self::new(what, who)));
        pairs.chain([Self::new(What::Provision, Who::Ours)]).collect()
    }

    /// How Lambda would run it.
    pub fn function(self, options: &Options, around: &Surroundings<'_>) -> Function {
        let rounds = if self.least {
            runtime::pin_hash::hasher::MIN_ROUNDS
        } else {
            runtime::pin_hash::hasher::DEFAULT_ROUNDS
        };
        let (binary, args) = self.command(options);
        let peers = peers("python");
        let env = [
            ("TABLE_NAME", around.table),
            // Lambda sets it beside AWS_REGION, and boto3 reads no other.
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL_DYNAMODB", around.endpoint),
            ("PIN_LOCAL_KEY", around.key),
            ("PBKDF2_ITERATIONS", &rounds.to_string()),
            ("PYTHONPATH", &peers.to_string_lossy()),
            ("LAMBDA_TASK_ROOT", &peers.to_string_lossy()),
        ];
        let wanted =
            |name: &str| self.who == Who::Python || !["PYTHONPATH", "LAMBDA_TASK_ROOT"].contains(&name);
        let env = env.into_iter().filter(|(name, _)| wanted(name));
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Function { args, env, restart: false, ..Function::new(&self.to_string(), binary) }
    }

    fn command(self, options: &Options) -> (PathBuf, Vec<String>) {
        let module = self.what.name().replace('-', "_");
        match self.who {
            Who::Ours | Who::Bare => (self.code(options).remove(0), Vec::new()),
            Who::Node => {
                (options.node.clone(), vec![self.code(options).remove(0).to_string_lossy().into_owned()])
            }
            Who::Python => (
                options.python.clone(),
                ["-m", "awslambdaric", &format!("{module}.handler")].map(str::to_owned).into(),
            ),
        }
    }

    /// The files that are deployed for it.
    pub fn code(self, options: &Options) -> Vec<PathBuf> {
        let module = self.what.name().replace('-', "_");
        match self.who {
            Who::Ours => vec![binary(&options.binaries, self.what.name())],
            Who::Bare => vec![binary(&options.binaries, &format!("bare-{}", self.what.name()))],
            Who::Node => vec![peers("node/dist").join(format!("{module}.cjs"))],
            Who::Python => {
                [&format!("{module}.py"), "common.py"].map(|file| peers("python").join(file)).into()
            }
        }
    }
}

/// Where the peers' code is.
pub fn peers(name: &str) -> PathBuf {
    root().join("tests/bench/peers").join(name)
}

/// As cargo-lambda lays it out, or as cargo does.
fn binary(folder: &Path, name: &str) -> PathBuf {
    let deployed = folder.join(name).join("bootstrap");
    if deployed.exists() { deployed } else { folder.join(name) }
}
