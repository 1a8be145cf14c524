//! The command `local`: runs the one-command stack, and prints tokens to call it with.

use std::env;
use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

use local::error::CliError;
use local::keys::SigningKey;
use local::settings::Settings;
use local::token::{self, Caller};

const HELP: &str = "\
Runs the service on this machine. `make run` and `make token` call this program in the repository's folder.

Usage:
  local run                                    run the whole service until Ctrl-C
  local token --role owner --account CONTOSO   print a token for an administrator of an account
  local token --role carrier --spid A123       print a token for a carrier
  local token --role operator                  print a token for the operator
  local token --role desk                      print a token for the porting desk
  local help                                   print this text

Environment variables, with their defaults:
  ROLE, ACCOUNT, SPID   used if `token` is called without these options
  PORT                  port to listen on (9000)
  DATA_DIR              folder of the embedded engine's data (.local/data), with the keys in its folder `keys`
                        (.local/keys if DATA_DIR is not set)
  DYNAMODB_ENDPOINT     http:// URL of another DynamoDB-compatible engine (the embedded engine)
  CONCURRENCY           maximum number of processes per function (4)
  CARGO_LAMBDA          path of cargo-lambda (the one on PATH)
  PIN_POLICY, PBKDF2_ITERATIONS, LOG_LEVEL   passed on to the functions
";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> =
        env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        [] | ["help", ..] | [.., "-h" | "--help"] => print(HELP),
        ["run"] => run().await,
        ["token", options @ ..] => token(options),
        [..] => Err(CliError::Usage("unknown command: `local --help` lists the commands".to_owned())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run() -> Result<(), CliError> {
    local::run::run(&settings()?).await
}

fn token(options: &[&str]) -> Result<(), CliError> {
    let (mut role, mut account, mut spid) = (variable("ROLE"), variable("ACCOUNT"), variable("SPID"));
    for option in options.chunks(2) {
        match *option {
            ["--role", value] => role = Some(value.to_owned()),
            ["--account", value] => account = Some(value.to_owned()),
            ["--spid", value] => spid = Some(value.to_owned()),
            _ => return Err(unknown_option()),
        }
    }
    let text = |value: Option<String>| value.unwrap_or_default();
    let caller = Caller::new(&text(role), &text(account), &text(spid))?;
    let key = SigningKey::load(&settings()?.keys_dir)?;
    print(&format!("{}\n", token::issue(&key, &caller, token::now())?))
}

fn unknown_option() -> CliError {
    CliError::Usage("unknown or incomplete option of `token`: `local --help` lists the options".to_owned())
}

fn settings() -> Result<Settings, CliError> {
    Settings::read(Path::new("."), variable)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn print(text: &str) -> Result<(), CliError> {
    stdout().write_all(text.as_bytes()).map_err(|e| CliError::failed("cannot print", e))
}
