//! Keys of items: `pk` and `sk` of the tables, and the keys of the indexes.
//!
//! Items that different functions may read or write have leading keys of their own, since IAM tells items apart by
//! those only.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use ring::digest;

use crate::error::Error;
use crate::store::item::Item;
use shared::account::AccountNumber;
use shared::port_out_id::{Pon, PortOutId, Requester};
use shared::spid::Spid;
use shared::telephone_number::Tn;
use shared::webhook_source::SourceId;

/// Primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    pub fn account(account: &AccountNumber) -> Self {
        Self::single("ACCOUNT", account)
    }

    pub fn pin(account: &AccountNumber) -> Self {
        Self::single("PIN", account)
    }

    pub fn attempts(account: &AccountNumber, requester: &Requester) -> Self {
        Self { pk: format!("ATTEMPTS#{account}"), sk: requester.to_string() }
    }

    pub fn webhook_source(id: &SourceId) -> Self {
        Self::single("SOURCE", id)
    }

    /// Creates the key of a delivery from a hash of the sender's id, which may be of any length.
    pub fn delivery(source: &SourceId, id: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, id.as_bytes());
        let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { pk: format!("DELIVERY#{source}"), sk: hex }
    }

    pub fn number(tn: &Tn) -> Self {
        Self::single("NUMBER", tn)
    }

    pub fn port_out(id: &PortOutId) -> Self {
        Self::single("PORTOUT", id)
    }

    /// Creates the key of a PON. No requester and no PON can contain the separator, so no two PONs share a key.
    pub fn pon(requester: &Requester, pon: &Pon) -> Self {
        Self { pk: format!("PON#{requester}#{}", pon.as_str()), sk: "PON".into() }
    }

    fn single(kind: &str, id: impl std::fmt::Display) -> Self {
        Self { pk: format!("{kind}#{id}"), sk: kind.to_owned() }
    }

    pub fn into_map(self) -> HashMap<String, AttributeValue> {
        let pk = ("pk".to_owned(), AttributeValue::S(self.pk));
        HashMap::from([pk, ("sk".to_owned(), AttributeValue::S(self.sk))])
    }
}

/// Partition of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Partition {
    /// Events of an account.
    Account(AccountNumber),
    /// Events of a webhook source.
    Source(SourceId),
    /// Events about requests of a carrier that name no account.
    Carrier(Spid),
}

impl Partition {
    /// Returns the partition key.
    pub fn key(&self) -> String {
        match self {
            Self::Account(account) => format!("ACCOUNT#{account}"),
            Self::Source(source) => format!("SOURCE#{source}"),
            Self::Carrier(spid) => format!("CARRIER#{spid}"),
        }
    }
}

/// An index of the state table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// Numbers and port-outs by account.
    Lists,
    /// Port-outs by carrier.
    Carriers,
    /// Port-outs that hold something, by account and the end of the hold.
    Open,
}

impl Index {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lists => "lists",
            Self::Carriers => "carriers",
            Self::Open => "open",
        }
    }

    /// Returns its partition key and sort key.
    pub fn keys(self) -> [&'static str; 2] {
        match self {
            Self::Lists => ["list_pk", "list_sk"],
            Self::Carriers => ["carrier_pk", "carrier_sk"],
            Self::Open => ["open_pk", "open_sk"],
        }
    }
}

/// Returns the partition of an account's numbers in [`Index::Lists`]; its sort key is the E.164 form.
pub fn numbers_list(account: &AccountNumber) -> String {
    format!("NUMBERS#{account}")
}

/// Returns the partition of an account's port-outs in [`Index::Lists`]; its sort key is the time entered, then the id.
pub fn port_outs_list(account: &AccountNumber) -> String {
    format!("PORTOUTS#{account}")
}

/// Returns the partition of a carrier's port-outs in [`Index::Carriers`]; its sort key is that of [`port_outs_list`].
pub fn carrier_list(spid: &Spid) -> String {
    format!("PORTOUTS#{spid}")
}

/// Returns the partition of an account's open port-outs in [`Index::Open`]; its sort key is the end of the hold, then
/// the id.
pub fn open_list(account: &AccountNumber) -> String {
    format!("OPEN#{account}")
}

/// Reads the id at the end of a sort key of an index.
pub fn listed_id(item: &Item, index: Index) -> Result<PortOutId, Error> {
    let [_, sort_key] = index.keys();
    let id = item.text(sort_key)?.rsplit('#').next().and_then(|id| id.parse().ok());
    id.ok_or(Error::corrupt(sort_key))
}
