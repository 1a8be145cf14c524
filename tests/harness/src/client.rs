//! The callers' side: requests as tests write them, answers that print themselves when a test fails.

use reqwest::{Method, RequestBuilder, redirect};
use serde::Serialize;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any answer takes; a test that waits longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long an open connection must be silent for its answer to be whole.
const SILENCE: Duration = Duration::from_secs(1);

/// Everything that the clones of one client were ever answered.
#[derive(Clone, Default)]
pub struct Transcript(Arc<Mutex<Vec<u8>>>);

impl Transcript {
    /// Status lines, headers and bodies, one answer after the other.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    fn add(&self, bytes: &[u8]) {
        let mut all = self.0.lock().unwrap();
        all.extend_from_slice(bytes);
        all.push(b'\n');
    }
}

/// Calls one base URL and remembers every answer; clones share that memory.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    transcript: Transcript,
}

impl Client {
    /// A client of `base`, such as `http://127.0.0.1:9000`.
    pub fn new(base: &str) -> Self {
        let http =
            reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE).tcp_nodelay(true);
        Self {
            http: http.build().expect("a client"),
            base: base.to_owned(),
            transcript: Transcript::default(),
        }
    }

    /// A call of `path`, which starts with a slash and may have a query.
    pub fn call(&self, method: &str, path: &str) -> CallBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = self.http.request(method.clone(), format!("{}{path}", self.base));
        CallBuilder { request, name: format!("{method} {path}"), transcript: self.transcript.clone() }
    }

    /// What every clone of this client was answered so far.
    pub fn transcript(&self) -> String {
        self.transcript.text()
    }

    /// Adds an answer that came another way.
    pub fn remember(&self, answer: &Answer) {
        self.transcript.add(answer.print().as_bytes());
    }

    /// Sends bytes as they are. Read until the server closes the connection, so ask it to, or until it is silent.
    pub async fn raw_http(&self, bytes: &[u8]) -> Vec<u8> {
        let address = self.base.strip_prefix("http://").expect("an http URL");
        let mut stream = TcpStream::connect(address).await.expect("no connection");
        stream.write_all(bytes).await.expect("not written");
        let mut answer = Vec::new();
        while timeout(quiet(&answer), stream.read_buf(&mut answer))
            .await
            .is_ok_and(|read| read.is_ok_and(|n| n > 0))
        {}
        self.transcript.add(&answer);
        answer
    }
}

/// Before the first byte an answer may take its time.
fn quiet(answer: &[u8]) -> Duration {
    if answer.is_empty() { PATIENCE } else { SILENCE }
}

/// A call that is not sent yet.
#[must_use]
pub struct CallBuilder {
    request: RequestBuilder,
    name: String,
    transcript: Transcript,
}

impl CallBuilder {
    /// Whose call it is.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// One more header line.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// A JSON body and its content type.
    pub fn json(self, value: &impl Serialize) -> Self {
        Self { request: self.request.json(value), ..self }
    }

    /// Any body under any content type.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let request = self.request.header("content-type", content_type).body(body.into());
        Self { request, ..self }
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        self.try_send().await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// Sends it where the connection itself may fail.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let response = self.request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        let answer = Answer { call: self.name, status, headers, body };
        self.transcript.add(answer.print().as_bytes());
        Ok(answer)
    }
}

/// An answer, all of it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Method and path, for messages.
    pub call: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text, whatever it is.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| self.fail(&format!("body is not JSON: {error}")))
    }

    /// A header's first value, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Fails, printing the whole answer, unless the status is this one.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        if self.status != status {
            self.fail(&format!("expected {status}"));
        }
        self
    }

    /// Fails unless this is JSON under this status; returns it.
    #[track_caller]
    pub fn assert_json(&self, status: u16) -> Value {
        self.assert_status(status).assert_content_type("application/json");
        self.json()
    }

    /// Fails unless this is a whole problem document (RFC 9457) of this status and code; returns it.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) -> Value {
        self.assert_status(status).assert_content_type("application/problem+json");
        let problem = self.json();
        let expect = |field: &str, value: Value| {
            if problem[field] != value {
                self.fail(&format!("expected {field} {value}"));
            }
        };
        expect("type", format!("urn:port-out:problem:{code}").into());
        expect("status", status.into());
        expect("code", code.into());
        for field in ["title", "detail"] {
            if problem[field].as_str().unwrap_or_default().is_empty() {
                self.fail(&format!("expected a {field}"));
            }
        }
        problem
    }

    /// Fails unless this problem's `errors` name exactly these (field, code) pairs, in any order.
    #[track_caller]
    pub fn assert_errors(&self, expected: &[(&str, &str)]) -> &Self {
        let mut found = self.errors();
        let mut expected: Vec<_> =
            expected.iter().map(|(field, code)| (field.to_string(), code.to_string())).collect();
        found.sort();
        expected.sort();
        if found != expected {
            self.fail(&format!("expected the errors {expected:?}"));
        }
        self
    }

    #[track_caller]
    fn errors(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let errors = problem["errors"].as_array().unwrap_or_else(|| self.fail("expected errors"));
        let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| (text(error, "field"), text(error, "code"))).collect()
    }

    #[track_caller]
    fn assert_content_type(&self, expected: &str) {
        let media_type = self.header("content-type").split(';').next().unwrap_or_default().trim();
        if media_type != expected {
            self.fail(&format!("expected the content type {expected}"));
        }
    }

    #[track_caller]
    fn fail(&self, why: &str) -> ! {
        panic!("{}: {why}, got\n{}", self.call, self.print())
    }

    fn print(&self) -> String {
        let mut text = format!("{}\n", self.status);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
        text + "\n" + &self.text() + "\n"
    }
}
