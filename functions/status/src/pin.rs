//! Shows the status of an account's PIN: all of it to its owner, and to the operator whether there is one.

use runtime::http::identity::Scope;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::views::{OperatorPinView, PinView};
use runtime::store::status_reader::StatusReader;
use shared::account::PinRequired;

pub async fn show(
    reader: &StatusReader,
    pin_required: PinRequired,
    request: &Request,
) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let number = identity.require_account(Scope::PinRead, request.parameter("account_id"))?;
    let account = reader.account_with_pin(&number).await?.ok_or_else(Problem::account_not_found)?;
    if identity.owns(Scope::PinRead, &number) {
        return Ok(PinView::new(&account, pin_required, Vec::new()).response(200));
    }
    Ok(OperatorPinView::new(&account).response(200))
}
