//! Sets and changes an account's port-out PIN, and refuses to remove it.

mod set;

use runtime::clock::Clock;
use runtime::http::endpoint::SetPinEndpoint;
use runtime::http::identity::Scope;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::routes;
use runtime::http::service::Handler;
use runtime::pin_hash::hasher::Hasher;
use runtime::store::pin_writer::PinWriter;
use shared::pin_policy::PinPolicy;

use set::PinSetter;

/// The handler of this function.
pub struct SetPin(PinSetter);

impl SetPin {
    /// Creates the handler.
    pub fn new(pins: PinWriter, hasher: Hasher, policy: PinPolicy, clock: Clock) -> Self {
        Self(PinSetter { pins, hasher, policy, clock })
    }
}

impl Handler for SetPin {
    type Endpoint = SetPinEndpoint;

    async fn handle(&self, endpoint: SetPinEndpoint, request: &Request) -> Result<Response, Problem> {
        match endpoint {
            SetPinEndpoint::Set => self.0.set(request).await,
            SetPinEndpoint::Delete => Err(refuse_removal(request)),
        }
    }
}

/// Refuses with 405, but only callers that may set the PIN learn that this is why.
fn refuse_removal(request: &Request) -> Problem {
    let allowed = request
        .identity()
        .and_then(|identity| identity.require_account(Scope::PinWrite, request.parameter("account_id")));
    allowed.err().unwrap_or_else(routes::pin_cannot_be_removed)
}
