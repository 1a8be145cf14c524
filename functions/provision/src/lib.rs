//! Creates and replaces accounts, gives them numbers, and registers webhook sources, for the operator; never touches a PIN.

mod accounts;
mod telephone_numbers;
mod webhook_source_requests;
mod webhook_sources;

use runtime::clock::Clock;
use runtime::http::endpoint::ProvisionEndpoint;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;
use runtime::store::provisioner::Provisioner;

pub use webhook_sources::WebhookSources;

/// The handler of this function.
pub struct Provision {
    store: Provisioner,
    sources: WebhookSources,
    clock: Clock,
}

impl Provision {
    /// Creates the handler.
    pub fn new(store: Provisioner, sources: WebhookSources, clock: Clock) -> Self {
        Self { store, sources, clock }
    }
}

impl Handler for Provision {
    type Endpoint = ProvisionEndpoint;

    async fn handle(&self, endpoint: ProvisionEndpoint, request: &Request) -> Result<Response, Problem> {
        let Self { store, sources, clock } = self;
        match endpoint {
            ProvisionEndpoint::PutAccount => accounts::put(store, clock, request).await,
            ProvisionEndpoint::AssignNumbers => telephone_numbers::assign(store, clock, request).await,
            ProvisionEndpoint::RemoveNumber => telephone_numbers::remove(store, clock, request).await,
            ProvisionEndpoint::PutWebhookSource => sources.put(request).await,
            ProvisionEndpoint::GetWebhookSource => sources.get(request).await,
            ProvisionEndpoint::DeleteWebhookSource => sources.delete(request).await,
            ProvisionEndpoint::RotateWebhookSource => sources.rotate(request).await,
        }
    }
}
