//! Functions as Lambda runs them: processes that are started, fed, timed, killed and replaced.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::engine::access_key;
use crate::gateway::{self, Route};
use crate::process::{Logs, Process, Program};
use crate::runtime_api::{FunctionError, Invocation, Outcome, Queue, Sandbox};

/// How long an invocation waits for a free process; ample, as tests flood few processes.
const QUEUE_PATIENCE: Duration = Duration::from_secs(60);
/// Between the end of a process and the start of the next, so that a broken one does not spin.
const RESTART_PAUSE: Duration = Duration::from_millis(20);

/// A function and how to run it.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name that the route answers with.
    pub name: String,
    /// Its binary.
    pub binary: PathBuf,
    /// What follows the binary's name; a function of ours takes nothing.
    pub args: Vec<String>,
    /// Its environment, beyond what Lambda itself sets.
    pub env: Vec<(String, String)>,
    /// How many processes run at once; each does one invocation at a time.
    pub processes: usize,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Whether a process that ended is replaced.
    pub restart: bool,
}

impl Function {
    /// Describes one process with ten seconds for an invocation, replaced when it ends.
    pub fn new(name: &str, binary: PathBuf) -> Self {
        let (args, env, timeout) = (Vec::new(), Vec::new(), Duration::from_secs(10));
        Self { name: name.to_owned(), binary, args, env, processes: 1, timeout, restart: true }
    }
}

/// The running functions behind their gateway. Dropping it kills every process.
pub struct LambdaHost {
    url: String,
    functions: Arc<Functions>,
    logs: Logs,
    /// Aborted on drop: the gateway, and one task a process.
    _tasks: JoinSet<()>,
}

impl LambdaHost {
    /// Starts all processes and waits until each has polled for work. The error holds the logs.
    pub async fn start(functions: Vec<Function>, route: Route) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        Self::start_on(listener, functions, route).await
    }

    /// Does the same with a gateway at an address that the functions had to know before.
    pub async fn start_on(
        listener: TcpListener,
        functions: Vec<Function>,
        route: Route,
    ) -> Result<Self, String> {
        let (mut tasks, logs) = (JoinSet::new(), Logs::default());
        let functions = Arc::new(Functions::new(functions));
        let mut starting = Vec::new();
        for running in functions.0.values() {
            for _ in 0..running.function.processes {
                let (started, start) = oneshot::channel();
                tasks.spawn(running.clone().keep(logs.clone(), started));
                starting.push(start);
            }
        }
        for start in starting {
            if !start.await.unwrap_or(false) {
                return Err(logs.text());
            }
        }
        let url = serve_gateway(&mut tasks, listener, functions.clone(), route);
        Ok(Self { url, functions, logs, _tasks: tasks })
    }

    /// Returns the gateway's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends event bytes straight to a function, past the gateway.
    pub async fn invoke_raw(&self, function: &str, event: &[u8]) -> Outcome {
        self.functions.invoke(function, event.to_vec()).await
    }

    /// Kills every process of a function; when this returns they are gone, and their last lines are in the logs.
    pub async fn kill(&self, function: &str) {
        let sandboxes = self.functions.get(function).sandboxes.lock().unwrap().clone();
        for (sandbox, _) in &sandboxes {
            sandbox.kill.notify_one();
        }
        for (sandbox, _) in &sandboxes {
            let _ = sandbox.gone.subscribe().wait_for(|gone| *gone).await;
        }
    }

    /// Returns the ids of a function's running processes.
    pub fn pids(&self, function: &str) -> Vec<u32> {
        let sandboxes = self.functions.get(function).sandboxes.lock().unwrap();
        sandboxes.iter().filter_map(|(_, pid)| *pid).collect()
    }

    /// Returns how long each process of a function took from its start to its first request for work.
    pub fn inits(&self, function: &str) -> Vec<Duration> {
        self.functions.get(function).inits.lock().unwrap().clone()
    }

    /// Returns the output of all processes.
    pub fn logs(&self) -> String {
        self.logs.text()
    }

    /// Kills all processes and returns everything they wrote, the last line included.
    pub async fn stop(&self) -> String {
        for (name, running) in &self.functions.0 {
            running.stopping.store(true, Ordering::SeqCst);
            self.kill(name).await;
        }
        self.logs.text()
    }
}

