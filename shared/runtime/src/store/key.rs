//! Keys of items: `pk` and `sk` of the table, `list_pk` and `list_sk` of its index.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use ring::digest;

use shared::account::AccountNumber;
use shared::port_out_id::{Pon, PortOutId};
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
        Self { pk: account_partition(account), sk: "ACCOUNT".into() }
    }

    pub fn attempts(account: &AccountNumber, spid: &Spid) -> Self {
        Self { pk: account_partition(account), sk: format!("ATTEMPTS#{spid}") }
    }

    /// Creates the key of an audit event in the given partition.
    pub fn event(partition: String, id: &uuid::Uuid) -> Self {
        Self { pk: partition, sk: format!("EVENT#{id}") }
    }

    pub fn webhook_source(id: &SourceId) -> Self {
        Self { pk: source_partition(id), sk: "WEBHOOK".into() }
    }

    /// Creates the key of a delivery from a hash of the sender's id, which may be of any length.
    pub fn delivery(source: &SourceId, id: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, id.as_bytes());
        let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { pk: source_partition(source), sk: format!("DELIVERY#{hex}") }
    }

    pub fn number(tn: &Tn) -> Self {
        Self { pk: format!("NUMBER#{tn}"), sk: "NUMBER".into() }
    }

    pub fn port_out(id: &PortOutId) -> Self {
        Self { pk: format!("PORTOUT#{id}"), sk: "PORTOUT".into() }
    }

    /// Creates the key of a PON; a SPID has four characters, so no two PONs share a key.
    pub fn pon(spid: &Spid, pon: &Pon) -> Self {
        Self { pk: format!("PON#{spid}#{}", pon.as_str()), sk: "PON".into() }
    }

    pub fn into_map(self) -> HashMap<String, AttributeValue> {
        let pk = ("pk".to_owned(), AttributeValue::S(self.pk));
        HashMap::from([pk, ("sk".to_owned(), AttributeValue::S(self.sk))])
    }
}

/// Returns the partition of an account, its counts and its events.
pub fn account_partition(account: &AccountNumber) -> String {
    format!("ACCOUNT#{account}")
}

/// Returns the partition of a webhook source, its deliveries and its events.
pub fn source_partition(id: &SourceId) -> String {
    format!("WEBHOOK#{id}")
}

/// Returns the index partition of an account's numbers; its sort key is the E.164 form.
pub fn numbers_list(account: &AccountNumber) -> String {
    format!("ACCOUNT#{account}#NUMBERS")
}

/// Returns the index partition of an account's port-outs; its sort key is the time received, then the id.
pub fn port_outs_list(account: &AccountNumber) -> String {
    format!("ACCOUNT#{account}#PORTOUTS")
}
