//! Shows a port-out to its carrier, its account's owner, and the porting desk.

use runtime::clock::Timestamp;
use runtime::http::identity::{Identity, Scope};
use runtime::http::port_out_view::PortOutView;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::status_reader::StatusReader;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;

pub async fn show(reader: &StatusReader, request: &Request, now: Timestamp) -> Result<Response, Problem> {
    let identity = request.identity()?;
    if !may_see_any(identity) {
        return Err(Problem::forbidden());
    }
    let Ok(id) = request.parameter("id").parse::<PortOutId>() else { return Err(not_found()) };
    let found = reader.port_out(&id).await?.filter(|port_out| may_see(identity, port_out));
    found.map(|port_out| Response::json(200, &PortOutView::new(&port_out, now))).ok_or_else(not_found)
}

fn may_see_any(identity: &Identity) -> bool {
    identity.is_desk() || identity.carrier().is_some() || identity.owner(Scope::PinRead).is_some()
}

fn may_see(identity: &Identity, port_out: &PortOut) -> bool {
    identity.is_desk()
        || identity.carrier() == Some(&port_out.spid)
        || identity.owns(Scope::PinRead, &port_out.account_number)
}

/// Answers alike whether there is no such port-out or the caller may not see it.
fn not_found() -> Problem {
    Problem::new(Code::PortOutNotFound, "No port-out has this id, or you do not have access to it.")
}
