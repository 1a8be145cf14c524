//! Shows a telephone number to the porting desk: its account, its hold, and the port-out that had it last.

use runtime::clock::Timestamp;
use runtime::http::number_view::NumberView;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::status_reader::StatusReader;
use shared::telephone_number::Tn;

pub async fn show(reader: &StatusReader, request: &Request, now: Timestamp) -> Result<Response, Problem> {
    request.identity()?.require_desk()?;
    let tn: Tn = request.parameter_field("tn").finish()?;
    let found = reader.number(&tn).await?.ok_or_else(not_found)?;
    let last = match found.last_port_out() {
        Some(id) => reader.port_out(id).await?,
        None => None,
    };
    Ok(Response::json(200, &NumberView::new(&tn, &found, last.as_ref(), now)))
}

fn not_found() -> Problem {
    let detail =
        "The telephone number belongs to no account, and none of ours was ever ported with a port-out.";
    Problem::new(Code::TelephoneNumberNotFound, detail)
}
