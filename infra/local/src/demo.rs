//! The stack's first callers: they wait until each function answers, bring in the demo account, and show how to call.

use crate::error::Failure;
use crate::keys::SigningKey;
use crate::settings::Settings;
use crate::token::{self, Caller};
use reqwest::{Client, Method, Response, StatusCode};
use runtime::http::endpoint::FUNCTIONS;
use runtime::http::routes::{Auth, ROUTES};
use serde_json::{Value, json};
use std::time::Duration;

/// The demo account's number.
pub const ACCOUNT: &str = "CONTOSO";

/// The account's name until its numbers are there too, so that a seeding that was cut off is done again.
const UNFINISHED: &str = "Contoso (not complete yet)";

/// Longer than cargo-lambda's own wait, so that its answer is seen.
const REQUEST_WITHIN: Duration = Duration::from_secs(35);

const READY_WITHIN: Duration = Duration::from_secs(60);

/// A caller of the local stack.
#[derive(Debug)]
pub struct Stack {
    url: String,
    http: Client,
}

impl Stack {
    /// The stack on this port.
    ///
    /// # Errors
    /// There is no HTTP client to be had.
    pub fn on(port: u16) -> Result<Self, Failure> {
        let http = Client::builder().no_proxy().timeout(REQUEST_WITHIN).build();
        let http = http.map_err(|e| Failure::because("no HTTP client", e))?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), http })
    }

    /// Waits until every function answers, which also starts each one's first process.
    ///
    /// # Errors
    /// One does not answer in time, or not as it should.
    pub async fn wait_until_ready(&self) -> Result<(), Failure> {
        for name in FUNCTIONS {
            let (method, path) = first_call(name)?;
            let answer = tokio::time::timeout(READY_WITHIN, self.first_answer(method, &path)).await;
            let late = |_| Failure::Broken(format!("{name} does not answer: its reason is above"));
            let answer = answer.map_err(late)?;
            let is_problem =
                answer.headers().get("content-type").is_some_and(|it| it == "application/problem+json");
            if answer.status() != StatusCode::UNAUTHORIZED || !is_problem {
                let status = answer.status().as_u16();
                let what = "to a call without a token, not with a 401 problem: its reason is above";
                return Err(Failure::Broken(format!("{name} answered {status} {what}")));
            }
        }
        Ok(())
    }

    /// The answer of a function, as soon as cargo-lambda listens and the function is up.
    async fn first_answer(&self, method: Method, path: &str) -> Response {
        loop {
            let request = self.http.request(method.clone(), format!("{}{path}", self.url)).json(&json!({}));
            if let Ok(answer) = request.send().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Brings in the demo account through the API, once: what a user deletes from it later stays deleted.
    ///
    /// # Errors
    /// The API refuses.
    pub async fn seed(&self, key: &SigningKey) -> Result<(), Failure> {
        let token = token::issue(key, &Caller::Operator, token::now());
        let account = format!("/v1/accounts/{ACCOUNT}");
        let (status, body) = self.call(&token, Method::GET, &account, None).await?;
        if status == StatusCode::OK && body.get("name").and_then(Value::as_str) != Some(UNFINISHED) {
            return Ok(());
        }
        let numbers: Vec<_> = (100..110).map(|last| format!("+12065550{last}")).collect();
        let numbers = json!({ "telephone_numbers": numbers });
        self.done(&token, Method::PUT, &account, &details(UNFINISHED)).await?;
        self.done(&token, Method::POST, &format!("{account}/telephone-numbers"), &numbers).await?;
        self.done(&token, Method::PUT, &account, &details("Contoso")).await
    }

    async fn done(&self, token: &str, method: Method, path: &str, body: &Value) -> Result<(), Failure> {
        let (status, answer) = self.call(token, method, path, Some(body)).await?;
        if status.is_success() {
            return Ok(());
        }
        let code = answer.get("code").and_then(Value::as_str).unwrap_or("no problem document");
        Err(Failure::Broken(format!("the demo account cannot be made: {path} answered {status}, {code}")))
    }

    async fn call(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), Failure> {
        let failed = |e| Failure::because(format!("no answer from {path}"), e);
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(token);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = request.send().await.map_err(failed)?;
        Ok((answer.status(), answer.json().await.unwrap_or_default()))
    }
}

/// A request that this function must refuse because it has no token.
fn first_call(function: &str) -> Result<(Method, String), Failure> {
    let route = ROUTES.iter().find(|route| route.function() == function && route.auth == Auth::Bearer);
    let none = || Failure::Broken(format!("{function} has no route that takes a token"));
    let route = route.ok_or_else(none)?;
    let method = Method::from_bytes(route.method.as_bytes()).map_err(|e| Failure::because("no method", e))?;
    Ok((method, route.path.replace("{account_id}", ACCOUNT)))
}

fn details(name: &str) -> Value {
    json!({ "country": "US", "name": name, "zip_code": "98052" })
}

/// Three commands for another terminal: the PIN's status, setting it, and a port-out.
#[must_use]
pub fn commands(settings: &Settings) -> [String; 3] {
    let api = format!("http://127.0.0.1:{}/v1", settings.port);
    let pin = format!("{api}/accounts/{ACCOUNT}/port-out-pin");
    let admin = authorization(settings, "ROLE=account ACCOUNT=CONTOSO");
    let carrier = authorization(settings, "ROLE=carrier SPID=A123");
    let json = "-H 'Content-Type: application/json'";
    let order =
        r#"{"pon":"TX-1001","account_number":"CONTOSO","pin":"482913","telephone_numbers":["+12065550100"]}"#;
    [
        format!("curl -sS {pin} {admin}"),
        format!(r#"curl -sS -X PUT {pin} {admin} {json} -d '{{"pin":"482913"}}'"#),
        format!("curl -sS {api}/port-outs {carrier} {json} -d '{order}'"),
    ]
}

fn authorization(settings: &Settings, caller: &str) -> String {
    let data_dir = settings.data_dir.display().to_string().replace('\'', r"'\''");
    let data_dir = if settings.own_data_dir { format!(" DATA_DIR='{data_dir}'") } else { String::new() };
    format!(r#"-H "Authorization: Bearer $(make -s token {caller}{data_dir})""#)
}
