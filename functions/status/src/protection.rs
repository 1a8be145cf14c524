//! Shows an account's port protection to its owner and the porting desk.

use futures_util::future::join;
use runtime::clock::Timestamp;
use runtime::http::identity::Scope;
use runtime::http::port_out_view::ProtectionView;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::status_reader::StatusReader;

pub async fn show(reader: &StatusReader, request: &Request, now: Timestamp) -> Result<Response, Problem> {
    let number =
        request.identity()?.require_desk_or_owner(Scope::PinRead, request.parameter("account_id"))?;
    let (account, open) = join(reader.account_with_pin(&number), reader.open_port_outs(&number, now)).await;
    let account = account?.ok_or_else(Problem::account_not_found)?;
    Ok(Response::json(200, &ProtectionView::new(&account, &open?, now)))
}
