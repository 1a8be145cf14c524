//! Shows an account to the operator.

use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::{Response, etag};
use runtime::http::response_meta::WithMeta as _;
use runtime::http::views::AccountView;
use runtime::store::AccountRecord;
use runtime::store::status_reader::StatusReader;
use shared::account::AccountNumber;

pub async fn show(reader: &StatusReader, request: &Request) -> Result<Response, Problem> {
    let number = request.identity()?.require_operators_account(request.parameter("account_id"))?;
    let AccountRecord { number, profile, created_at, updated_at, revision, .. } =
        existing(reader, &number).await?;
    let view = AccountView::new(&number, &profile, created_at, updated_at);
    Ok(Response::json(200, &view).with_header("ETag", etag(revision)))
}

/// Reads an account that must exist.
pub async fn existing(reader: &StatusReader, number: &AccountNumber) -> Result<AccountRecord, Problem> {
    reader.account(number).await?.ok_or_else(Problem::account_not_found)
}
