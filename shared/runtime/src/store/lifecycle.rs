//! What `protect` may do: end port-outs, record ported numbers, switch port protection, and lock a PIN that is known to
//! others. It never sees a digest.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::account::{Account, AccountNumber};
use shared::actor::Actor;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;
use shared::snapshot::NumberRecord;
use shared::telephone_number::Tn;

use crate::error::Error;
use crate::store::audit_event::Event;
use crate::store::commit::Commit;
use crate::store::item::{number, string, time};
use crate::store::key::Key;
use crate::store::numbers;
use crate::store::reads;
use crate::store::records::account::PROTECTED;
use crate::store::records::{number as number_record, port_out};
use crate::store::tables::Tables;
use crate::store::write::Write;

/// Changes port-outs and protection.
#[derive(Clone)]
pub struct LifecycleStore(Tables);

/// Evidence for a change, which goes into its event and never changes.
pub type Evidence = Vec<(&'static str, AttributeValue)>;

/// Returns a text of an [`Evidence`].
pub fn evidence(text: &str) -> AttributeValue {
    string(text)
}

/// Returns a time of an [`Evidence`].
pub fn evidence_at(at: Timestamp) -> AttributeValue {
    time(at)
}

/// Numbers that were ported, of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ported {
    /// Account that owned them, if any did.
    pub owner: Option<AccountNumber>,
    /// The numbers.
    pub numbers: Vec<Tn>,
    /// Whether the port-out did not hold them when they were ported.
    pub unexpected: bool,
}

impl LifecycleStore {
    /// Creates a store on these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    /// Reads a port-out without its fingerprint.
    pub async fn port_out(&self, id: &PortOutId) -> Result<Option<PortOut>, Error> {
        reads::port_out(&self.0, id).await
    }

    /// Reads an account with the status of its PIN.
    pub async fn account(&self, number: &AccountNumber) -> Result<Option<Account>, Error> {
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

    /// Reads numbers.
    pub async fn numbers(&self, numbers: &[Tn]) -> Result<HashMap<Tn, NumberRecord>, Error> {
        let keys = numbers.iter().map(Key::number).collect();
        let items = self.0.batch_get(keys, number_record::ATTRIBUTES).await?;
        items.iter().map(number_record::read).collect()
    }

    /// Records that numbers were ported with a port-out, which is `after` that. They leave their accounts.
    pub async fn activate(
        &self,
        after: &PortOut,
        ported: &[Ported],
        at: Timestamp,
        completed: bool,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Commit<()>, Error> {
        let mut writes = vec![port_out::change(after)];
        for group in ported {
            writes.extend(
                group.numbers.iter().map(|tn| numbers::leave(tn, group.owner.as_ref(), &after.id, at, now)),
            );
            let event = Event::activated(after, group.owner.as_ref(), &group.numbers, at, group.unexpected);
            writes.push(event.write(actor, now)?);
        }
        if completed {
            writes.extend(Event::ended(after, now).map(|event| event.write(actor, now)).transpose()?);
        }
        self.0.commit(writes).await
    }

    /// Cancels a port-out, which is `after` that and was `before`, and frees what it held. `disclosed` is the account whose
    /// PIN is locked with it, because its owner did not authorize the port-out.
    pub async fn cancel(
        &self,
        before: &PortOut,
        after: &PortOut,
        disclosed: Option<&Account>,
        evidence: Evidence,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Commit<()>, Error> {
        let account = &before.account_number;
        let one = [("one", number(1))];
        let moved = "SET #decision_version = #decision_version + :one";
        let mut writes = vec![
            port_out::change(after),
            Write::update(Key::account(account), moved, "attribute_exists(#pk)", &one),
        ];
        writes.extend(numbers::free(&before.held, &before.id));
        if let Some(account) = disclosed {
            let version = account.pin.version;
            let values = [("now", time(now)), ("version", number(version))];
            let lock = "SET #pin_disclosed_at = :now";
            writes.push(Write::update(Key::pin(&account.number), lock, "#pin_version = :version", &values));
            writes.push(Event::pin_disclosed(&account.number, version).write(actor, now)?);
        }
        let event = Event::ended(after, now);
        let event =
            event.map(|event| evidence.into_iter().fold(event, |event, (name, it)| event.with(name, it)));
        writes.extend(event.map(|event| event.write(actor, now)).transpose()?);
        self.0.commit(writes).await
    }

    /// Switches port protection, unless anything that decisions rest on changed since the account was read.
    pub async fn switch_protection(
        &self,
        read: &Account,
        enabled: bool,
        evidence: Evidence,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Commit<()>, Error> {
        let values = [
            ("on", string(PROTECTED)),
            ("now", time(now)),
            ("actor", string(actor.as_str())),
            ("one", number(1)),
            ("read", number(read.decision_version)),
        ];
        let set = "SET #protection_at = :now, #protection_by = :actor, #decision_version = #decision_version + :one";
        let change = match enabled {
            true => format!("{set}, #protection = :on"),
            false => format!("{set} REMOVE #protection"),
        };
        let event = Event::protection(&read.number, enabled);
        let event = evidence.into_iter().fold(event, |event, (name, value)| event.with(name, value));
        let writes = vec![
            Write::update(Key::account(&read.number), change, "#decision_version = :read", &values),
            event.write(actor, now)?,
        ];
        self.0.commit(writes).await
    }
}
