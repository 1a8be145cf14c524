//! The wire between the functions' SDK and the engine: remembers every call and breaks those it is told to.

use crate::faults::{Action, Fault, Gate, HoldGuard, conflict, decide, take_keys};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// One call of the DynamoDB API, as a function made it.
#[derive(Clone, Debug)]
pub struct Call {
    id: u64,
    /// The operation, such as `GetItem`.
    pub operation: String,
    /// The request's JSON.
    pub body: Value,
    /// Status and JSON of the answer that the function got, if it got one yet.
    pub answer: Option<(u16, Value)>,
}

/// The proxy; it listens as long as this lives.
pub struct Wire {
    url: String,
    shared: Arc<Shared>,
    /// Aborted on drop.
    _listening: JoinSet<()>,
}

struct Shared {
    engine: String,
    client: Client<HttpConnector, Full<Bytes>>,
    calls: Mutex<Vec<Call>>,
    faults: Mutex<Vec<Fault>>,
}

impl Wire {
    /// A wire to the engine at `endpoint`.
    pub async fn start(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener"));
        let shared = Arc::new(Shared::new(endpoint));
        let listening = JoinSet::from_iter([listen(listener, shared.clone())]);
        Self { url, shared, _listening: listening }
    }

    /// Where the functions find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The calls since the last time somebody took them, in the order of their coming.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.shared.calls.lock().unwrap())
    }

    /// Takes the calls and returns only their operations, for counting round trips.
    pub fn take_operations(&self) -> Vec<String> {
        self.take_calls().into_iter().map(|call| call.operation).collect()
    }

    /// Adds a rule after those already there.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults.lock().unwrap().push(fault);
    }

    /// Forgets all rules; calls that are held stay so.
    pub fn heal(&self) {
        self.shared.faults.lock().unwrap().clear();
    }

    /// Holds every call of an operation from now on, until the guard lets them go.
    pub fn hold(&self, operation: &'static str) -> HoldGuard {
        let gate = Gate::new();
        self.fault(Fault::on(operation, Action::Hold(gate.clone())).forever());
        HoldGuard(gate)
    }
}

/// Accepts until aborted; the connections go with it.
async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("no connection");
        connections.spawn(serve(stream, shared.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// Serves one connection; an error of [`Shared::answer`] closes it without an answer.
async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = shared.clone();
        // A task of its own: what a caller sent may happen although the caller has gone.
        async move {
            tokio::spawn(shared.answer(request)).await.unwrap_or_else(|error| Err(io::Error::other(error)))
        }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

type Answer = io::Result<Response<Full<Bytes>>>;

impl Shared {
    fn new(endpoint: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            engine: endpoint.trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build(connector),
            calls: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let operation = operation(&parts.headers);
        let id = self.remember(&operation, &body);
        let action = decide(&mut self.faults.lock().unwrap(), &operation);
        let answer = self.act(action, &parts.headers, body).await?;
        self.remember_answer(id, &answer).await;
        Ok(answer)
    }

    async fn act(&self, action: Option<Action>, headers: &HeaderMap, body: Bytes) -> Answer {
        match action {
            None => self.pass(headers, body).await,
            Some(Action::Delay(delay)) => {
                tokio::time::sleep(delay).await;
                self.pass(headers, body).await
            }
            Some(Action::Hold(gate)) => {
                gate.pass().await;
                self.pass(headers, body).await
            }
            Some(Action::Drop) => Err(io::Error::other("dropped")),
            Some(Action::PassThenDrop) => {
                self.pass(headers, body).await?;
                Err(io::Error::other("dropped"))
            }
            Some(Action::Error { status, error_type, message }) => {
                answer(status, json!({"__type": error_type, "message": message}).to_string())
            }
            Some(Action::TransactionConflict) => answer(400, conflict(&parse(&body)).to_string()),
            Some(Action::Garbage) => answer(200, "<html>garbage-canary".to_owned()),
            Some(Action::UnprocessedKeys(count)) => self.pass_some_keys(headers, &body, count).await,
        }
    }

    async fn pass(&self, headers: &HeaderMap, body: Bytes) -> Answer {
        let mut request =
            Request::post(format!("{}/", self.engine)).body(Full::new(body)).map_err(io::Error::other)?;
        *request.headers_mut() = headers.clone();
        request.headers_mut().remove(HOST);
        request.headers_mut().remove(CONTENT_LENGTH);
        let (parts, body) = self.client.request(request).await.map_err(io::Error::other)?.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Response::from_parts(parts, Full::new(body)))
    }

    /// Asks the engine for fewer keys and says that the others are still to be read.
    async fn pass_some_keys(&self, headers: &HeaderMap, body: &Bytes, count: usize) -> Answer {
        let mut request = parse(body);
        let unread = take_keys(&mut request, count);
        let mut found = json!({"Responses": {}});
        if request["RequestItems"].as_object().is_some_and(|tables| !tables.is_empty()) {
            let passed = self.pass(headers, request.to_string().into()).await?;
            found = parse(&passed.into_body().collect().await.map_err(io::Error::other)?.to_bytes());
        }
        found["UnprocessedKeys"] = unread;
        answer(200, found.to_string())
    }

    fn remember(&self, operation: &str, body: &Bytes) -> u64 {
        let id = u64::from_le_bytes(crate::random_bytes(8).try_into().expect("eight bytes"));
        let call = Call { id, operation: operation.to_owned(), body: parse(body), answer: None };
        self.calls.lock().unwrap().push(call);
        id
    }

    async fn remember_answer(&self, id: u64, answer: &Response<Full<Bytes>>) {
        let body =
            answer.body().clone().collect().await.map(|body| parse(&body.to_bytes())).unwrap_or_default();
        if let Some(call) = self.calls.lock().unwrap().iter_mut().find(|call| call.id == id) {
            call.answer = Some((answer.status().as_u16(), body));
        }
    }
}

/// What stands after the dot of `X-Amz-Target: DynamoDB_20120810.GetItem`.
fn operation(headers: &HeaderMap) -> String {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

fn answer(status: u16, body: String) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).map_err(io::Error::other)?;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/x-amz-json-1.0"));
    Ok(response)
}
