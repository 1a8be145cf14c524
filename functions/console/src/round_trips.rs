//! How often a page waits: once for the key of its cookies, in the first request of a process, and once for the API.
//!
//! The stand-in for the API answers a call of a page only when all calls of that page have come. If the page made one call
//! after another, it would wait until it gives up.

use std::sync::{Arc, Mutex};

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use runtime::clock::Clock;
use runtime::connector;
use runtime::http::service::Service;
use runtime::pin_hash::pepper::Pepper;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Barrier;

use crate::Console;
use crate::sealed::{Purpose, Sealer};
use crate::session::{AccessToken, Session};
use crate::whole_answers::{answer_of, service_of};

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
/// What KMS answers, and every session is sealed with.
const MAC: [u8; 32] = [7; 32];
const PIN: &str = "/v1/accounts/CONTOSO/port-out-pin";
const PROTECTION: &str = "/v1/accounts/CONTOSO/port-protection";

/// What the console calls: KMS and the API at one address.
struct Backend {
    paths: Mutex<Vec<String>>,
    page: Barrier,
}

impl Backend {
    /// Starts it for a page that makes this many calls; returns its address too. It ends with the test's runtime.
    async fn start(calls: usize) -> (Arc<Self>, String) {
        let backend = Arc::new(Self { paths: Mutex::default(), page: Barrier::new(calls) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&backend));
        tokio::spawn(async { axum::serve(listener, router).await });
        (backend, url)
    }

    /// Takes the paths since the last time: KMS's first, as it comes first, the others in alphabetical order.
    fn take_paths(&self) -> Vec<String> {
        let mut paths = std::mem::take(&mut *self.paths.lock().unwrap());
        let of_api = usize::from(paths.first().is_some_and(|path| path == "/"));
        paths[of_api..].sort_unstable();
        paths
    }
}

async fn answer(State(backend): State<Arc<Backend>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    backend.paths.lock().unwrap().push(path.clone());
    if path != "/" {
        backend.page.wait().await;
    }
    match path.as_str() {
        "/" => json!({"KeyId": KEY, "Mac": STANDARD.encode(MAC)}),
        PIN => json!({
            "pin_set": false, "pin_version": 0, "blocked_by": [], "failed_attempts": 0, "consecutive_failures": 0,
        }),
        PROTECTION => json!({"enabled": false, "open_port_outs": []}),
        "/v1/accounts/CONTOSO/events" => json!({"events": []}),
        _ => return StatusCode::NOT_FOUND.into_response(),
    }
    .to_string()
    .into_response()
}

/// Starts a console whose key is in that KMS.
fn console(url: &str) -> Service<Console> {
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(url)
        .http_client(connector::http_client(connector::plain()));
    let client = aws_sdk_kms::Client::from_conf(config.build());
    service_of(url, Pepper::Kms { client, key_id: KEY.to_owned() })
}

/// Returns the cookies of an administrator.
fn session() -> Value {
    let scope = "port-out-pin:read port-out-pin:write port-protection:write";
    let claims = json!({"sub": "ada", "account_id": "CONTOSO", "scope": scope}).to_string();
    let token = AccessToken::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))).unwrap();
    let session = Session { id: [1; 16], expires: crate::session::end(Clock::system().now(), 600), token };
    let sealed = Sealer::new(&MAC).unwrap().seal(Purpose::Session, &session.to_bytes()).unwrap();
    json!({"cookie": format!("__Host-console-session={sealed}")})
}

#[tokio::test]
async fn a_page_is_one_step_beyond_its_call_of_the_api_and_later_none() {
    for (page, calls) in
        [("/console", &[PIN, PROTECTION][..]), ("/console/history", &["/v1/accounts/CONTOSO/events"])]
    {
        let (backend, url) = Backend::start(calls.len()).await;
        let console = console(&url);
        for before in [&["/"][..], &[]] {
            let answer = answer_of(&console, "GET", page, session()).await;
            assert_eq!(answer.status, 200, "{page}: {}", answer.body);
            assert_eq!(backend.take_paths(), [before, calls].concat(), "{page}");
        }
    }
}
