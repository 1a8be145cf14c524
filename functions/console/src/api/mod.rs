//! Calls the service's own API with the administrator's access token: the console itself has no rights.

pub mod answers;
pub mod failure;

use std::sync::Arc;

use runtime::config::WebUrl;
use runtime::error::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::account::AccountNumber;
use shared::cancellation::Statement;
use shared::pin::Pin;
use shared::port_out_id::PortOutId;
use zeroize::Zeroizing;

use crate::http_client::{Answer, Call, HttpClient};
use crate::session::AccessToken;
use answers::{EventPage, PinStatus, PortOut, Protection};
use failure::ApiFailure;

/// Events of one call; the most that the API sends.
const EVENTS: usize = 200;

/// The API.
pub struct Api {
    url: WebUrl,
    http: Arc<HttpClient>,
}

/// The API, called by one administrator.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    api: &'a Api,
    token: &'a AccessToken,
    account: &'a AccountNumber,
}

#[derive(Serialize)]
struct NewPin<'a> {
    pin: &'a str,
}

#[derive(Serialize)]
struct Switch {
    enabled: bool,
}

#[derive(Serialize)]
struct OwnersStatement<'a> {
    statement: &'static str,
    name: &'a str,
}

impl Api {
    /// Creates a client of the API at this address.
    pub fn new(url: WebUrl, http: Arc<HttpClient>) -> Self {
        Self { url, http }
    }

    /// Calls as this administrator.
    pub fn by<'a>(&'a self, token: &'a AccessToken, account: &'a AccountNumber) -> Caller<'a> {
        Caller { api: self, token, account }
    }
}

impl Caller<'_> {
    /// Reads the PIN's status.
    pub async fn pin(self) -> Result<PinStatus, ApiFailure> {
        self.get(&self.of_account("port-out-pin")).await
    }

    /// Sets the PIN, if its version is still the one that the administrator saw.
    pub async fn set_pin(self, pin: &Pin, version: u64) -> Result<PinStatus, ApiFailure> {
        let condition = ("if-match", Zeroizing::new(format!("\"{version}\"")));
        let body = NewPin { pin: pin.expose_digits() };
        self.call("PUT", &self.of_account("port-out-pin"), Some(condition), &body).await
    }

    /// Reads the protection, with the open port-outs.
    pub async fn protection(self) -> Result<Protection, ApiFailure> {
        self.get(&self.of_account("port-protection")).await
    }

    /// Switches the protection.
    pub async fn switch_protection(self, enabled: bool) -> Result<Protection, ApiFailure> {
        self.call("PUT", &self.of_account("port-protection"), None, &Switch { enabled }).await
    }

    /// Reads a port-out.
    pub async fn port_out(self, id: &PortOutId) -> Result<PortOut, ApiFailure> {
        self.get(&format!("port-outs/{id}")).await
    }

    /// Cancels a port-out on the owner's statement.
    pub async fn cancel(
        self,
        id: &PortOutId,
        statement: Statement,
        name: &str,
    ) -> Result<PortOut, ApiFailure> {
        let body = OwnersStatement { statement: statement.as_str(), name };
        self.call("POST", &format!("port-outs/{id}/cancellation"), None, &body).await
    }

    /// Reads events, the oldest first, from after the one with this id.
    pub async fn events(self, after: &str) -> Result<EventPage, ApiFailure> {
        self.get(&self.of_account(&format!("events?limit={EVENTS}&after={after}"))).await
    }

    fn of_account(self, what: &str) -> String {
        format!("accounts/{}/{what}", self.account.as_str())
    }

    async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, ApiFailure> {
        self.send("GET", path, Vec::new(), Zeroizing::default()).await
    }

    async fn call<T: DeserializeOwned>(
        self,
        method: &'static str,
        path: &str,
        condition: Option<(&'static str, Zeroizing<String>)>,
        body: &impl Serialize,
    ) -> Result<T, ApiFailure> {
        let body = serde_json::to_vec(body).map(Zeroizing::new);
        let body = body.map_err(|_| ApiFailure::Down(Error::internal("a body could not be written")))?;
        let json = ("content-type", Zeroizing::new("application/json".to_owned()));
        self.send(method, path, condition.into_iter().chain([json]).collect(), body).await
    }

    async fn send<T: DeserializeOwned>(
        self,
        method: &'static str,
        path: &str,
        mut headers: Vec<(&'static str, Zeroizing<String>)>,
        body: Zeroizing<Vec<u8>>,
    ) -> Result<T, ApiFailure> {
        headers.push(("authorization", Zeroizing::new(format!("Bearer {}", self.token.expose()))));
        let url = format!("{}/v1/{path}", self.api.url.as_str());
        let answer = self.api.http.send(Call { method, url: &url, headers, body }).await;
        read(&answer.map_err(ApiFailure::Down)?)
    }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, ApiFailure> {
    if !(200..300).contains(&answer.status) {
        return Err(ApiFailure::of(answer));
    }
    let unreadable = |_| ApiFailure::Down(Error::internal("the API's answer is not as documented"));
    serde_json::from_slice(&answer.body).map_err(unreadable)
}
