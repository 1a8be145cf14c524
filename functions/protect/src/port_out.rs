//! What the routes of one port-out share: reading it, checking that it is open, and showing it.

use runtime::clock::Timestamp;
use runtime::http::port_out_view::PortOutView;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use runtime::store::lifecycle::LifecycleStore;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;

/// Reads the port-out in the path.
///
/// # Errors
/// 404 if there is none.
pub async fn existing(store: &LifecycleStore, request: &Request) -> Result<PortOut, Problem> {
    let id: PortOutId = request.parameter("id").parse().map_err(|_| Problem::port_out_not_found())?;
    store.port_out(&id).await?.ok_or_else(Problem::port_out_not_found)
}

/// Checks that a port-out holds something.
///
/// # Errors
/// 409 if it does not.
pub fn require_open(port_out: &PortOut, now: Timestamp) -> Result<(), Problem> {
    let detail = "The port-out holds no number any more, so there is nothing to cancel or release.";
    if port_out.is_open(now) { Ok(()) } else { Err(Problem::new(Code::PortOutNotOpen, detail)) }
}

/// Shows a port-out, and logs it.
pub fn shown(port_out: &PortOut, now: Timestamp) -> Response {
    Response::json(200, &PortOutView::new(port_out, now)).with_log(|log| log.port_out(port_out, now))
}
