//! Shows accounts, their numbers, the status of their PINs, and port-outs; reads only.

use shared::http::answer::Answer;
use shared::http::call::Call;
use shared::http::cursor::{self, Page};
use shared::http::identity::Scope;
use shared::http::problem::{Code, Problem};
use shared::http::routes::{self, Endpoint};
use shared::http::serve::Handler;
use shared::http::views::{AccountView, NumbersPage, NumbersView, PinView, PortOutView};
use shared::rules::account::AccountNumber;
use shared::rules::order::OrderId;
use shared::rules::port_out::PortOut;
use shared::store::AccountRecord;
use shared::store::status_reader::StatusReader;

/// The handler of this function.
pub struct Status {
    reader: StatusReader,
}

impl Handler for Status {
    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        match call.endpoint() {
            Endpoint::GetAccount => self.account(call).await,
            Endpoint::ListNumbers => self.numbers(call).await,
            Endpoint::GetPin => self.pin(call).await,
            Endpoint::GetPortOut => self.port_out(call).await,
            Endpoint::PutAccount
            | Endpoint::AssignNumbers
            | Endpoint::RemoveNumber
            | Endpoint::SetPin
            | Endpoint::DeletePin
            | Endpoint::SubmitPortOut
            | Endpoint::PutWebhookSource
            | Endpoint::GetWebhookSource
            | Endpoint::DeleteWebhookSource
            | Endpoint::RotateWebhookSource
            | Endpoint::StandardWebhook
            | Endpoint::BandwidthWebhook => Err(routes::no_route()),
        }
    }
}

impl Status {
    /// A handler that reads there.
    pub fn new(reader: StatusReader) -> Self {
        Self { reader }
    }

    async fn account(&self, call: &Call) -> Result<Answer, Problem> {
        let number = call.identity.require_operators_account(call.parameter("account_id"))?;
        Ok(Answer::json(200, &AccountView::new(&self.record(&number).await?)))
    }

    async fn pin(&self, call: &Call) -> Result<Answer, Problem> {
        let number = call.identity.require_account(Scope::PinRead, call.parameter("account_id"))?;
        let record = self.record(&number).await?;
        Ok(PinView::new(&record.account, Vec::new()).answer(200))
    }

    async fn numbers(&self, call: &Call) -> Result<Answer, Problem> {
        let number = call.identity.require_operators_account(call.parameter("account_id"))?;
        let page = Page::read(call)?;
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
        let next_cursor = numbers.last().filter(|_| more).map(cursor::after);
        let numbers = NumbersView::new(number.as_str(), &numbers);
        Ok(Answer::json(200, &NumbersPage { numbers, next_cursor }))
    }

    async fn port_out(&self, call: &Call) -> Result<Answer, Problem> {
        if !call.identity.may_see_port_outs() {
            return Err(Problem::forbidden());
        }
        // What is no identity names no port-out.
        let Ok(id) = call.parameter("id").parse::<OrderId>() else { return Err(port_out_not_found()) };
        let found = self.reader.port_out(&id).await?.filter(|port_out| may_see(call, port_out));
        found.map(|port_out| Answer::json(200, &PortOutView::new(&port_out))).ok_or_else(port_out_not_found)
    }

    async fn record(&self, number: &AccountNumber) -> Result<AccountRecord, Problem> {
        self.reader.account(number).await?.ok_or_else(Problem::account_not_found)
    }
}

fn may_see(call: &Call, port_out: &PortOut) -> bool {
    let sent_it = call.identity.carrier() == Some(&port_out.spid);
    sent_it || call.identity.may_read(&port_out.content.account_number)
}

fn port_out_not_found() -> Problem {
    Problem::new(Code::PortOutNotFound, "There is no port-out with this id, or it is not yours to see.")
}
