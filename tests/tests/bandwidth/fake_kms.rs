//! As much of AWS KMS as secrets and PINs need: `GenerateMac` under one key, and ways of failing for either.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use std::future::pending;
use std::sync::{Arc, Mutex};
use tests::stack::{Builder, Stack};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const ARN: &str = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000001";

/// How it answers.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// As KMS does.
    Well,
    /// With an error of this name.
    Error(u16, &'static str),
    /// Not at all.
    Never,
    /// 200 and no JSON.
    Garbage,
    /// With a MAC of that many bytes.
    MacOf(usize),
    /// Without saying which key made the MAC.
    NoKeyId,
}

/// What a MAC is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The password of a source.
    Secret,
    /// A PIN.
    Pin,
}

type Shared = Arc<Mutex<(Of, Mode)>>;

/// A KMS endpoint on a free port; it ends when this is dropped.
pub struct FakeKms {
    url: String,
    shared: Shared,
    _serving: JoinSet<()>,
}

impl FakeKms {
    /// It works.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener"));
        let shared: Shared = Arc::new(Mutex::new((Of::Pin, Mode::Well)));
        let router = Router::new().route("/", post(generate_mac)).with_state(shared.clone());
        let serve = async move { axum::serve(listener, router).await.expect("no server") };
        Self { url, shared, _serving: JoinSet::from_iter([serve]) }
    }

    /// A stack whose key is here.
    pub fn stack(&self) -> Builder {
        let stack = Stack::builder().env("AWS_ENDPOINT_URL_KMS", &self.url);
        stack.env("PIN_LOCAL_KEY", "").env("PIN_KEY_ID", "alias/port-out-pin")
    }

    /// From now on it answers like this when asked for that, and well otherwise.
    pub fn set(&self, of: Of, mode: Mode) {
        *self.shared.lock().unwrap() = (of, mode);
    }
}

async fn generate_mac(State(shared): State<Shared>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).expect("JSON");
    let message = STANDARD.decode(request["Message"].as_str().expect("Message")).expect("base64");
    let asked = if message.starts_with(b"webhook-secret/v1\0") { Of::Secret } else { Of::Pin };
    let (of, mode) = *shared.lock().unwrap();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]), &message);
    match if asked == of { mode } else { Mode::Well } {
        Mode::Well => reply(200, &json!({"Mac": STANDARD.encode(mac.as_ref()), "KeyId": ARN})),
        Mode::Error(status, name) => reply(status, &json!({"__type": name, "message": "kms-canary"})),
        Mode::Never => pending().await,
        Mode::Garbage => (StatusCode::OK, "<html>kms-canary").into_response(),
        Mode::MacOf(length) => reply(200, &json!({"Mac": STANDARD.encode(&[7; 64][..length]), "KeyId": ARN})),
        Mode::NoKeyId => reply(200, &json!({"Mac": STANDARD.encode(mac.as_ref())})),
    }
}

fn reply(status: u16, body: &Value) -> Response {
    let content_type = [("content-type", "application/x-amz-json-1.1")];
    (StatusCode::from_u16(status).expect("a status"), content_type, body.to_string()).into_response()
}
