//! Stands in for the parts of AWS that a deployment calls: remembers stacks and uploads, and records every call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::fake_stacks::Stacks;

/// What AWS knows, and what was asked of it.
#[derive(Default)]
pub struct State {
    /// Stacks, by name.
    pub stacks: Stacks,
    /// Uploaded objects, by bucket and key.
    pub objects: BTreeMap<String, Bytes>,
    /// Every call that changes something, as `CreateChangeSet port-out-dev`.
    pub changes: Vec<String>,
    /// What Lambda lets an account reserve in all, less what is reserved.
    pub unreserved: u32,
}

/// A running endpoint for CloudFormation, S3, Lambda, and STS.
pub struct FakeAws {
    state: Arc<Mutex<State>>,
    url: String,
    server: JoinHandle<()>,
}

impl FakeAws {
    /// Starts an account without stacks, with the given limit of concurrent executions.
    pub async fn start(unreserved: u32) -> Self {
        let state = Arc::new(Mutex::new(State { unreserved, ..State::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::clone(&state);
        let answer = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let shared = Arc::clone(&shared);
            async move { answer(&mut shared.lock().unwrap(), &method, &uri, &headers, &body) }
        };
        let router = axum::Router::new().fallback(answer).layer(axum::extract::DefaultBodyLimit::disable());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { state, url, server }
    }

    /// Returns its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Reads or changes what it knows.
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap())
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn answer(state: &mut State, method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
    let form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let is_form =
        headers.get("content-type").is_some_and(|it| it.as_bytes().starts_with(b"application/x-www-form"));
    match (form.get("Action").map(String::as_str).filter(|_| is_form), uri.path()) {
        (Some("GetCallerIdentity"), _) => xml(
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws:iam::123456789012:user/deployer</Arn><UserId>A</UserId><Account>123456789012</Account>\
            </GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
        (Some(action), _) => {
            if ["CreateChangeSet", "ExecuteChangeSet", "DeleteStack"].contains(&action) {
                state.changes.push(format!(
                    "{action} {}",
                    form["StackName"].rsplit('/').nth(1).unwrap_or(&form["StackName"])
                ));
            }
            match state.stacks.answer(action, &form, &state.objects) {
                Ok(result) => xml(
                    200,
                    &format!(
                        "<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
                    ),
                ),
                Err(error) => xml(
                    400,
                    &format!(
                        "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>\
                    <Message>{error}</Message></Error></ErrorResponse>"
                    ),
                ),
            }
        }
        (None, "/2016-08-19/account-settings/" | "/2016-08-19/account-settings") => {
            axum::Json(json!({"AccountLimit": {"UnreservedConcurrentExecutions": state.unreserved}}))
                .into_response()
        }
        (None, path) => object(state, method, path, body),
    }
}

/// Answers what S3 is asked about one object.
fn object(state: &mut State, method: &Method, path: &str, body: &Bytes) -> Response {
    if method == Method::PUT {
        state.objects.insert(path.to_owned(), body.clone());
        return ([("etag", "\"e\"")], "").into_response();
    }
    match state.objects.get(path) {
        Some(content) if method == Method::GET => content.clone().into_response(),
        Some(_) => ([("etag", "\"e\"")], "").into_response(),
        None => xml(404, ""),
    }
}

fn xml(status: u16, body: &str) -> Response {
    let status = axum::http::StatusCode::from_u16(status).expect("a status");
    (status, [("content-type", "text/xml")], body.to_owned()).into_response()
}
