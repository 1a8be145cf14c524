//! Bandwidth's port-out validation: XML in, XML out, and never a response that lets a port through by mistake.
//!
//! Bandwidth takes silence, every 4xx, every 5xx, an unknown code, and a refusal without data for its customer's
//! consent. So every failure, from the configuration to a panic, is answered with 200, `Portable` false, code
//! 7598, and the numbers as asked. The one exception is the challenge that Bandwidth waits for before it sends its
//! credentials.

mod acceptable;
mod asked;
mod authentication;
mod basic_auth;
mod codes;
mod notice;
mod request;
mod response;
mod validation;
mod xml;

use std::panic::{AssertUnwindSafe, catch_unwind};

use runtime::clock::Clock;
use runtime::error::Error;
use runtime::http::address_ranges::AddressRanges;
use runtime::http::endpoint::BandwidthEndpoint;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use runtime::http::service::Handler;
use runtime::pin_hash::hasher::Hasher;
use runtime::store::holds::HoldReader;
use runtime::store::port_out_store::PortOutStore;
use shared::decision::PortOutPolicy;

use crate::submission::Submissions;
use crate::webhook_auth::WebhookAuthenticator;
use asked::Asked;
use response::ValidationResponse;

/// Handler of the function `bandwidth`.
pub struct Bandwidth(Option<Parts>);

/// What a configured function needs.
struct Parts {
    submissions: Submissions,
    holds: HoldReader,
    webhooks: WebhookAuthenticator,
    addresses: Option<AddressRanges>,
    clock: Clock,
}

impl Bandwidth {
    /// Creates the handler.
    pub fn new(
        store: PortOutStore,
        holds: HoldReader,
        hasher: Hasher,
        policy: PortOutPolicy,
        webhooks: WebhookAuthenticator,
        clock: Clock,
    ) -> Self {
        let submissions = Submissions::new(store, hasher, policy, clock.clone());
        Self(Some(Parts { submissions, holds, webhooks, addresses: None, clock }))
    }

    /// Refuses requests from other addresses before anything is looked up for them.
    #[must_use]
    pub fn only_from(self, addresses: Option<AddressRanges>) -> Self {
        Self(self.0.map(|parts| Parts { addresses, ..parts }))
    }

    /// Creates the handler of a function that is not configured: it challenges, and refuses everything else.
    pub fn closed() -> Self {
        Self(None)
    }
}

impl Handler for Bandwidth {
    type Endpoint = BandwidthEndpoint;

    async fn handle(&self, endpoint: BandwidthEndpoint, request: &Request) -> Result<Response, Problem> {
        let Some(parts) = &self.0 else {
            let Some(_) = request.header("authorization") else { return Err(Problem::basic_required()) };
            return Err(Error::internal("this function could not start").into());
        };
        let Parts { submissions, holds, webhooks, addresses, clock } = parts;
        let comes_from =
            |ranges: &AddressRanges| request.source_address().is_some_and(|it| ranges.contains(it));
        if !addresses.as_ref().is_none_or(comes_from) {
            return Ok(validation::unlisted(request));
        }
        match endpoint {
            BandwidthEndpoint::Validation => validation::validate(request, submissions, webhooks).await,
            BandwidthEndpoint::Notice => notice::receive(request, holds, webhooks, clock).await,
        }
    }

    fn refuse(
        &self,
        _: Option<BandwidthEndpoint>,
        event: &str,
        problem: Problem,
    ) -> Result<Response, Problem> {
        if problem.is_basic_challenge() {
            return Err(problem);
        }
        // A request for another route is an error as well: its sender may be Bandwidth.
        let error = problem.into_error().unwrap_or(Error::internal("a request for another route came here"));
        // Untrusted XML is read again: if it caused a panic before, it does so here.
        let read = |read: fn(&str) -> Asked| catch_unwind(AssertUnwindSafe(|| read(event))).ok();
        let asked = read(Asked::of_event).or_else(|| read(Asked::scan)).unwrap_or_default();
        Ok(ValidationResponse::unavailable(&asked).into_http().with_error(error))
    }
}
