//! Accepts port-outs from carriers, by API or webhook: dispatches each request to its protocol.
//!
//! One binary is two functions: `port-out` serves [`PortOuts`] and `bandwidth` serves [`Bandwidth`].

mod all_routes;
mod bandwidth;
mod json_request;
mod native;
mod response;
mod standard_webhooks;
mod submission;
mod webhook_auth;

use runtime::clock::Clock;
use runtime::http::endpoint::PortOutEndpoint;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;
use runtime::pin_hash::hasher::Hasher;
use runtime::store::port_out_store::PortOutStore;
use shared::decision::PortOutPolicy;
use submission::Submissions;

pub use all_routes::AllRoutes;
pub use bandwidth::Bandwidth;
pub use webhook_auth::WebhookAuthenticator;

/// Handler of the function `port-out`.
pub struct PortOuts {
    submissions: Submissions,
    webhooks: WebhookAuthenticator,
}

impl PortOuts {
    /// Creates the handler.
    pub fn new(
        store: PortOutStore,
        hasher: Hasher,
        policy: PortOutPolicy,
        webhooks: WebhookAuthenticator,
        clock: Clock,
    ) -> Self {
        Self { submissions: Submissions::new(store, hasher, policy, clock), webhooks }
    }
}

impl Handler for PortOuts {
    type Endpoint = PortOutEndpoint;

    async fn handle(&self, endpoint: PortOutEndpoint, request: &Request) -> Result<Response, Problem> {
        match endpoint {
            PortOutEndpoint::Submit => native::submit(request, &self.submissions).await,
            PortOutEndpoint::StandardWebhook => {
                standard_webhooks::submit(request, &self.submissions, &self.webhooks).await
            }
        }
    }
}
