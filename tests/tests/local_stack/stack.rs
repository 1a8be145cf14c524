//! A run of the stack, from its start to its end.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use harness::client::{Answer, CallBuilder, Client};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::output::{Output, To};
use crate::workspace_dir::{Process, WorkspaceDir};

/// The first build takes minutes.
const READY_WITHIN: Duration = Duration::from_secs(600);

/// How soon a stack must end, by Ctrl-C, by SIGTERM, or by an error.
pub const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// A running `make run` or `local run`.
pub struct Stack<'a> {
    workspace: &'a WorkspaceDir,
    child: Child,
    output: Output,
}

/// A run that is over.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: Vec<String>,
    pub stderr: Vec<String>,
    /// What still ran at the moment when it ended.
    left: Vec<Process>,
}

impl<'a> Stack<'a> {
    /// Starts `make run` and waits until it is ready.
    pub async fn run(workspace: &'a WorkspaceDir) -> Self {
        Self::start(workspace, workspace.command("make", &["run"])).ready().await
    }

    /// Starts a command of the workspace and waits for nothing.
    pub fn start(workspace: &'a WorkspaceDir, mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let output = Output::of(&mut child);
        Self { workspace, child, output }
    }

    /// Waits until it is ready.
    pub async fn ready(self) -> Self {
        let ready = format!("ready {}", self.workspace.url());
        self.until(|line| line == ready).await;
        self
    }

    /// Waits for a line; fails if the stack ends without it.
    pub async fn until(&self, like: impl Fn(&str) -> bool) -> String {
        match timeout(READY_WITHIN, self.output.line(like)).await {
            Ok(Some(line)) => line,
            Ok(None) => panic!("it ended by itself:\n{}", self.output.text()),
            Err(_) => panic!("not in time:\n{}", self.output.text()),
        }
    }

    /// Returns a client of it.
    pub fn client(&self) -> Client {
        Client::new(&self.workspace.url())
    }

    /// Begins a call about the demo account's PIN.
    pub fn pin_call(&self, method: &str, token: &str) -> CallBuilder {
        self.client().call(method, "/v1/accounts/CONTOSO/port-out-pin").bearer(token)
    }

    /// Sets the demo account's PIN.
    pub async fn set_pin(&self, token: &str) -> Answer {
        self.pin_call("PUT", token).json(&json!({"pin": "482913"})).send().await
    }

    /// Reads the status of the demo account's PIN.
    pub async fn pin(&self, token: &str) -> Value {
        self.pin_call("GET", token).send().await.assert_json(200)
    }

    /// Returns the lines read from stdout.
    pub fn stdout(&self) -> Vec<String> {
        self.output.lines(To::Stdout)
    }

    /// Sends a signal to the process that was started, as `kill` does.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Sends a signal to the process group that it leads, as a terminal does.
    pub fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().expect("it has ended").try_into().unwrap()).unwrap()
    }

    /// Waits for its end, which must come within this time.
    pub async fn end(mut self, within: Duration) -> Ended {
        let begun = Instant::now();
        let status = timeout(within, self.child.wait()).await;
        let status =
            status.unwrap_or_else(|_| panic!("still running after {within:?}:\n{}", self.output.text()));
        let left = self.workspace.processes();
        let rest = within.saturating_sub(begun.elapsed());
        assert!(
            timeout(rest, self.output.end()).await.is_ok(),
            "left behind: {:?}",
            self.workspace.processes()
        );
        let [stdout, stderr] = [To::Stdout, To::Stderr].map(|to| self.output.lines(to));
        Ended { status: status.unwrap(), stdout, stderr, left }
    }

    /// Ends it as a person would, with a last word and nothing left behind.
    pub async fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        let ended = self.end(ENDS_WITHIN).await;
        ended.assert_stopped();
        ended
    }

    /// `kill -9` of all of it, processes of this name first.
    pub async fn kill(self, first: &str) {
        self.workspace.kill_all(first).await;
        self.end(ENDS_WITHIN).await;
    }
}

impl Ended {
    /// Fails if anything outlived it, were it for a moment.
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        assert!(self.left.is_empty(), "left behind: {:?}\n{}", self.left, self.text());
    }

    /// Fails unless its last line says that it stopped, and it left nothing behind.
    #[track_caller]
    pub fn assert_stopped(&self) {
        self.assert_nothing_left();
        assert_eq!(self.stdout.last().map(String::as_str), Some("stopped"), "{}", self.text());
    }

    /// Everything, for messages.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}", self.status, self.stdout.join("\n"), self.stderr.join("\n"))
    }
}
