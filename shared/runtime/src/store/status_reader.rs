//! What `status` may do: read, and never a digest or a fingerprint.

use jiff::Timestamp;
use shared::account::{Account, AccountNumber};
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;
use shared::telephone_number::Tn;

use crate::error::Error;
use crate::store::key::Key;
use crate::store::reads;
use crate::store::records::account::AccountRecord;
use crate::store::records::number::{self, NumberDetails};
use crate::store::records::union;
use crate::store::tables::Tables;

/// Reads what responses show.
#[derive(Clone)]
pub struct StatusReader(Tables);

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
        reads::account(&self.0, account).await
    }

    /// Reads an account with the status of its PIN.
    pub async fn account_with_pin(&self, number: &AccountNumber) -> Result<Option<Account>, Error> {
        reads::account_with_pin(&self.0, number).await
    }

    /// Reads the open port-outs of an account, the first to end first.
    pub async fn open_port_outs(
        &self,
        number: &AccountNumber,
        now: Timestamp,
    ) -> Result<Vec<PortOut>, Error> {
        reads::open_port_outs(&self.0, number, now).await
    }

    /// Reads a number.
    pub async fn number(&self, tn: &Tn) -> Result<Option<NumberDetails>, Error> {
        let attributes = union(&[number::ATTRIBUTES, number::DETAILS]);
        let item = self.0.get(Key::number(tn), &attributes).await?;
        item.as_ref().map(NumberDetails::read).transpose()
    }

    /// Reads a port-out without its fingerprint.
    pub async fn port_out(&self, id: &PortOutId) -> Result<Option<PortOut>, Error> {
        reads::port_out(&self.0, id).await
    }

    /// Reads up to `limit` numbers of an account after `after`, in order; eventually consistent.
    pub async fn numbers(
        &self,
        account: &AccountNumber,
        after: Option<&Tn>,
        limit: usize,
    ) -> Result<Vec<Tn>, Error> {
        reads::numbers_of(&self.0, account, after, limit).await
    }
}
