//! The functions as processes: how to build and start them, and their environment.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use runtime::http::endpoint::BINARIES;
use tokio::process::Command;

use crate::engine::{CREDENTIALS, REGION};
use crate::error::CliError;
use crate::keys::Keys;
use crate::settings::Settings;
use crate::sign_in::CLIENT_ID;
use crate::table;
use crate::token::{AUDIENCE, ISSUER};

/// Name of the table of the state in local engines; that of the events follows from it.
pub const TABLE_NAME: &str = "port-out-local";

/// Folders with the functions' code; a change in them rebuilds the functions.
const SOURCES: [&str; 2] = ["functions", "shared"];

/// One year, in seconds. cargo-lambda applies it to a function's response, but also to its wait for the next request:
/// after the timeout it answers 408, the function exits, and nothing starts it again. So an idle stack must never reach
/// it; the functions themselves end work that takes too long.
const TIMEOUT: &str = "31536000";

/// Variables that would change what the functions or cargo do. Every `AWS_…` variable is removed too, so that a
/// developer's own profile is never used.
const UNWANTED: [&str; 6] =
    ["PIN_KEY_ID", "WEBHOOK_KEY_ID", "CONSOLE_KEY_ID", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"];

/// Returns the `cargo build` command for all functions; it shows its progress.
#[must_use]
pub fn build(settings: &Settings) -> Command {
    let mut command = Command::new("cargo");
    command.arg("build").args(BINARIES.iter().flat_map(|name| ["--bin", name]));
    command.current_dir(&settings.root);
    clean_environment(&mut command);
    command
}

/// Returns the `cargo lambda watch` command for all functions.
///
/// It runs in a folder that contains only links to the sources: it watches everything below its working directory, once
/// for each function process, and would otherwise wake up for every file that a build or the engine writes.
///
/// # Errors
/// Fails if that folder cannot be created.
pub fn watch(settings: &Settings) -> Result<Command, CliError> {
    let mut command = Command::new(&settings.cargo_lambda);
    command
        .args(["lambda", "watch", "--disable-cors", "--timeout", TIMEOUT])
        .args(["--invoke-address", "127.0.0.1", "--invoke-port", &settings.port.to_string()])
        .args(["--concurrency", &settings.concurrency.to_string()])
        .arg("--manifest-path")
        .arg(settings.root.join("Cargo.toml"))
        .current_dir(watched_folder(&settings.root)?)
        .stdin(Stdio::null());
    clean_environment(&mut command);
    command.env("CARGO_TERM_QUIET", "true");
    if env::var_os("RUST_LOG").is_none() {
        // By default, it prints four lines about every process that it starts.
        command.env("RUST_LOG", "cargo_lambda=warn");
    }
    if let Some(target) = env::var_os("CARGO_TARGET_DIR") {
        command.env("CARGO_TARGET_DIR", settings.root.join(target));
    }
    Ok(command)
}

/// Returns the functions' environment variables, which they inherit from cargo-lambda.
///
/// The keys are never on a command line, where other users of the machine could see them.
#[must_use]
pub fn environment(endpoint: &str, keys: &Keys, url: &str, issuer: &str) -> Vec<(&'static str, String)> {
    vec![
        ("TABLE_NAME", table::names(TABLE_NAME).state),
        ("EVENTS_TABLE_NAME", table::names(TABLE_NAME).events),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", CREDENTIALS.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", CREDENTIALS.to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("PIN_LOCAL_KEY", keys.pin.to_string()),
        ("WEBHOOK_LOCAL_KEY", keys.webhook.to_string()),
        ("JWT_ISSUER", ISSUER.to_owned()),
        ("JWT_AUDIENCE", AUDIENCE.to_owned()),
        ("JWT_KEYS", keys.signing.jwks()),
        ("CONSOLE_URL", url.to_owned()),
        ("API_BASE_URL", url.to_owned()),
        ("CONSOLE_LOCAL_KEY", keys.console.to_string()),
        ("OIDC_ISSUER", issuer.to_owned()),
        ("OIDC_CLIENT_ID", CLIENT_ID.to_owned()),
    ]
}

/// Checks that cargo-lambda and cargo can be started.
///
/// # Errors
/// Fails if one cannot, and says how to install it.
pub async fn check_tools(settings: &Settings) -> Result<(), CliError> {
    let lambda = settings.cargo_lambda.as_os_str().to_owned();
    check_tool(
        lambda,
        &["lambda", "--version"],
        "`make run` installs it, or `pip install cargo-lambda==1.9.2`",
    )
    .await?;
    check_tool("cargo".into(), &["--version"], "install Rust with rustup").await
}

async fn check_tool(program: OsString, arguments: &[&str], remedy: &str) -> Result<(), CliError> {
    let status =
        Command::new(&program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().await;
    if status.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(CliError::Failed(format!("{} is missing or does not run: {remedy}", program.display())))
}

fn clean_environment(command: &mut Command) {
    let names = env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.as_encoded_bytes().starts_with(b"AWS_")) {
        command.env_remove(name);
    }
    for name in UNWANTED {
        command.env_remove(name);
    }
}

fn watched_folder(root: &Path) -> Result<PathBuf, CliError> {
    let folder = root.join(".local/watched");
    let failed = |e| CliError::failed(format!("cannot create {}", folder.display()), e);
    fs::create_dir_all(&folder).map_err(failed)?;
    for name in SOURCES {
        match symlink(Path::new("../..").join(name), folder.join(name)) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(failed(e)),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::http::endpoint::binary_of;
    use runtime::http::routes::all;
    use serde_json::Value;

    const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

    /// Returns the routes that cargo-lambda reads from the workspace's `Cargo.toml`.
    fn router() -> Vec<Value> {
        let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let output =
            std::process::Command::new(env!("CARGO")).args(arguments).current_dir(root).output().unwrap();
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        metadata["metadata"]["lambda"]["watch"]["router"].as_array().unwrap().clone()
    }

    /// Returns the functions that a method of a path is routed to.
    fn targets(router: &[Value], method: &str, path: &str) -> Vec<String> {
        let matches = |route: &&Value| {
            let methods = route["methods"].as_array();
            route["path"] == path && methods.is_none_or(|methods| methods.iter().any(|name| name == method))
        };
        router.iter().filter(matches).map(|route| route["function"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_makefile_builds_every_function() {
        let makefile =
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Makefile")).expect("a Makefile");
        let list = makefile.lines().find_map(|line| line.strip_prefix("FUNCTIONS := ")).expect("a list");
        let functions: Vec<_> = list.split(' ').filter(|word| *word != "--bin").collect();
        assert_eq!(functions, BINARIES);
    }

    #[test]
    fn every_route_of_the_code_is_routed_to_its_function() {
        let router = router();
        for route in all() {
            for path in [route.path.to_owned(), format!("{}/", route.path)] {
                let found = targets(&router, route.method, &path);
                assert_eq!(found, [binary_of(route.function())], "{} {path}", route.method);
            }
        }
    }

    #[test]
    fn every_method_of_every_path_goes_to_exactly_one_function() {
        let router = router();
        let paths = all().map(|route| route.path).chain(["/", "/{*rest}"]);
        for (path, method) in paths.flat_map(|path| METHODS.map(|method| (path, method))) {
            let targets = targets(&router, method, path);
            assert_eq!(targets.len(), 1, "{method} {path}: {targets:?}");
            assert!(BINARIES.contains(&targets[0].as_str()));
        }
    }
}
