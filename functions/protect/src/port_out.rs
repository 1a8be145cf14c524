//! The port-out in a path, and its end.

use runtime::clock::Timestamp;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::store::lifecycle::LifecycleStore;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;

/// Reads the port-out in the path.
///
/// # Errors
/// 404 if there is none.
pub async fn existing(store: &LifecycleStore, request: &Request) -> Result<PortOut, Problem> {
    let id: PortOutId = request.parameter("id").parse().map_err(|_| not_found())?;
    store.port_out(&id).await?.ok_or_else(not_found)
}

/// Answers alike whether there is no such port-out or it is not the caller's.
pub fn not_found() -> Problem {
    Problem::new(Code::PortOutNotFound, "No port-out has this id, or you do not have access to it.")
}

/// Checks that a port-out holds something.
///
/// # Errors
/// 409 if it does not.
pub fn require_open(port_out: &PortOut, now: Timestamp) -> Result<(), Problem> {
    let detail = "The port-out holds no number any more, so there is nothing to cancel or release.";
    if port_out.is_open(now) { Ok(()) } else { Err(Problem::new(Code::PortOutNotOpen, detail)) }
}
