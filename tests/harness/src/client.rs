//! Requests as tests write them, sent over HTTP or straight to the functions in this process.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::redirect;
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub use crate::answer::Answer;
use crate::in_process::InProcess;
use crate::tokens::{Claims, Issuer};
use crate::{authorizer, gateway};

/// Longer than any answer takes; a test that waits longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long an open connection must be silent for its answer to be whole.
const SILENCE: Duration = Duration::from_secs(1);

/// Everything that the clones of one client were ever answered.
#[derive(Clone, Default)]
struct Transcript(Arc<Mutex<Vec<u8>>>);

impl Transcript {
    fn add(&self, bytes: &[u8]) {
        let mut all = self.0.lock().unwrap();
        all.extend_from_slice(bytes);
        all.push(b'\n');
    }
}

/// Calls one API and remembers every answer; clones share that memory.
#[derive(Clone)]
pub struct Client {
    to: Destination,
    issuer: Option<Arc<Issuer>>,
    transcript: Transcript,
}

#[derive(Clone)]
enum Destination {
    Url { http: reqwest::Client, base: String },
    InProcess(Arc<InProcess>),
}

impl Client {
    /// Creates a client of `base`, such as `http://127.0.0.1:9000`.
    pub fn new(base: &str) -> Self {
        let http =
            reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE).tcp_nodelay(true);
        let to = Destination::Url { http: http.build().expect("a client"), base: base.to_owned() };
        Self { to, issuer: None, transcript: Transcript::default() }
    }

    /// Creates a client of functions in this process.
    pub(crate) fn in_process(functions: Arc<InProcess>) -> Self {
        Self { to: Destination::InProcess(functions), issuer: None, transcript: Transcript::default() }
    }

    /// Lets [`CallBuilder::by`] sign tokens.
    pub(crate) fn with_issuer(self, issuer: Arc<Issuer>) -> Self {
        Self { issuer: Some(issuer), ..self }
    }

    /// Begins a call of `path`, which starts with a slash and may have a query.
    pub fn call(&self, method: &str, path: &str) -> CallBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let (client, path) = (self.clone(), path.to_owned());
        CallBuilder { client, method, path, headers: Vec::new(), claims: None, body: None }
    }

    /// Returns the status lines, headers and bodies of all answers received.
    pub fn transcript(&self) -> String {
        String::from_utf8_lossy(&self.transcript.0.lock().unwrap()).into_owned()
    }

    /// Adds an answer that came another way.
    pub fn remember(&self, answer: &Answer) {
        self.transcript.add(answer.print().as_bytes());
    }

    /// Sends raw bytes. Reads until the server closes the connection (request that) or goes silent.
    pub async fn raw_http(&self, bytes: &[u8]) -> Vec<u8> {
        let Destination::Url { base, .. } = &self.to else { panic!("no connection in process") };
        let address = base.strip_prefix("http://").expect("an http URL");
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

/// The caller of a call: claims, which are signed or counted as verified, or a token as it is.
pub enum Caller<'a> {
    /// What a good token of the caller says.
    Claims(&'a Claims),
    /// A bearer token.
    Token(&'a str),
}

impl<'a> From<&'a Claims> for Caller<'a> {
    fn from(claims: &'a Claims) -> Self {
        Self::Claims(claims)
    }
}

impl<'a> From<&'a str> for Caller<'a> {
    fn from(token: &'a str) -> Self {
        Self::Token(token)
    }
}

impl<'a> From<&'a String> for Caller<'a> {
    fn from(token: &'a String) -> Self {
        Self::Token(token)
    }
}

/// A call that is not sent yet.
#[must_use]
#[derive(Clone)]
pub struct CallBuilder {
    client: Client,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    claims: Option<Claims>,
    body: Option<Vec<u8>>,
}

impl CallBuilder {
    /// Says who calls.
    pub fn by<'a>(self, caller: impl Into<Caller<'a>>) -> Self {
        match caller.into() {
            Caller::Claims(claims) => Self { claims: Some(claims.clone()), ..self },
            Caller::Token(token) => self.bearer(token),
        }
    }

    /// Adds a bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a header line. In process its value may be any text, unlike in a real request.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a JSON body and its content type.
    pub fn json(self, value: &impl Serialize) -> Self {
        self.body("application/json", serde_json::to_vec(value).expect("JSON"))
    }

    /// Sets any body under any content type.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(body.into()), ..self.header("content-type", content_type) }
    }

    /// Returns the event that the gateway makes of it, with the claims that it has verified.
    pub fn event(&self) -> Value {
        let (mut headers, mut impossible) = (HeaderMap::new(), Vec::new());
        for (name, value) in &self.headers {
            match (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes())) {
                (Ok(name), Ok(value)) => drop(headers.append(name, value)),
                _ => impossible.push((name, value)),
            }
        }
        let (path, body) = (self.path.parse().expect("a path"), self.body.as_deref().unwrap_or_default());
        let mut event = gateway::event(&self.method, &path, &headers, body);
        for (name, value) in impossible {
            event["headers"][name] = value.as_str().into();
        }
        self.claims.iter().fold(event, authorizer::authorized)
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        self.try_send().await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// Sends it where the connection itself may fail.
    ///
    /// # Errors
    /// No answer arrives.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let answer = match &self.client.to {
            Destination::InProcess(functions) => functions.answer(&self.event()).await,
            Destination::Url { http, base } => {
                let response = self.request(http, base).send().await?;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let body = response.bytes().await?.to_vec();
                Answer { call: String::new(), status, headers, body }
            }
        };
        let answer = Answer { call: format!("{} {}", self.method, self.path), ..answer };
        self.client.remember(&answer);
        Ok(answer)
    }

    fn request(&self, http: &reqwest::Client, base: &str) -> reqwest::RequestBuilder {
        let mut request = http.request(self.method.clone(), format!("{base}{}", self.path));
        if let Some(claims) = &self.claims {
            let issuer = self.client.issuer.as_ref().expect("an issuer of tokens");
            request = request.bearer_auth(issuer.sign(claims));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match &self.body {
            Some(body) => request.body(body.clone()),
            None => request,
        }
    }
}
