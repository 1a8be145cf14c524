//! Shows the status of an account's PIN: all of it to its owner, and to the operator whether there is one.

use runtime::http::identity::Scope;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::views::{OperatorPinView, PinView};
use runtime::store::status_reader::StatusReader;

use crate::account::existing;

pub async fn show(reader: &StatusReader, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let number = identity.require_account(Scope::PinRead, request.parameter("account_id"))?;
    let record = existing(reader, &number).await?;
    if identity.owns(Scope::PinRead, &number) {
        return Ok(PinView::new(&record.account, Vec::new()).response(200));
    }
    Ok(OperatorPinView::new(&record.account).response(200))
}
