//! The first calls to a new stack: waits until each function answers, creates the demo account, and shows how to call.

use std::time::Duration;

use reqwest::{Client, Method, Response, StatusCode};
use runtime::http::endpoint::API_BINARIES;
use runtime::http::routes::{Auth, ROUTES};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::keys::SigningKey;
use crate::settings::Settings;
use crate::token::{self, Caller};

/// Account number of the demo account.
pub const ACCOUNT: &str = "CONTOSO";

/// Name of the account until it has its numbers, so that an interrupted seeding is repeated.
const UNFINISHED: &str = "Contoso (not complete yet)";

/// Longer than cargo-lambda's own timeout, so that its response arrives.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(35);

const READY_TIMEOUT: Duration = Duration::from_secs(60);

/// HTTP client of the local stack.
#[derive(Debug)]
pub struct DemoClient {
    url: String,
    http: Client,
}

impl DemoClient {
    /// Creates a client for the stack on `port`.
    ///
    /// # Errors
    /// Fails if the HTTP client cannot be created.
    pub fn new(port: u16) -> Result<Self, CliError> {
        let http = Client::builder().no_proxy().timeout(REQUEST_TIMEOUT).build();
        let http = http.map_err(|e| CliError::failed("cannot create an HTTP client", e))?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), http })
    }

    /// Waits until every function answers, which also starts its first process.
    ///
    /// # Errors
    /// Fails if one does not answer in time, or not with the expected 401; the console, with its page.
    pub async fn wait_until_ready(&self) -> Result<(), CliError> {
        for name in API_BINARIES {
            let (method, path) = probe(name)?;
            let response = self.in_time(name, method, &path).await?;
            let content_type = response.headers().get("content-type");
            let is_problem = content_type.is_some_and(|value| value == "application/problem+json");
            if response.status() != StatusCode::UNAUTHORIZED || !is_problem {
                let status = response.status().as_u16();
                let expected = "to a request without a token instead of a 401 problem: see its output above";
                return Err(CliError::Failed(format!("{name} answered {status} {expected}")));
            }
        }
        let status = self.in_time("console", Method::GET, "/console").await?.status();
        if status.is_success() {
            return Ok(());
        }
        Err(CliError::Failed(format!("console answered {status} instead of its page: see its output above")))
    }

    async fn in_time(&self, name: &str, method: Method, path: &str) -> Result<Response, CliError> {
        let response = tokio::time::timeout(READY_TIMEOUT, self.first_response(method, path)).await;
        response.map_err(|_| CliError::Failed(format!("{name} does not answer: see its output above")))
    }

    /// Returns the first response, which comes as soon as cargo-lambda listens and the function is up.
    async fn first_response(&self, method: Method, path: &str) -> Response {
        loop {
            let request = self.http.request(method.clone(), format!("{}{path}", self.url)).json(&json!({}));
            if let Ok(response) = request.send().await {
                return response;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Creates the demo account through the API, once: numbers that a user removes later stay removed.
    ///
    /// # Errors
    /// Fails if the API does not answer or refuses.
    pub async fn seed(&self, key: &SigningKey) -> Result<(), CliError> {
        let token = token::issue(key, &Caller::Operator, token::now())?;
        let account = format!("/v1/accounts/{ACCOUNT}");
        let (status, body) = self.call(&token, Method::GET, &account, None).await?;
        if status == StatusCode::OK && body.get("name").and_then(Value::as_str) != Some(UNFINISHED) {
            return Ok(());
        }
        let numbers: Vec<_> = (100..110).map(|last| format!("+12065550{last}")).collect();
        let numbers = json!({ "telephone_numbers": numbers });
        self.send(&token, Method::PUT, &account, &details(UNFINISHED)).await?;
        self.send(&token, Method::POST, &format!("{account}/telephone-numbers"), &numbers).await?;
        self.send(&token, Method::PUT, &account, &details("Contoso")).await
    }

    async fn send(&self, token: &str, method: Method, path: &str, body: &Value) -> Result<(), CliError> {
        let (status, response) = self.call(token, method, path, Some(body)).await?;
        if status.is_success() {
            return Ok(());
        }
        let code = response.get("code").and_then(Value::as_str).unwrap_or("no problem document");
        Err(CliError::Failed(format!("cannot create the demo account: {path} answered {status}, {code}")))
    }

    async fn call(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), CliError> {
        let failed = |e| CliError::failed(format!("no response from {path}"), e);
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(token);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let response = request.send().await.map_err(failed)?;
        Ok((response.status(), response.json().await.unwrap_or_default()))
    }
}

/// Returns a request that the function must refuse for lack of a token.
fn probe(function: &str) -> Result<(Method, String), CliError> {
    let route = ROUTES.iter().find(|route| route.function() == function && route.auth == Auth::Bearer);
    let none = || CliError::Failed(format!("{function} has no route that requires a token"));
    let route = route.ok_or_else(none)?;
    let method =
        Method::from_bytes(route.method.as_bytes()).map_err(|e| CliError::failed("invalid method", e))?;
    Ok((method, route.path.replace("{account_id}", ACCOUNT)))
}

fn details(name: &str) -> Value {
    json!({ "country": "US", "name": name, "zip_codes": ["98052"] })
}

/// Returns three commands for another terminal: show the PIN's status, set a PIN, submit a port-out.
#[must_use]
pub fn commands(settings: &Settings) -> [String; 3] {
    let api = format!("http://127.0.0.1:{}/v1", settings.port);
    let pin = format!("{api}/accounts/{ACCOUNT}/port-out-pin");
    let owner = authorization(settings, "ROLE=owner ACCOUNT=CONTOSO");
    let carrier = authorization(settings, "ROLE=carrier SPID=A123");
    let json = "-H 'Content-Type: application/json'";
    let order =
        r#"{"pon":"TX-1001","account_number":"CONTOSO","pin":"482913","telephone_numbers":["+12065550100"]}"#;
    [
        format!("curl -sS {pin} {owner}"),
        format!(r#"curl -sS -X PUT {pin} {owner} {json} -d '{{"pin":"482913"}}'"#),
        format!("curl -sS {api}/port-outs {carrier} {json} -d '{order}'"),
    ]
}

fn authorization(settings: &Settings, caller: &str) -> String {
    let data_dir = settings.data_dir.display().to_string().replace('\'', r"'\''");
    let data_dir = if settings.custom_data_dir { format!(" DATA_DIR='{data_dir}'") } else { String::new() };
    format!(r#"-H "Authorization: Bearer $(make -s token {caller}{data_dir})""#)
}
