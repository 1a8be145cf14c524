//! What `status` may do: read, and never a digest or a fingerprint.

use super::item::Item;
use super::key::{self, Key};
use super::records::{ACCOUNT_ATTRIBUTES, AccountRecord, ORDER_ATTRIBUTES, OrderRecord};
use super::table::Table;
use crate::rules::account::AccountNumber;
use crate::rules::order::OrderId;
use crate::rules::port_out::PortOut;
use crate::rules::tn::Tn;
use crate::trouble::Trouble;

/// Reads for answers.
#[derive(Clone)]
pub struct StatusReader(Table);

/// Sorts before every telephone number.
const BEFORE_ALL: &str = "+";

impl StatusReader {
    /// A reader of this table.
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// An account, without its digest.
    pub async fn account(&self, account: &AccountNumber) -> Result<Option<AccountRecord>, Trouble> {
        let item = self.0.get(Key::account(account), ACCOUNT_ATTRIBUTES).await?;
        item.as_ref().map(AccountRecord::read).transpose()
    }

    /// A port-out, without its fingerprint.
    pub async fn port_out(&self, id: &OrderId) -> Result<Option<PortOut>, Trouble> {
        let item = self.0.get(Key::port_out(id), ORDER_ATTRIBUTES).await?;
        item.as_ref().map(|item| OrderRecord::read(item).map(|record| record.port_out)).transpose()
    }

    /// Up to `limit` numbers of an account after `after`, in order. Eventually consistent.
    pub async fn numbers(
        &self,
        account: &AccountNumber,
        after: Option<&Tn>,
        limit: usize,
    ) -> Result<Vec<Tn>, Trouble> {
        numbers_of(&self.0, account, after, limit).await
    }
}

/// The one query for an account's numbers.
pub async fn numbers_of(
    table: &Table,
    account: &AccountNumber,
    after: Option<&Tn>,
    limit: usize,
) -> Result<Vec<Tn>, Trouble> {
    let after = after.map_or(BEFORE_ALL.to_owned(), Tn::to_string);
    let items = table.list(key::numbers_list(account), &after, limit).await?;
    items.iter().map(|item: &Item| item.get("list_sk")).collect()
}
