//! Shows a port-out to its carrier, its account's admin and the operator.

use runtime::clock::Timestamp;
use runtime::http::identity::Identity;
use runtime::http::port_out_view::PortOutView;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::status_reader::StatusReader;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;

pub async fn show(reader: &StatusReader, request: &Request, now: Timestamp) -> Result<Response, Problem> {
    let identity = request.identity()?;
    if !identity.may_see_port_outs() {
        return Err(Problem::forbidden());
    }
    let Ok(id) = request.parameter("id").parse::<PortOutId>() else { return Err(not_found()) };
    let found = reader.port_out(&id).await?.filter(|port_out| may_see(identity, port_out));
    found.map(|port_out| Response::json(200, &PortOutView::new(&port_out, now))).ok_or_else(not_found)
}

fn may_see(identity: &Identity, port_out: &PortOut) -> bool {
    let sent_it = identity.carrier() == Some(&port_out.spid);
    sent_it || identity.may_read(&port_out.account_number)
}

/// Answers alike whether there is no such port-out or the caller may not see it.
fn not_found() -> Problem {
    Problem::new(Code::PortOutNotFound, "No port-out has this id, or you do not have access to it.")
}
