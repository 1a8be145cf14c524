//! The administrators' pages: sign in with the organization's identity provider, set the PIN, stop what they did not authorize.
//!
//! The console is a client of the service's API and has no rights of its own: each call carries the access token of the
//! administrator who signed in, and the API decides. It keeps nothing: a session is in the browser's cookies alone, sealed.

#![cfg_attr(test, allow(clippy::string_slice, reason = "tests cut texts of their own"))]

mod administrator;
mod api;
mod assets;
mod browser;
mod cookies;
mod endpoints;
mod event_text;
mod failure;
mod form;
mod history;
mod http_client;
mod notice;
mod oidc;
mod pages;
#[cfg(test)]
mod round_trips;
mod same_origin;
mod sealed;
mod security_headers;
mod session;
mod target;
#[cfg(test)]
mod whole_answers;
mod words;

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use runtime::clock::Clock;
use runtime::config::{ConsoleSettings, WebUrl};
use runtime::http::claims::ClaimNames;
use runtime::http::endpoint::ConsoleEndpoint;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;
use runtime::pin_hash::pepper::Pepper;

use api::Api;
use cookies::CookieRules;
use endpoints::{cancellation, history as history_endpoint, panel, pin, protection, sign_in, sign_out};
use failure::Failure;
use http_client::HttpClient;
use oidc::Provider;
use sealed::CookieKeys;

/// The handler of this function.
pub struct Console {
    url: WebUrl,
    cookies: CookieRules,
    keys: CookieKeys,
    claims: ClaimNames,
    provider: Provider,
    api: Api,
    clock: Clock,
}

impl Console {
    /// Creates the handler, which calls the identity provider and the API with this connector.
    pub fn new(settings: ConsoleSettings, key: Pepper, connector: SharedHttpConnector, clock: Clock) -> Self {
        let ConsoleSettings { url, api, provider, claims } = settings;
        let http = Arc::new(HttpClient::new(connector));
        let callback = format!("{}/console/callback", url.as_str());
        Self {
            cookies: CookieRules::of(&url),
            url,
            keys: CookieKeys::new(key),
            claims,
            provider: Provider::new(provider, callback, Arc::clone(&http)),
            api: Api::new(api, http),
            clock,
        }
    }

    async fn answer(&self, endpoint: ConsoleEndpoint, request: &Request) -> Result<Response, Failure> {
        match endpoint {
            ConsoleEndpoint::Panel => panel::show(self, request).await,
            ConsoleEndpoint::SignIn => sign_in::begin(self, request).await,
            ConsoleEndpoint::Callback => sign_in::finish(self, request).await,
            ConsoleEndpoint::SignOut => sign_out::end(self, request),
            ConsoleEndpoint::SignedOut => Ok(sign_out::show(self).await),
            ConsoleEndpoint::SetPin => pin::set(self, request).await,
            ConsoleEndpoint::SwitchProtection => protection::switch(self, request).await,
            ConsoleEndpoint::ConfirmCancellation => cancellation::confirm(self, request).await,
            ConsoleEndpoint::Cancel => cancellation::cancel(self, request).await,
            ConsoleEndpoint::History => history_endpoint::show(self, request).await,
            ConsoleEndpoint::Asset => assets::find(request.parameter("asset")).ok_or(Failure::NotFound),
        }
    }
}

impl Handler for Console {
    type Endpoint = ConsoleEndpoint;

    async fn handle(&self, endpoint: ConsoleEndpoint, request: &Request) -> Result<Response, Problem> {
        Ok(self.answer(endpoint, request).await.unwrap_or_else(Failure::response))
    }

    /// A browser gets a page, whatever goes wrong and wherever.
    fn refuse(&self, _: Option<ConsoleEndpoint>, _: &str, problem: Problem) -> Result<Response, Problem> {
        Ok(Failure::from(problem).response())
    }
}
