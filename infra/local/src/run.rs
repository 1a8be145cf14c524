//! `local run`: engine, table, functions and demo account, in this order; and all of it ended in the reverse one.

use crate::children::Children;
use crate::demo::{self, Stack};
use crate::engine::{self, Engine};
use crate::error::Failure;
use crate::functions::{self, TABLE_NAME};
use crate::keys::{SigningKey, pin_key};
use crate::settings::Settings;
use crate::table::create_table;
use std::convert::Infallible;
use std::fmt::Display;
use std::io::{Write, stdout};
use std::net::TcpListener;
use std::time::Duration;
use tokio::process::Command;
use tokio::signal::unix::{Signal, SignalKind, signal};
use zeroize::Zeroizing;

/// A stack that was killed needs up to this long to let go of its port.
const PORT_FREE_WITHIN: Duration = Duration::from_secs(4);

/// How long processes have between SIGTERM and SIGKILL; cargo-lambda takes 1.6 s.
const GRACE: Duration = Duration::from_secs(5);

struct Keys {
    pin: Zeroizing<String>,
    signing: SigningKey,
}

/// Runs the stack until Ctrl-C or SIGTERM.
///
/// # Errors
/// Something is missing, busy or damaged, or cargo-lambda ended by itself.
pub async fn run(settings: &Settings) -> Result<(), Failure> {
    let mut stop = Stop::listen()?;
    functions::check_tools(settings).await?;
    check_port(settings.port).await?;
    let keys = keys(settings)?;
    let engine = start_engine(settings).await?;
    let mut children = Children::none();
    let ended = tokio::select! {
        biased;
        () = stop.asked() => Ok(()),
        Err(failure) = serve(settings, &keys, engine.endpoint(), &mut children) => Err(failure),
    };
    children.end(GRACE).await;
    engine.stop().await;
    if ended.is_ok() {
        say("stopped");
    }
    ended
}

async fn serve(
    settings: &Settings,
    keys: &Keys,
    endpoint: &str,
    children: &mut Children,
) -> Result<Infallible, Failure> {
    create_table(&engine::client(endpoint), TABLE_NAME).await.map_err(|e| Failure::Broken(e.to_string()))?;
    build(settings, children).await?;
    let mut watch = functions::watch(settings)?;
    watch.envs(functions::environment(endpoint, &keys.pin, &keys.signing));
    let watch = children.start(&mut watch)?;
    tokio::select! {
        ended = watch.wait() => {
            let status = ended.map_or_else(|e| e.to_string(), |it| it.to_string());
            Err(Failure::Broken(format!("cargo lambda watch ended by itself ({status}): its reason is above")))
        }
        Err(failure) = welcome(settings, keys) => Err(failure),
    }
}

async fn build(settings: &Settings, children: &mut Children) -> Result<(), Failure> {
    say("building the functions; the first time takes minutes");
    let mut command: Command = functions::build(settings);
    let status = children.start(&mut command)?.wait().await;
    if status.is_ok_and(|it| it.success()) {
        return Ok(());
    }
    Err(Failure::Broken("the functions do not build: cargo's reason is above".to_owned()))
}

/// Makes the stack ready, says so, and has nothing more to do.
async fn welcome(settings: &Settings, keys: &Keys) -> Result<Infallible, Failure> {
    let stack = Stack::on(settings.port)?;
    stack.wait_until_ready().await?;
    stack.seed(&keys.signing).await?;
    say("In another terminal, in this folder: the PIN's status, setting it, a port-out");
    for command in demo::commands(settings) {
        say(command);
    }
    say(format_args!("ready http://127.0.0.1:{}", settings.port));
    std::future::pending().await
}

fn keys(settings: &Settings) -> Result<Keys, Failure> {
    let data_exists = settings.endpoint.is_none() && engine::data_file(&settings.data_dir).exists();
    let pin = pin_key(&settings.keys_dir, data_exists)?;
    let signing = SigningKey::load(&settings.keys_dir)?;
    say(format_args!("keys    {}", settings.keys_dir.display()));
    Ok(Keys { pin, signing })
}

async fn start_engine(settings: &Settings) -> Result<Engine, Failure> {
    let Some(endpoint) = &settings.endpoint else {
        let engine = Engine::embedded(&settings.data_dir).await?;
        say(format_args!("data    {}", engine::data_file(&settings.data_dir).display()));
        say(format_args!("engine  embedded, {}", engine.endpoint()));
        return Ok(engine);
    };
    say(format_args!("engine  {endpoint}, table {TABLE_NAME}"));
    Ok(Engine::at(endpoint))
}

async fn check_port(port: u16) -> Result<(), Failure> {
    let free = async {
        while TcpListener::bind(("127.0.0.1", port)).is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let busy = |_| Failure::Broken(format!("port {port} is in use: stop what listens there, or set PORT"));
    tokio::time::timeout(PORT_FREE_WITHIN, free).await.map_err(busy)
}

/// The signals that ask for an orderly end.
struct Stop([Signal; 3]);

impl Stop {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(|e| Failure::because("cannot listen for signals", e));
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn asked(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// A line for the person at the terminal, who may have gone.
fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}
