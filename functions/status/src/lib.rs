//! Shows accounts, their numbers, the status of their PINs, and port-outs; reads only.

mod pagination;

use crate::pagination::Page;
use runtime::http::endpoint::StatusEndpoint;
use runtime::http::identity::Scope;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;
use runtime::http::views::{AccountView, NumbersPage, NumbersView, PinView, PortOutView};
use runtime::store::AccountRecord;
use runtime::store::status_reader::StatusReader;
use shared::account::AccountNumber;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;

/// The handler of this function.
pub struct Status {
    reader: StatusReader,
}

impl Handler for Status {
    type Endpoint = StatusEndpoint;

    async fn handle(&self, endpoint: StatusEndpoint, request: &Request) -> Result<Response, Problem> {
        match endpoint {
            StatusEndpoint::Account => self.account(request).await,
            StatusEndpoint::TelephoneNumbers => self.numbers(request).await,
            StatusEndpoint::Pin => self.pin(request).await,
            StatusEndpoint::PortOut => self.port_out(request).await,
        }
    }
}

impl Status {
    /// A handler that reads there.
    pub fn new(reader: StatusReader) -> Self {
        Self { reader }
    }

    async fn account(&self, request: &Request) -> Result<Response, Problem> {
        let number = request.identity.require_operators_account(request.parameter("account_id"))?;
        Ok(Response::json(200, &AccountView::new(&self.record(&number).await?)))
    }

    async fn pin(&self, request: &Request) -> Result<Response, Problem> {
        let number = request.identity.require_account(Scope::PinRead, request.parameter("account_id"))?;
        let record = self.record(&number).await?;
        Ok(PinView::new(&record.account, Vec::new()).answer(200))
    }

    async fn numbers(&self, request: &Request) -> Result<Response, Problem> {
        let number = request.identity.require_operators_account(request.parameter("account_id"))?;
        let page = Page::read(request)?;
        let (record, numbers) = futures_util::future::join(
            self.record(&number),
            // One more than asked for tells whether there is a next page.
            self.reader.numbers(&number, page.after.as_ref(), page.limit.saturating_add(1)),
        )
        .await;
        record?;
        let mut numbers = numbers?;
        let more = numbers.len() > page.limit;
        numbers.truncate(page.limit);
        let next_cursor = numbers.last().filter(|_| more).map(pagination::after);
        let numbers = NumbersView::new(number.as_str(), &numbers);
        Ok(Response::json(200, &NumbersPage { numbers, next_cursor }))
    }

    async fn port_out(&self, request: &Request) -> Result<Response, Problem> {
        if !request.identity.may_see_port_outs() {
            return Err(Problem::forbidden());
        }
        // What is no identity names no port-out.
        let Ok(id) = request.parameter("id").parse::<PortOutId>() else { return Err(port_out_not_found()) };
        let found = self.reader.port_out(&id).await?.filter(|port_out| may_see(request, port_out));
        found.map(|port_out| Response::json(200, &PortOutView::new(&port_out))).ok_or_else(port_out_not_found)
    }

    async fn record(&self, number: &AccountNumber) -> Result<AccountRecord, Problem> {
        self.reader.account(number).await?.ok_or_else(Problem::account_not_found)
    }
}

fn may_see(request: &Request, port_out: &PortOut) -> bool {
    let sent_it = request.identity.carrier() == Some(&port_out.spid);
    sent_it || request.identity.may_read(&port_out.content.account_number)
}

fn port_out_not_found() -> Problem {
    Problem::new(Code::PortOutNotFound, "There is no port-out with this id, or it is not yours to see.")
}
