//! Takes calls off connections, and passes, refuses or breaks them.

use std::io;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Call;
use crate::faults::{Action, Fault, Gate, Late, conflict, decide, split_keys, take_keys};
use crate::guard::{Guard, denied};

/// What all connections share.
pub(super) struct Shared {
    pub engine: Mutex<String>,
    client: Client<HttpConnector, Full<Bytes>>,
    guard: Option<Guard>,
    pub calls: Mutex<Vec<Call>>,
    pub refusals: Mutex<Vec<String>>,
    pub faults: Mutex<Vec<Fault>>,
}

/// Accepts until aborted; the connections go with it.
pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
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
        // A separate task, because a call may take effect after its caller has gone.
        async move {
            tokio::spawn(shared.answer(request)).await.unwrap_or_else(|error| Err(io::Error::other(error)))
        }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

type Answer = io::Result<Response<Full<Bytes>>>;

impl Shared {
    pub fn new(endpoint: &str, guard: Option<Guard>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            engine: Mutex::new(endpoint.trim_end_matches('/').to_owned()),
            client: Client::builder(TokioExecutor::new()).build(connector),
            guard,
            calls: Mutex::default(),
            refusals: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        if parts.method == Method::GET {
            // DynamoDB's own endpoints answer health checks this way.
            return Ok(Response::new(Full::new("healthy".into())));
        }
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let operation = operation(&parts.headers);
        let request = parse(&body);
        let action = decide(&mut self.faults.lock().unwrap(), &operation, &request);
        let refused = self.refuse(function(parts.uri.path()), &operation, &request);
        let id = self.remember(&operation, parts.uri.to_string(), request);
        let mut answer = match refused {
            true => answer(400, denied(&operation).to_string())?,
            false => self.act(action, &parts.headers, body).await?,
        };
        if let Some(kind) = parts.headers.get(CONTENT_TYPE) {
            // The same JSON protocol, whichever version of it the service speaks.
            answer.headers_mut().entry(CONTENT_TYPE).or_insert_with(|| kind.clone());
        }
        self.remember_answer(id, &answer).await;
        Ok(answer)
    }

    /// Returns whether the function's role refuses the call.
    fn refuse(&self, function: &str, operation: &str, request: &Value) -> bool {
        let Some(guard) = self.guard.as_ref().filter(|_| !function.is_empty()) else { return false };
        let refusal = guard.refusal(function, operation, request);
        let refused = refusal.is_some();
        self.refusals.lock().unwrap().extend(refusal);
        refused
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
            Some(Action::Rewrite(change)) => self.pass_rewritten(headers, body, change).await,
            Some(Action::Skew(late, gate)) => self.pass_skewed(headers, &body, late, &gate).await,
            Some(Action::UnprocessedKeys(count)) => self.pass_some_keys(headers, &body, count).await,
        }
    }

    async fn pass(&self, headers: &HeaderMap, body: Bytes) -> Answer {
        let url = format!("{}/", self.engine.lock().unwrap());
        let mut request = Request::post(url).body(Full::new(body)).map_err(io::Error::other)?;
        *request.headers_mut() = headers.clone();
        request.headers_mut().remove(HOST);
        request.headers_mut().remove(CONTENT_LENGTH);
        let (parts, body) = self.client.request(request).await.map_err(io::Error::other)?.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Response::from_parts(parts, Full::new(body)))
    }

    async fn pass_rewritten(&self, headers: &HeaderMap, body: Bytes, change: fn(&mut Value)) -> Answer {
        let passed = self.pass(headers, body).await?;
        let status = passed.status().as_u16();
        let mut found = parse(&passed.into_body().collect().await.map_err(io::Error::other)?.to_bytes());
        change(&mut found);
        answer(status, found.to_string())
    }

    /// Requests fewer keys from the engine and reports the others as unprocessed.
    async fn pass_some_keys(&self, headers: &HeaderMap, body: &Bytes, count: usize) -> Answer {
        let mut request = parse(body);
        let unread = take_keys(&mut request, count);
        let mut found = json!({"Responses": {}});
        if request["RequestItems"].as_object().is_some_and(|tables| !tables.is_empty()) {
            found["Responses"] = self.read(headers, &request).await?;
        }
        found["UnprocessedKeys"] = unread;
        answer(200, found.to_string())
    }

    /// Reads the late items after the others, when the gate is passed.
    async fn pass_skewed(&self, headers: &HeaderMap, body: &Bytes, late: Late, gate: &Gate) -> Answer {
        let [before, after] = split_keys(&parse(body), late);
        let mut found = self.read(headers, &before).await?;
        gate.pass().await;
        for (table, items) in self.read(headers, &after).await?.as_object().expect("tables") {
            let all = found[table].as_array_mut().expect("items");
            all.extend(items.as_array().expect("items").clone());
        }
        answer(200, json!({"Responses": found, "UnprocessedKeys": {}}).to_string())
    }

    /// Returns the items that a batch finds, by table.
    async fn read(&self, headers: &HeaderMap, request: &Value) -> io::Result<Value> {
        let passed = self.pass(headers, request.to_string().into()).await?;
        Ok(parse(&passed.into_body().collect().await.map_err(io::Error::other)?.to_bytes())["Responses"]
            .take())
    }

    fn remember(&self, operation: &str, path: String, body: Value) -> u64 {
        let id = u64::from_le_bytes(crate::random_bytes(8).try_into().expect("eight bytes"));
        let (function, operation) = (function(&path).to_owned(), operation.to_owned());
        let call = Call { id, function, operation, path, body, answer: None };
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

/// Returns the function that calls, by the path of [`Wire::url_of`].
fn function(path: &str) -> &str {
    path.trim_matches('/')
}

/// Returns what follows the dot of `X-Amz-Target: DynamoDB_20120810.GetItem`.
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
    Ok(response)
}