fn serve_gateway(
    tasks: &mut JoinSet<()>,
    listener: TcpListener,
    functions: Arc<Functions>,
    route: Route,
) -> String {
    let url = format!("http://{}", listener.local_addr().expect("a bound listener"));
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a TCP stream"));
    let router = gateway::router(functions, route);
    tasks.spawn(async { axum::serve(listener, router).await.expect("no server") });
    url
}

/// The functions by name.
pub(crate) struct Functions(HashMap<String, Arc<Running>>);

impl Functions {
    fn new(functions: Vec<Function>) -> Self {
        Self(functions.into_iter().map(|function| (function.name.clone(), Running::new(function))).collect())
    }

    fn get(&self, name: &str) -> &Running {
        self.0.get(name).unwrap_or_else(|| panic!("no function {name} on this host"))
    }

    pub async fn invoke(&self, name: &str, event: Vec<u8>) -> Outcome {
        let Some(running) = self.0.get(name) else { return Err(FunctionError::NoProcess) };
        let (reply, answer) = oneshot::channel();
        running.queue.push(Invocation { event, reply });
        let outcome = timeout(QUEUE_PATIENCE + running.function.timeout, answer).await;
        outcome.ok().and_then(Result::ok).unwrap_or(Err(FunctionError::NoProcess))
    }
}

/// One function and its processes.
struct Running {
    function: Function,
    queue: Arc<Queue>,
    sandboxes: Mutex<Vec<(Arc<Sandbox>, Option<u32>)>>,
    inits: Mutex<Vec<Duration>>,
    keepers: AtomicUsize,
    stopping: AtomicBool,
}

impl Running {
    fn new(function: Function) -> Arc<Self> {
        let keepers = AtomicUsize::new(function.processes);
        let (queue, stopping) = (Arc::new(Queue::new()), AtomicBool::new(false));
        let (sandboxes, inits) = (Mutex::default(), Mutex::default());
        Arc::new(Self { function, queue, sandboxes, inits, keepers, stopping })
    }

    /// Keeps one process running; reports once whether the first one came up.
    async fn keep(self: Arc<Self>, logs: Logs, started: oneshot::Sender<bool>) {
        let mut started = Some(started);
        loop {
            self.live(&logs, &mut started).await;
            if !self.function.restart || self.stopping.load(Ordering::SeqCst) {
                break;
            }
            sleep(RESTART_PAUSE).await;
        }
        if self.keepers.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.queue.close();
        }
    }

    /// Runs one process from its start to its end.
    async fn live(&self, logs: &Logs, started: &mut Option<oneshot::Sender<bool>>) {
        let sandbox = Sandbox::new(&self.function.name, self.function.timeout, self.queue.clone());
        let (address, _server) = sandbox.serve().await;
        let (began, mut is_up) = (Instant::now(), false);
        let mut process = Process::start(&self.program(&address.to_string()), &self.function.name, logs);
        self.sandboxes.lock().unwrap().push((sandbox.clone(), process.id()));
        let status = loop {
            tokio::select! {
                status = process.wait() => break status,
                () = sandbox.kill.notified() => process.kill(),
                () = sandbox.ready.notified(), if !is_up => {
                    is_up = true;
                    self.inits.lock().unwrap().push(began.elapsed());
                    tell(started, true);
                }
            }
        };
        self.sandboxes.lock().unwrap().retain(|(other, _)| !Arc::ptr_eq(other, &sandbox));
        sandbox.close(&status.to_string());
        tell(started, false);
    }

    /// Returns the program with what Lambda sets, then what the function wants.
    fn program(&self, runtime_api: &str) -> Program {
        let table = self.function.env.iter().rev().find(|(name, _)| name == "TABLE_NAME");
        let access_key = access_key(table.map_or("none", |(_, table)| table));
        let lambda = [
            ("AWS_LAMBDA_RUNTIME_API", runtime_api),
            ("AWS_LAMBDA_FUNCTION_NAME", &self.function.name),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", &access_key),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let lambda = lambda.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let env = lambda.into_iter().chain(self.function.env.clone()).collect();
        Program { binary: self.function.binary.clone(), args: self.function.args.clone(), env }
    }
}

fn tell(started: &mut Option<oneshot::Sender<bool>>, up: bool) {
    if let Some(started) = started.take() {
        let _ = started.send(up);
    }
}
