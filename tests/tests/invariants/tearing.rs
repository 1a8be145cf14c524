//! A `BatchGetItem` that is no snapshot: DynamoDB reads each item on its own, and others may write in between.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use harness::engine::Engine;
use harness::stack::{Builder, Stack};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Which items are read late, by the start of `pk` and of `sk`.
type Late = &'static [(&'static str, &'static str)];

struct Order {
    late: Late,
    halfway: oneshot::Sender<()>,
    go: oneshot::Receiver<()>,
}

/// A read that stands between its two halves.
pub struct Torn {
    halfway: oneshot::Receiver<()>,
    go: oneshot::Sender<()>,
}

impl Torn {
    /// Waits until the first half is read.
    pub async fn halfway(&mut self) {
        (&mut self.halfway).await.expect("the batch was not torn");
    }

    /// Has the second half read.
    pub fn go_on(self) {
        self.go.send(()).expect("nobody reads");
    }
}

struct Shared {
    engine: String,
    client: reqwest::Client,
    next: Mutex<Option<Order>>,
}

/// Stands between the functions and the engine.
pub struct Tearing {
    url: String,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

impl Tearing {
    /// A proxy to this engine.
    pub async fn start(engine: &Engine) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener"));
        let (engine, client) = (engine.endpoint().to_owned(), reqwest::Client::new());
        let shared = Arc::new(Shared { engine, client, next: Mutex::default() });
        let router = Router::new().route("/", post(pass)).with_state(shared.clone());
        let serve = async move { axum::serve(listener, router).await.expect("no server") };
        Self { url, shared, _serving: JoinSet::from_iter([serve]) }
    }

    /// A stack of this engine whose functions go through this.
    pub fn stack(&self, engine: Engine) -> Builder {
        Stack::builder().engine(engine).env("AWS_ENDPOINT_URL_DYNAMODB", &self.url)
    }

    /// Tears the next batch: these items are read in its second half.
    pub fn tear(&self, late: Late) -> Torn {
        let ((halfway, reached), (go, gone)) = (oneshot::channel(), oneshot::channel());
        *self.shared.next.lock().unwrap() = Some(Order { late, halfway, go: gone });
        Torn { halfway: reached, go }
    }
}

async fn pass(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let is_batch = headers["x-amz-target"].to_str().is_ok_and(|target| target.ends_with(".BatchGetItem"));
    let order = if is_batch { shared.next.lock().unwrap().take() } else { None };
    let Some(Order { late, halfway, go }) = order else {
        return shared.send(&headers, body).await.into_response();
    };
    let (first, second) = split(&serde_json::from_slice(&body).expect("JSON"), late);
    let mut found = shared.read(&headers, &first).await;
    halfway.send(()).expect("nobody waits");
    go.await.expect("nobody goes on");
    for (table, items) in shared.read(&headers, &second).await.as_object().expect("tables") {
        found[table].as_array_mut().expect("items").extend(items.as_array().expect("items").clone());
    }
    let answer = json!({"Responses": found, "UnprocessedKeys": {}});
    ([("content-type", "application/x-amz-json-1.0")], answer.to_string()).into_response()
}

/// The same request for the other keys, and for those that are read late.
fn split(request: &Value, late: Late) -> (Value, Value) {
    let (mut first, mut second) = (request.clone(), request.clone());
    for (table, wanted) in request["RequestItems"].as_object().expect("tables") {
        let keys = wanted["Keys"].as_array().expect("keys").iter().cloned();
        let is_late = |key: &Value| {
            let starts = |name: &str, start: &str| key[name]["S"].as_str().expect("a key").starts_with(start);
            late.iter().any(|(pk, sk)| starts("pk", pk) && starts("sk", sk))
        };
        let (after, before): (Vec<_>, Vec<_>) = keys.partition(is_late);
        assert!(!after.is_empty() && !before.is_empty(), "nothing to tear: {wanted}");
        first["RequestItems"][table]["Keys"] = before.into();
        second["RequestItems"][table]["Keys"] = after.into();
    }
    (first, second)
}

impl Shared {
    async fn send(
        &self,
        headers: &HeaderMap,
        body: impl Into<reqwest::Body>,
    ) -> (StatusCode, HeaderMap, Bytes) {
        let mut headers = headers.clone();
        headers.remove("host");
        headers.remove("content-length");
        let call = self.client.post(format!("{}/", self.engine)).headers(headers).body(body);
        let answer = call.send().await.expect("no engine");
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove("content-length");
        headers.remove("transfer-encoding");
        (status, headers, answer.bytes().await.expect("no answer"))
    }

    /// The items that a batch finds, by table.
    async fn read(&self, headers: &HeaderMap, request: &Value) -> Value {
        let (status, _, body) = self.send(headers, request.to_string()).await;
        assert_eq!(status, 200);
        serde_json::from_slice::<Value>(&body).expect("JSON")["Responses"].take()
    }
}
