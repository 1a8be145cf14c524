//! Lists an account's numbers for its owner and the operator, page by page.

use futures_util::future::join;
use runtime::http::identity::Scope;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::views::{NumbersPage, NumbersView};
use runtime::store::status_reader::StatusReader;

use crate::account::existing;
use crate::pagination::{Page, cursor};

pub async fn list(reader: &StatusReader, request: &Request) -> Result<Response, Problem> {
    let number = request.identity()?.require_account(Scope::PinRead, request.parameter("account_id"))?;
    let page = Page::read(request)?;
    // One number more than asked for tells whether there is a next page.
    let numbers = reader.numbers(&number, page.after.as_ref(), page.limit.saturating_add(1));
    let (account, numbers) = join(existing(reader, &number), numbers).await;
    account?;
    let mut numbers = numbers?;
    let more = numbers.len() > page.limit;
    numbers.truncate(page.limit);
    let next_cursor = numbers.last().filter(|_| more).map(cursor);
    let numbers = NumbersView::new(number.as_str(), &numbers);
    Ok(Response::json(200, &NumbersPage { numbers, next_cursor }))
}
