//! Shows a port-out to its carrier, its account's owner, and the porting desk.

use runtime::clock::Timestamp;
use runtime::http::identity::{Identity, Scope};
use runtime::http::port_out_view::{PortOutView, Reader};
use runtime::http::problem::Problem;
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
    let Ok(id) = request.parameter("id").parse::<PortOutId>() else {
        return Err(Problem::port_out_not_found());
    };
    let port_out = reader.port_out(&id).await?.ok_or_else(Problem::port_out_not_found)?;
    let sees = sees(identity, &port_out).ok_or_else(Problem::port_out_not_found)?;
    Ok(Response::json(200, &PortOutView::seen_by(sees, &port_out, now)))
}

fn may_see_any(identity: &Identity) -> bool {
    identity.is_desk() || identity.carrier().is_some() || identity.owner(Scope::PinRead).is_some()
}

/// Returns how much of a port-out the caller sees, if anything.
fn sees(identity: &Identity, port_out: &PortOut) -> Option<Reader> {
    if identity.is_desk() || identity.carrier() == Some(&port_out.spid) {
        return Some(Reader::Everything);
    }
    // A request that named no account of ours is not one of an account that was created later.
    let own = port_out.named_an_account() && identity.owns(Scope::PinRead, &port_out.account_number);
    own.then_some(Reader::Owner)
}
