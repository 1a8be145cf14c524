//! The command `local`: the one-command stack, and the tokens to call it with.

use local::error::Failure;
use local::keys::SigningKey;
use local::settings::Settings;
use local::token::{self, Caller};
use std::env;
use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

const HELP: &str = "\
Runs the service on this machine. `make run` and `make token` call it, in the repository's folder.

  local run                                      everything, until Ctrl-C
  local token --role account --account CONTOSO   a token of an account's admin
  local token --role carrier --spid A123         a token of a carrier
  local token --role operator                    a token of the operator

Environment:
  ROLE, ACCOUNT, SPID   instead of the options of `token`
  PORT                  where the stack serves (9000)
  DATA_DIR              where the embedded engine keeps its file, and `keys` beside it (.local/data, .local/keys)
  DYNAMODB_ENDPOINT     http://… of another DynamoDB-compatible engine instead of the embedded one
  CONCURRENCY           processes a function, at most (4)
  CARGO_LAMBDA          the cargo-lambda program (the one on PATH)
  PIN_POLICY, COMPANY_HOLIDAYS, PBKDF2_ITERATIONS, LOG_LEVEL   passed on to the functions
";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run"] => run().await,
        ["token", options @ ..] => token(options),
        [] | ["help" | "-h" | "--help", ..] => print(HELP),
        [..] => Err(Failure::Usage("no such command: `local --help` lists them".to_owned())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(stderr(), "error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run() -> Result<(), Failure> {
    local::run::run(&settings()?).await
}

fn token(options: &[&str]) -> Result<(), Failure> {
    let (mut role, mut account, mut spid) = (variable("ROLE"), variable("ACCOUNT"), variable("SPID"));
    for option in options.chunks(2) {
        match *option {
            ["--role", value] => role = Some(value.to_owned()),
            ["--account", value] => account = Some(value.to_owned()),
            ["--spid", value] => spid = Some(value.to_owned()),
            _ => return Err(Failure::Usage("no such option of token: `local --help` lists them".to_owned())),
        }
    }
    let text = |it: Option<String>| it.unwrap_or_default();
    let caller = Caller::new(&text(role), &text(account), &text(spid))?;
    let key = SigningKey::load(&settings()?.keys_dir)?;
    print(&format!("{}\n", token::issue(&key, &caller, token::now())))
}

fn settings() -> Result<Settings, Failure> {
    Settings::read(Path::new("."), variable)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn print(text: &str) -> Result<(), Failure> {
    stdout().write_all(text.as_bytes()).map_err(|e| Failure::because("cannot print", e))
}
