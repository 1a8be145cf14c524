//! Shows accounts, their numbers, the status of their PINs, and port-outs; reads only.

mod account;
mod events;
mod pagination;
mod pin;
mod port_out;
mod port_out_filter;
mod port_outs;
mod protection;
mod telephone_number;
mod telephone_numbers;

use runtime::clock::Clock;
use runtime::http::endpoint::StatusEndpoint;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;
use runtime::store::status_reader::StatusReader;
use shared::account::PinRequired;

/// The handler of this function.
pub struct Status {
    reader: StatusReader,
    pin_required: PinRequired,
    clock: Clock,
}

impl Status {
    /// Creates the handler.
    pub fn new(reader: StatusReader, pin_required: PinRequired, clock: Clock) -> Self {
        Self { reader, pin_required, clock }
    }
}

impl Handler for Status {
    type Endpoint = StatusEndpoint;

    async fn handle(&self, endpoint: StatusEndpoint, request: &Request) -> Result<Response, Problem> {
        let (reader, now) = (&self.reader, self.clock.now());
        match endpoint {
            StatusEndpoint::Account => account::show(reader, request).await,
            StatusEndpoint::TelephoneNumbers => telephone_numbers::list(reader, request).await,
            StatusEndpoint::Pin => pin::show(reader, self.pin_required, request).await,
            StatusEndpoint::PortOut => port_out::show(reader, request, now).await,
            StatusEndpoint::AccountPortOuts => port_outs::of_account(reader, request, now).await,
            StatusEndpoint::PortOuts => port_outs::of_caller(reader, request, now).await,
            StatusEndpoint::Events => events::list(reader, request, now).await,
            StatusEndpoint::TelephoneNumber => telephone_number::show(reader, request, now).await,
            StatusEndpoint::Protection => protection::show(reader, request, now).await,
        }
    }
}
