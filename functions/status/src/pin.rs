//! Shows the status of an account's PIN to its admin and the operator.

use runtime::http::identity::Scope;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::views::PinView;
use runtime::store::status_reader::StatusReader;

pub async fn show(reader: &StatusReader, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let number = identity.require_account(Scope::PinRead, request.parameter("account_id"))?;
    let account = reader.account_with_pin(&number).await?.ok_or_else(Problem::account_not_found)?;
    Ok(PinView::new(&account, Vec::new()).response(200))
}
