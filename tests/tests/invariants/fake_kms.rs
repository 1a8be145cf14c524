//! AWS KMS as far as a PIN needs it: `GenerateMac` under keys of its own, aliases, and every way of failing.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use tests::stack::{Builder, Stack};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// What the functions ask with.
pub const ALIAS: &str = "alias/port-out-pin";

/// The ARN of a key.
pub fn arn(key: u8) -> String {
    format!("arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-0000000000{key:02x}")
}

/// How it answers.
#[derive(Clone, Debug)]
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
    /// Well, once the test says so.
    Held(Arc<Notify>),
}

/// One call of `GenerateMac`.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `KeyId`, as it was asked for.
    pub key: String,
    /// `Message`, decoded.
    pub message: Vec<u8>,
}

struct Shared {
    mode: Mode,
    alias: u8,
    asked: Vec<Asked>,
}

/// A KMS endpoint on a free port; it ends when this is dropped.
pub struct FakeKms {
    url: String,
    shared: Arc<Mutex<Shared>>,
    _serving: JoinSet<()>,
}

impl FakeKms {
    /// It works, and the alias names key 1.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener"));
        let shared = Arc::new(Mutex::new(Shared { mode: Mode::Well, alias: 1, asked: Vec::new() }));
        let router = Router::new().route("/", post(generate_mac)).with_state(shared.clone());
        let serve = async move { axum::serve(listener, router).await.expect("no server") };
        Self { url, shared, _serving: JoinSet::from_iter([serve]) }
    }

    /// A stack whose PIN key is the alias.
    pub fn stack(&self) -> Builder {
        let stack = Stack::builder().env("AWS_ENDPOINT_URL_KMS", &self.url);
        stack.env("PIN_LOCAL_KEY", "").env("PIN_KEY_ID", ALIAS)
    }

    /// From now on it answers like this.
    pub fn set(&self, mode: Mode) {
        self.shared.lock().unwrap().mode = mode;
    }

    /// From now on the alias names another key; the ARNs still name theirs.
    pub fn point_alias_to(&self, key: u8) {
        self.shared.lock().unwrap().alias = key;
    }

    /// The calls since the last time somebody took them.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.lock().unwrap().asked)
    }

    /// How many calls came since somebody took them.
    pub fn count_asked(&self) -> usize {
        self.shared.lock().unwrap().asked.len()
    }
}

async fn generate_mac(State(shared): State<Arc<Mutex<Shared>>>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers["x-amz-target"], "TrentService.GenerateMac");
    let request: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(request["MacAlgorithm"], "HMAC_SHA_256");
    let key = request["KeyId"].as_str().expect("KeyId").to_owned();
    let message = STANDARD.decode(request["Message"].as_str().expect("Message")).expect("base64");
    let (mode, alias) = {
        let mut shared = shared.lock().unwrap();
        shared.asked.push(Asked { key: key.clone(), message: message.clone() });
        (shared.mode.clone(), shared.alias)
    };
    let Some(key) = resolve(&key, alias) else { return error(400, "NotFoundException") };
    match mode {
        Mode::Well => answer(key, &mac(key, &message), true),
        Mode::Error(status, name) => error(status, name),
        Mode::Never => pending().await,
        Mode::Garbage => (StatusCode::OK, "<html>kms-canary").into_response(),
        Mode::MacOf(length) => answer(key, &[7; 64][..length], true),
        Mode::NoKeyId => answer(key, &mac(key, &message), false),
        Mode::Held(go) => {
            go.notified().await;
            answer(key, &mac(key, &message), true)
        }
    }
}

/// Which key a `KeyId` names.
fn resolve(key: &str, alias: u8) -> Option<u8> {
    let keys: HashMap<_, _> = (1..=3).map(|key| (arn(key), key)).chain([(ALIAS.to_owned(), alias)]).collect();
    keys.get(key).copied()
}

fn mac(key: u8, message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[key; 32]), message).as_ref().to_vec()
}

fn answer(key: u8, mac: &[u8], with_key_id: bool) -> Response {
    let mut body = json!({"Mac": STANDARD.encode(mac), "MacAlgorithm": "HMAC_SHA_256"});
    if with_key_id {
        body["KeyId"] = arn(key).into();
    }
    reply(200, &body)
}

fn error(status: u16, name: &str) -> Response {
    reply(status, &json!({"__type": name, "message": "kms-canary"}))
}

fn reply(status: u16, body: &Value) -> Response {
    let content_type = [("content-type", "application/x-amz-json-1.1")];
    (StatusCode::from_u16(status).expect("a status"), content_type, body.to_string()).into_response()
}
