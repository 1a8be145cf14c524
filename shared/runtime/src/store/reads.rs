//! Reads that several stores share: each store's own verbs are named in its file.

use jiff::Timestamp;
use shared::account::{Account, AccountNumber};
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;
use shared::telephone_number::Tn;

use crate::error::Error;
use crate::store::item::Item;
use crate::store::key::{self, Index, Key};
use crate::store::records::account::{self, AccountRecord};
use crate::store::records::port_out::{self, PortOutRecord};
use crate::store::records::{pin, union};
use crate::store::tables::{Range, Tables};
use crate::timestamp;

/// Sort before and after every telephone number.
const BEFORE_ALL: &str = "+";
const AFTER_ALL: &str = "+~";

/// Reads an account without its PIN.
pub async fn account(tables: &Tables, number: &AccountNumber) -> Result<Option<AccountRecord>, Error> {
    let item = tables.get(Key::account(number), account::ATTRIBUTES).await?;
    item.as_ref().map(AccountRecord::read).transpose()
}

/// Reads up to `limit` numbers of an account after `after`, in order; eventually consistent.
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
    items.iter().map(|item| item.get("list_sk")).collect()
}

/// Reads an account with the status of its PIN.
pub async fn account_with_pin(tables: &Tables, number: &AccountNumber) -> Result<Option<Account>, Error> {
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
pub async fn open_port_outs(
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

/// Reads a port-out without its fingerprint.
pub async fn port_out(tables: &Tables, id: &PortOutId) -> Result<Option<PortOut>, Error> {
    let item = tables.get(Key::port_out(id), port_out::ATTRIBUTES).await?;
    item.as_ref().map(without_fingerprint).transpose()
}

/// Reads these port-outs, in no order; those that do not exist are left out.
pub async fn port_outs(tables: &Tables, ids: &[PortOutId]) -> Result<Vec<PortOut>, Error> {
    let items = tables.batch_get(ids.iter().map(Key::port_out).collect(), port_out::ATTRIBUTES).await?;
    items.iter().map(without_fingerprint).collect()
}

fn without_fingerprint(item: &Item) -> Result<PortOut, Error> {
    PortOutRecord::read(item).map(|record| record.port_out)
}
