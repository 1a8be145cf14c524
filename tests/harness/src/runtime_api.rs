//! The Lambda Runtime API: what one function process polls for invocations and posts its answers to.

use std::collections::VecDeque;
use std::fmt::{self, Display};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, oneshot, watch};
use tokio::task::JoinSet;

/// Why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FunctionError {
    /// The function did not answer before its deadline and was killed.
    TimedOut,
    /// The process ended during the invocation; its exit status.
    Died(String),
    /// The function answered with an error document.
    Failed(String),
    /// No process runs, or none was free for a long time.
    NoProcess,
}

impl Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("timed out"),
            Self::Died(status) => write!(f, "died: {status}"),
            Self::Failed(document) => write!(f, "failed: {document}"),
            Self::NoProcess => f.write_str("no process"),
        }
    }
}

/// What an invocation comes to.
pub type Outcome = Result<Vec<u8>, FunctionError>;

/// An event on its way to a process.
pub(crate) struct Invocation {
    pub event: Vec<u8>,
    pub reply: oneshot::Sender<Outcome>,
}

/// Invocations that no process has taken yet.
pub(crate) struct Queue {
    waiting: Mutex<VecDeque<Invocation>>,
    count: Semaphore,
}

impl Queue {
    pub fn new() -> Self {
        Self { waiting: Mutex::default(), count: Semaphore::new(0) }
    }

    /// Adds an invocation, unless the queue is closed.
    pub fn push(&self, invocation: Invocation) {
        let mut waiting = self.waiting.lock().unwrap();
        if !self.count.is_closed() {
            waiting.push_back(invocation);
            self.count.add_permits(1);
        }
    }

    /// Puts back what its taker cannot do.
    fn put_back(&self, invocation: Invocation) {
        self.waiting.lock().unwrap().push_front(invocation);
        self.count.add_permits(1);
    }

    /// Closes the queue and answers those who wait.
    pub fn close(&self) {
        self.count.close();
        self.waiting.lock().unwrap().clear();
    }

    async fn pop(&self) -> Option<Invocation> {
        loop {
            self.count.acquire().await.ok()?.forget();
            let next = self.waiting.lock().unwrap().pop_front()?;
            if !next.reply.is_closed() {
                return Some(next);
            }
        }
    }
}

/// The Runtime API of one process, from its start to its end.
pub(crate) struct Sandbox {
    /// Name, for the ARN.
    name: String,
    timeout: Duration,
    queue: Arc<Queue>,
    state: Mutex<Life>,
    /// Notified when the process polls for its first invocation.
    pub ready: Notify,
    /// Notified when the process should be killed.
    pub kill: Notify,
    /// True after the process has ended.
    pub gone: watch::Sender<bool>,
}

#[derive(Default)]
struct Life {
    over: bool,
    current: Option<(String, oneshot::Sender<Outcome>)>,
}

impl Sandbox {
    pub fn new(name: &str, timeout: Duration, queue: Arc<Queue>) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            timeout,
            queue,
            state: Mutex::default(),
            ready: Notify::new(),
            kill: Notify::new(),
            gone: watch::Sender::new(false),
        })
    }

    /// Serves on a free port until the returned set is dropped.
    pub async fn serve(self: &Arc<Self>) -> (SocketAddr, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        let address = listener.local_addr().expect("a bound listener");
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("a TCP stream"));
        let router = router(self.clone());
        let server = async { axum::serve(listener, router).await.expect("no server") };
        (address, JoinSet::from_iter([server]))
    }

    /// Records that the process has ended; `status` says how.
    pub fn close(&self, status: &str) {
        let mut life = self.state.lock().unwrap();
        life.over = true;
        if let Some((_, reply)) = life.current.take() {
            let _ = reply.send(Err(FunctionError::Died(status.to_owned())));
        }
        self.gone.send_replace(true);
    }

    /// Makes an invocation this process's current one; returns its id, or the sender if the process is dead.
    fn begin(self: &Arc<Self>, reply: oneshot::Sender<Outcome>) -> Result<String, oneshot::Sender<Outcome>> {
        let mut life = self.state.lock().unwrap();
        if life.over {
            return Err(reply);
        }
        let id = request_id();
        life.current = Some((id.clone(), reply));
        tokio::spawn(self.clone().watch(id.clone()));
        Ok(id)
    }

    /// Answers the caller and kills the process at the deadline, as Lambda does.
    async fn watch(self: Arc<Self>, id: String) {
        tokio::time::sleep(self.timeout).await;
        if self.end(&id, Err(FunctionError::TimedOut)) {
            self.kill.notify_one();
        }
    }

    /// Ends the current invocation, if it is this one.
    fn end(&self, id: &str, outcome: Outcome) -> bool {
        let ended = self.state.lock().unwrap().current.take_if(|(current, _)| current == id);
        ended.is_some_and(|(_, reply)| reply.send(outcome).is_ok())
    }
}

fn router(sandbox: Arc<Sandbox>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(async || StatusCode::ACCEPTED))
        .layer(DefaultBodyLimit::disable())
        .with_state(sandbox)
}

async fn next(State(sandbox): State<Arc<Sandbox>>) -> Response {
    sandbox.ready.notify_one();
    let Some(Invocation { event, reply }) = sandbox.queue.pop().await else {
        return StatusCode::GONE.into_response();
    };
    match sandbox.begin(reply) {
        Ok(id) => (invocation_headers(&sandbox, &id), event).into_response(),
        Err(reply) => {
            sandbox.queue.put_back(Invocation { event, reply });
            StatusCode::GONE.into_response()
        }
    }
}

fn invocation_headers(sandbox: &Sandbox, id: &str) -> HeaderMap {
    let deadline =
        jiff::Timestamp::now().as_millisecond() + i64::try_from(sandbox.timeout.as_millis()).unwrap();
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{}", sandbox.name);
    let trace = format!("Root=1-{}-{};Sampled=0", crate::random_hex(4), crate::random_hex(12));
    [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", id.to_owned()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        ("lambda-runtime-trace-id", trace),
    ]
    .into_iter()
    .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
    .collect()
}

async fn response(State(sandbox): State<Arc<Sandbox>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    accepted(sandbox.end(&id, Ok(body.into())))
}

async fn error(State(sandbox): State<Arc<Sandbox>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    accepted(sandbox.end(&id, Err(FunctionError::Failed(String::from_utf8_lossy(&body).into_owned()))))
}

/// Lambda refuses an answer to anything but the current invocation.
fn accepted(known: bool) -> StatusCode {
    if known { StatusCode::ACCEPTED } else { StatusCode::BAD_REQUEST }
}

/// Returns an id in the form of a UUID, as Lambda's are.
fn request_id() -> String {
    let hex = crate::random_hex(16);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
