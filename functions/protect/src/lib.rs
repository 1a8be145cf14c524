//! Ends port-outs and switches port protection, for owners and the porting desk; records ported numbers.

mod activation;
mod cancellation;
mod evidence;
mod port_out;
mod protection;
mod release;

use runtime::clock::Clock;
use runtime::http::endpoint::ProtectEndpoint;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;
use runtime::store::lifecycle::LifecycleStore;

/// The handler of this function.
pub struct Protect {
    store: LifecycleStore,
    clock: Clock,
}

impl Protect {
    /// Creates the handler.
    pub fn new(store: LifecycleStore, clock: Clock) -> Self {
        Self { store, clock }
    }
}

impl Handler for Protect {
    type Endpoint = ProtectEndpoint;

    async fn handle(&self, endpoint: ProtectEndpoint, request: &Request) -> Result<Response, Problem> {
        let Self { store, clock } = self;
        match endpoint {
            ProtectEndpoint::Activate => activation::record(store, clock, request).await,
            ProtectEndpoint::Cancel => cancellation::cancel(store, clock, request).await,
            ProtectEndpoint::Release => release::release(store, clock, request).await,
            ProtectEndpoint::SwitchProtection => protection::switch(store, clock, request).await,
        }
    }
}
