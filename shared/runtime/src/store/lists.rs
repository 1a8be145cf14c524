//! Reads lists of port-outs and the audit trail, page by page: what `status` shows of an account or a carrier.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use shared::account::AccountNumber;
use shared::port_out::PortOut;
use shared::port_out_id::PortOutId;
use shared::spid::Spid;

use crate::error::Error;
use crate::store::item::Item;
use crate::store::key::{self, Index, Partition};
use crate::store::reads;
use crate::store::status_reader::StatusReader;
use crate::store::tables::Range;
use crate::timestamp;

/// Most port-outs or events that are looked at for one page.
pub const MAX_EXAMINED: usize = 200;

/// How old an event is before it is shown: longer than any write lasts, so that none appears before one that was shown.
pub const EVENTS_SETTLE: SignedDuration = SignedDuration::from_secs(20);

/// Attributes of an event besides its partition.
const EVENT_ATTRIBUTES: &[&str] = &["sk", "type", "occurred_at", "actor", "data"];

/// A list of port-outs.
#[derive(Debug, Clone)]
pub enum PortOutList {
    /// All of an account, the newest first.
    Account(AccountNumber),
    /// The open ones of an account, the last to end first.
    Open(AccountNumber),
    /// All of a carrier, the newest first.
    Carrier(Spid),
}

impl PortOutList {
    fn index(&self) -> Index {
        match self {
            Self::Account(_) => Index::Lists,
            Self::Open(_) => Index::Open,
            Self::Carrier(_) => Index::Carriers,
        }
    }

    fn partition(&self) -> String {
        match self {
            Self::Account(account) => key::port_outs_list(account),
            Self::Open(account) => key::open_list(account),
            Self::Carrier(spid) => key::carrier_list(spid),
        }
    }
}

/// A port-out with its place in a list.
#[derive(Debug)]
pub struct Listed {
    /// Sort key in the list: a page that begins after it does not repeat it.
    pub place: String,
    /// The port-out.
    pub port_out: PortOut,
}

/// Times between which the entries of a list were entered, or end for the open ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct Between {
    /// First instant.
    pub from: Option<Timestamp>,
    /// Last instant.
    pub to: Option<Timestamp>,
}

/// An event as it is shown.
#[derive(Debug)]
pub struct ShownEvent {
    /// Id; events sort by it in the order of time.
    pub id: String,
    /// Type.
    pub kind: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Who caused it.
    pub actor: String,
    /// What happened.
    pub data: Map<String, Value>,
}

/// Sorts after every time and id.
const LAST: &str = "~";

impl StatusReader {
    /// Reads up to `count` entries of a list before the place `before`; eventually consistent.
    pub async fn port_out_list(
        &self,
        list: &PortOutList,
        before: Option<&str>,
        between: Between,
        count: usize,
    ) -> Result<Vec<Listed>, Error> {
        let index = list.index();
        let from = between.from.map_or(String::new(), timestamp::millis);
        let to = between.to.map_or(LAST.to_owned(), |to| format!("{}{LAST}", timestamp::millis(to)));
        let to = before.map_or(to.clone(), |before| to.min(before.to_owned()));
        // One more, because the range ends with the entry that the page begins after.
        let range = Range { from, to, newest_first: true, limit: count.saturating_add(1) };
        let [_, sort_key] = index.keys();
        let items = self.tables().list(index, list.partition(), range).await?;
        let mut places: Vec<(String, PortOutId)> = Vec::new();
        for item in &items {
            let place = item.text(sort_key)?;
            if Some(place) != before {
                places.push((place.to_owned(), key::listed_id(item, index)?));
            }
        }
        places.truncate(count);
        self.listed(places).await
    }

    async fn listed(&self, places: Vec<(String, PortOutId)>) -> Result<Vec<Listed>, Error> {
        let ids: Vec<_> = places.iter().map(|(_, id)| id.clone()).collect();
        let mut found = reads::port_outs(self.tables(), &ids).await?;
        let mut listed = Vec::new();
        for (place, id) in places {
            if let Some(at) = found.iter().position(|port_out| port_out.id == id) {
                listed.push(Listed { place, port_out: found.swap_remove(at) });
            }
        }
        Ok(listed)
    }

    /// Reads up to `count` events of an account after the id `after`, the oldest first. Events that may still be
    /// overtaken are left out.
    pub async fn events(
        &self,
        account: &AccountNumber,
        after: Option<&str>,
        count: usize,
        now: Timestamp,
    ) -> Result<Vec<ShownEvent>, Error> {
        let settled = now.checked_sub(EVENTS_SETTLE).unwrap_or(Timestamp::MIN);
        // Nothing sorts between an id and the same with a space behind it.
        let from = after.map_or(String::new(), |after| format!("{after} "));
        let to = first_event_id(settled);
        if from > to {
            return Ok(Vec::new());
        }
        let range = Range { from, to, newest_first: false, limit: count };
        let partition = Partition::Account(account.clone());
        let items = self.tables().events(&partition, range, EVENT_ATTRIBUTES).await?;
        items.iter().map(event).collect()
    }
}

/// Returns a text that sorts after every event before this time and before every later one.
fn first_event_id(at: Timestamp) -> String {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    format!("{:08x}-{:04x}", millis.checked_shr(16).unwrap_or(0), millis & 0xffff)
}

fn event(item: &Item) -> Result<ShownEvent, Error> {
    let data = item.optional_map("data")?.ok_or(Error::corrupt("data"))?;
    let fields = data.into_map().into_iter().map(|(name, value)| Ok((name, json(value)?)));
    Ok(ShownEvent {
        id: item.text("sk")?.to_owned(),
        kind: item.text("type")?.to_owned(),
        occurred_at: item.get("occurred_at")?,
        actor: item.text("actor")?.to_owned(),
        data: fields.collect::<Result<_, Error>>()?,
    })
}

fn json(value: AttributeValue) -> Result<Value, Error> {
    let corrupt = || Error::corrupt("data");
    if let AttributeValue::S(text) = value {
        Ok(Value::String(text))
    } else if let AttributeValue::N(digits) = value {
        digits.parse().map(Value::Number).map_err(|_| corrupt())
    } else if let AttributeValue::Bool(value) = value {
        Ok(Value::Bool(value))
    } else if let AttributeValue::L(values) = value {
        values.into_iter().map(json).collect::<Result<_, _>>().map(Value::Array)
    } else if let AttributeValue::M(fields) = value {
        let fields = fields.into_iter().map(|(name, value)| Ok((name, json(value)?)));
        fields.collect::<Result<_, Error>>().map(Value::Object)
    } else {
        Err(corrupt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_sorts_before_the_first_id_of_the_next_millisecond() {
        let at: Timestamp = "2026-11-23T16:04:05.678Z".parse().unwrap();
        let millis = u64::try_from(at.as_millisecond()).unwrap();
        for random in [[0; 10], [255; 10]] {
            let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string();
            assert!(id > first_event_id(at), "{id}");
            assert!(id < first_event_id(at + SignedDuration::from_millis(1)), "{id}");
        }
    }
}
