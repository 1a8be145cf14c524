//! Lists port-outs: of an account for its owner and the porting desk, of a carrier for itself and the desk.

use runtime::clock::Timestamp;
use runtime::http::field::Field;
use runtime::http::identity::{Identity, Scope};
use runtime::http::port_out_view::{PortOutView, PortOutsPage, Reader};
use runtime::http::problem::{FieldError, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::lists::{Between, Listed, MAX_EXAMINED, PortOutList};
use runtime::store::status_reader::StatusReader;
use shared::account::AccountNumber;
use shared::lifecycle::Status;
use shared::spid::Spid;

use crate::pagination::{self, PortOutPage};
use crate::port_out_filter::{Filter, parsed};

/// Lists the port-outs of the account in the path.
pub async fn of_account(
    reader: &StatusReader,
    request: &Request,
    now: Timestamp,
) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let number = identity.require_desk_or_owner(Scope::PinRead, request.parameter("account_id"))?;
    let (filter, page) = read(request)?;
    crate::account::existing(reader, &number).await?;
    let list = list_of_account(number, &filter);
    let sees = if identity.is_desk() { Reader::Everything } else { Reader::Owner };
    show(reader, &list, &filter, &page, sees, now).await
}

/// Lists the port-outs of the carrier that asks, or those that the porting desk asks for.
pub async fn of_caller(
    reader: &StatusReader,
    request: &Request,
    now: Timestamp,
) -> Result<Response, Problem> {
    let (filter, page) = read(request)?;
    let account: Option<AccountNumber> = parsed(request, "account_number").finish()?;
    let list = list_of_caller(request.identity()?, account, &filter)?;
    show(reader, &list, &filter, &page, Reader::Everything, now).await
}

fn list_of_caller(
    identity: &Identity,
    account: Option<AccountNumber>,
    filter: &Filter,
) -> Result<PortOutList, Problem> {
    if identity.is_desk() {
        return match (account, &filter.spid) {
            (Some(account), _) => Ok(list_of_account(account, filter)),
            (None, Some(spid)) => Ok(PortOutList::Carrier(spid.clone())),
            (None, None) => {
                let detail = "The account_number or the spid is required.";
                Err(Problem::invalid(vec![FieldError::new("account_number", "required", detail)]))
            }
        };
    }
    let spid: &Spid = identity.require_carrier()?;
    if account.is_some() {
        return Err(Problem::forbidden());
    }
    Ok(PortOutList::Carrier(spid.clone()))
}

/// Returns the list of an account; the open ones have a list of their own.
fn list_of_account(account: AccountNumber, filter: &Filter) -> PortOutList {
    match filter.status {
        Some(Status::Confirmed) => PortOutList::Open(account),
        Some(_) | None => PortOutList::Account(account),
    }
}

fn read(request: &Request) -> Result<(Filter, PortOutPage), Problem> {
    Field::all((Filter::read(request), PortOutPage::read(request))).finish()
}

async fn show(
    reader: &StatusReader,
    list: &PortOutList,
    filter: &Filter,
    page: &PortOutPage,
    sees: Reader,
    now: Timestamp,
) -> Result<Response, Problem> {
    // Without a filter, every entry is shown, and one more tells whether there is a next page.
    let count = if filter.is_empty() { page.limit.saturating_add(1) } else { MAX_EXAMINED };
    let between = match list {
        // Sorted by the end of the hold, which says nothing about the receipt.
        PortOutList::Open(_) => Between { from: Some(now), to: None },
        PortOutList::Account(_) | PortOutList::Carrier(_) => filter.entered(),
    };
    let listed = reader.port_out_list(list, page.before(list)?, between, count).await?;
    let (shown, last) = select(&listed, filter, page.limit, now);
    let examined_all = last.is_none_or(|last| listed.last().is_some_and(|it| it.place == last));
    let more = !examined_all || listed.len() == count;
    let next_cursor = last.filter(|_| more).map(|place| pagination::port_out_cursor(list, place));
    let port_outs = shown.iter().map(|it| PortOutView::seen_by(sees, &it.port_out, now)).collect();
    Ok(Response::json(200, &PortOutsPage { port_outs, next_cursor }))
}

/// Returns the entries of the page, and the place of the last one that was looked at.
fn select<'a>(
    listed: &'a [Listed],
    filter: &Filter,
    limit: usize,
    now: Timestamp,
) -> (Vec<&'a Listed>, Option<&'a str>) {
    let (mut shown, mut last) = (Vec::new(), None);
    for entry in listed {
        if shown.len() == limit {
            break;
        }
        last = Some(entry.place.as_str());
        if filter.accepts(&entry.port_out, now) {
            shown.push(entry);
        }
    }
    (shown, last)
}
