//! `local run`: starts engine, tables, functions, and demo account in this order, and stops them in reverse.

use std::convert::Infallible;
use std::fmt::Display;
use std::io::{Write, stdout};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use runtime::store::TableNames;
use tokio::process::Command;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::children::Children;
use crate::demo::{self, DemoClient};
use crate::engine::{self, Engine};
use crate::error::CliError;
use crate::functions::{self, TABLE_NAME};
use crate::keys::Keys;
use crate::settings::Settings;
use crate::sign_in::SignIn;
use crate::table;

/// Time that a killed stack may need to release its port.
const PORT_TIMEOUT: Duration = Duration::from_secs(4);

/// Time in which the other processes must end; cargo-lambda takes 1.6 s where it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Runs the stack until Ctrl-C or SIGTERM.
///
/// # Errors
/// Fails if something is missing, busy, or damaged, or if cargo-lambda exits unexpectedly.
pub async fn run(settings: &Settings) -> Result<(), CliError> {
    let mut shutdown = ShutdownSignal::listen()?;
    functions::check_tools(settings).await?;
    check_port(settings.port).await?;
    let keys = load_keys(settings)?;
    let engine = start_engine(settings).await?;
    let mut children = Children::none();
    let result = tokio::select! {
        // If a signal and a failure arrive together, the stack was asked to stop.
        biased;
        () = shutdown.received() => Ok(()),
        Err(error) = serve(settings, &keys, engine.endpoint(), &mut children) => Err(error),
    };
    children.end(GRACE).await;
    engine.stop().await;
    if result.is_ok() {
        status_line("stopped");
    }
    result
}

async fn serve(
    settings: &Settings,
    keys: &Keys,
    endpoint: &str,
    children: &mut Children,
) -> Result<Infallible, CliError> {
    let tables = table::create_tables(&engine::client(endpoint), &table::names(TABLE_NAME)).await;
    tables.map_err(|e| CliError::Failed(e.to_string()))?;
    build(settings, children).await?;
    let url = format!("http://127.0.0.1:{}", settings.port);
    let sign_in = SignIn::listen(Arc::clone(&keys.signing), &url).await?;
    let mut watch = functions::watch(settings)?;
    watch.envs(functions::environment(endpoint, keys, &url, sign_in.issuer()));
    let watch = children.start(&mut watch)?;
    tokio::select! {
        Err(error) = sign_in.serve() => Err(error),
        exit = watch.wait() => {
            let status = exit.map_or_else(|e| e.to_string(), |status| status.to_string());
            Err(CliError::Failed(format!("cargo lambda watch exited unexpectedly ({status}): see its output above")))
        }
        Err(error) = announce(settings, keys) => Err(error),
    }
}

async fn build(settings: &Settings, children: &mut Children) -> Result<(), CliError> {
    status_line("building the functions; the first time takes minutes");
    let mut command: Command = functions::build(settings);
    let status = children.start(&mut command)?.wait().await;
    if status.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(CliError::Failed("the functions do not compile: see cargo's errors above".to_owned()))
}

/// Waits until the stack is ready, creates the demo account, prints how to call, and then waits forever.
async fn announce(settings: &Settings, keys: &Keys) -> Result<Infallible, CliError> {
    let client = DemoClient::new(settings.port)?;
    client.wait_until_ready().await?;
    client.seed(&keys.signing).await?;
    status_line("In another terminal, in this folder: show the PIN's status, set a PIN, submit a port-out");
    for command in demo::commands(settings) {
        status_line(command);
    }
    status_line(format_args!("The administrator's page: http://127.0.0.1:{}/console", settings.port));
    status_line(format_args!("ready http://127.0.0.1:{}", settings.port));
    std::future::pending().await
}

fn load_keys(settings: &Settings) -> Result<Keys, CliError> {
    let data_exists = settings.endpoint.is_none() && engine::data_file(&settings.data_dir).exists();
    let keys = Keys::load(&settings.keys_dir, data_exists)?;
    status_line(format_args!("keys    {}", settings.keys_dir.display()));
    Ok(keys)
}

async fn start_engine(settings: &Settings) -> Result<Engine, CliError> {
    let Some(endpoint) = &settings.endpoint else {
        let engine = Engine::embedded(&settings.data_dir).await?;
        status_line(format_args!("data    {}", engine::data_file(&settings.data_dir).display()));
        status_line(format_args!("engine  embedded, {}", engine.endpoint()));
        return Ok(engine);
    };
    let TableNames { state, events } = table::names(TABLE_NAME);
    status_line(format_args!("engine  {endpoint}, tables {state} and {events}"));
    Ok(Engine::at(endpoint))
}

async fn check_port(port: u16) -> Result<(), CliError> {
    let free = async {
        while TcpListener::bind(("127.0.0.1", port)).is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let busy = |_| CliError::Failed(format!("port {port} is in use: stop what listens there, or set PORT"));
    tokio::time::timeout(PORT_TIMEOUT, free).await.map_err(busy)
}

/// Signals that request an orderly shutdown: SIGINT, SIGTERM, and SIGHUP.
struct ShutdownSignal([Signal; 3]);

impl ShutdownSignal {
    fn listen() -> Result<Self, CliError> {
        let listen = |kind| signal(kind).map_err(|e| CliError::failed("cannot listen for signals", e));
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn received(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// Prints a line. Ignores errors, because the terminal may have been closed.
fn status_line(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}
