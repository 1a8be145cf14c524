//! What `status` may do: read, and never a digest or a fingerprint.

use crate::error::Error;
use crate::store::item::Item;
use crate::store::key::{self, Index, Key};
use crate::store::records::account::{self, AccountRecord};
use crate::store::records::number::{self, NumberDetails};
use crate::store::records::port_out::{self, PortOutRecord};
use crate::store::records::{pin, union};
use crate::store::tables::{Range, Tables};
use crate::timestamp;
use jiff::Timestamp;
use shared::account::{Account, AccountNumber};
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;
use shared::telephone_number::Tn;

/// Reads what responses show.
#[derive(Clone)]
pub struct StatusReader(Tables);

/// Sort before and after every telephone number.
const BEFORE_ALL: &str = "+";
const AFTER_ALL: &str = "+~";

impl StatusReader {
    /// Creates a reader of these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.0
    }

    /// Reads an account.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Error> {
        let item = self.0.get(Key::account(account), account::ATTRIBUTES).await?;
        item.as_ref().map(AccountRecord::read).transpose()
    }

    /// Reads an account with the status of its PIN.
    pub async fn account_with_pin(&self, number: &AccountNumber) -> Result<Option<Account>, Error> {
        account_with_pin(&self.0, number).await
    }

    /// Reads the open port-outs of an account, the first to end first.
    pub async fn open_port_outs(
        &self,
        number: &AccountNumber,
        now: Timestamp,
    ) -> Result<Vec<PortOut>, Error> {
        open_port_outs(&self.0, number, now).await
    }

    /// Reads a number.
    pub async fn number(&self, tn: &Tn) -> Result<Option<NumberDetails>, Error> {
        let attributes = union(&[number::ATTRIBUTES, number::DETAILS]);
        let item = self.0.get(Key::number(tn), &attributes).await?;
        item.as_ref().map(NumberDetails::read).transpose()
    }

    /// Reads a port-out without its fingerprint.
    pub async fn port_out(&self, id: &PortOutId) -> Result<Option<PortOut>, Error> {
        let item = self.0.get(Key::port_out(id), port_out::ATTRIBUTES).await?;
        item.as_ref().map(|item| PortOutRecord::read(item).map(|record| record.port_out)).transpose()
    }

    /// Reads up to `limit` numbers of an account after `after`, in order; eventually consistent.
    pub async fn numbers(
        &self,
        account: &AccountNumber,
        after: Option<&Tn>,
        limit: usize,
    ) -> Result<Vec<Tn>, Error> {
        numbers_of(&self.0, account, after, limit).await
    }
}

/// Reads up to `limit` numbers of an account after `after`, for every store that lists them.
pub async fn numbers_of(
    tables: &Tables,
    account: &AccountNumber,
    after: Option<&Tn>,
    limit: usize,
) -> Result<Vec<Tn>, Error> {
    // Nothing sorts between a number and the same with a space behind it.
    let from = after.map_or(BEFORE_ALL.to_owned(), |after| format!("{after} "));
    let range = Range { from, to: AFTER_ALL.to_owned(), newest_first: false, limit };
    let items = tables.list(Index::Lists, key::numbers_list(account), range).await?;
    items.iter().map(|item: &Item| item.get("list_sk")).collect()
}

/// Reads an account with the status of its PIN, for every store that shows it.
pub(super) async fn account_with_pin(
    tables: &Tables,
    number: &AccountNumber,
) -> Result<Option<Account>, Error> {
    let attributes = union(&[&["pk", "sk"], account::ATTRIBUTES, pin::STATUS_ATTRIBUTES]);
    let [record, pin_item] = tables.get_each([Key::account(number), Key::pin(number)], &attributes).await?;
    let Some(record) = record.as_ref().map(AccountRecord::read).transpose()? else { return Ok(None) };
    let status = pin_item.as_ref().map(pin::status).transpose()?.unwrap_or_default();
    Ok(Some(record.account(status)))
}

/// Sorts after every time.
const AFTER_ALL_TIMES: &str = "~";
/// Open port-outs of an account that are listed: all that fit into one batch.
const MAX_OPEN_LISTED: usize = 100;

/// Reads the open port-outs of an account, the first to end first.
pub(super) async fn open_port_outs(
    tables: &Tables,
    number: &AccountNumber,
    now: Timestamp,
) -> Result<Vec<PortOut>, Error> {
    let (from, to) = (timestamp::millis(now), AFTER_ALL_TIMES.to_owned());
    let range = Range { from, to, newest_first: false, limit: MAX_OPEN_LISTED };
    let listed = tables.list(Index::Open, key::open_list(number), range).await?;
    let ids: Vec<PortOutId> =
        listed.iter().map(|item| key::listed_id(item, Index::Open)).collect::<Result<_, _>>()?;
    let mut found = port_outs(tables, &ids).await?;
    // The index is behind the table.
    found.retain(|port_out| port_out.is_open(now));
    found
        .sort_by_key(|port_out| (port_out.outcome.commitment().map(|it| it.hold_until), port_out.id.clone()));
    Ok(found)
}

/// Reads these port-outs, in no order; those that do not exist are left out.
pub(super) async fn port_outs(tables: &Tables, ids: &[PortOutId]) -> Result<Vec<PortOut>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let items = tables.batch_get(ids.iter().map(Key::port_out).collect(), port_out::ATTRIBUTES).await?;
    items.iter().map(|item| PortOutRecord::read(item).map(|record| record.port_out)).collect()
}
