//! What an event of the audit trail says in a sentence, and which events are wrong PINs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::api::answers::Event;
use crate::words;

/// Counts the wrong PINs by carrier, the most first.
pub fn wrong_pins(events: &[Event]) -> Vec<(String, u64)> {
    let mut counts = BTreeMap::<&str, u64>::new();
    for spid in
        events.iter().filter(|event| is_wrong_pin(event)).filter_map(|event| text(&event.data, "spid"))
    {
        let count = counts.entry(spid).or_default();
        *count = count.saturating_add(1);
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(spid, count)| (spid.to_owned(), count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// Returns whether a carrier sent a wrong PIN.
pub fn is_wrong_pin(event: &Event) -> bool {
    event.kind == "port_out.rejected" && reasons(&event.data).any(|code| code == "pin_invalid")
}

/// Returns what happened.
pub fn sentence(event: &Event) -> String {
    let data = &event.data;
    let (carrier, numbers) = (carrier(data), numbers(data));
    match event.kind.as_str() {
        "account.created" => "The account was created".to_owned(),
        "account.replaced" => "The account's record was changed".to_owned(),
        "telephone_number.assigned" => format!("Numbers were added: {numbers}"),
        "telephone_number.removed" => format!("Numbers were removed: {numbers}"),
        "pin.set" => "The PIN was set".to_owned(),
        "pin.changed" => "The PIN was changed".to_owned(),
        "pin.attempts_high" => format!("{} wrong PINs in a row", count(data)),
        "pin.locked" if text(data, "reason").is_some() => {
            "The PIN was locked, because a request was not authorized".to_owned()
        }
        "pin.locked" => format!("The PIN was locked after {} wrong PINs in a row", count(data)),
        "port_out.confirmed" => format!("Confirmed: {carrier} may move {numbers}{}", foc(data)),
        "port_out.rejected" => format!("Refused: {carrier} asked for {numbers} ({})", why(data)),
        "port_out.deferred" => format!("{carrier} has to wait{}", until(data)),
        "port_out.superseded" => format!("{carrier} replaced its request{}", order(data)),
        "port_out.cancelled" => format!("The request of {carrier} was cancelled{}", order(data)),
        "port_out.completed" => format!("The request of {carrier} is completed{}", order(data)),
        "port_out.activated" => format!("Moved to {carrier}: {numbers}"),
        "port_out.attempted_elsewhere" => {
            format!("{carrier} asked for {numbers} under another account number")
        }
        "port_protection.enabled" => "Port protection was switched on".to_owned(),
        "port_protection.disabled" => "Port protection was switched off".to_owned(),
        other => other.to_owned(),
    }
}

fn text<'a>(data: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    data.get(name).and_then(Value::as_str)
}

fn carrier(data: &Map<String, Value>) -> String {
    text(data, "spid").map_or_else(|| "a carrier".to_owned(), |spid| format!("carrier {spid}"))
}

fn count(data: &Map<String, Value>) -> u64 {
    data.get("consecutive_failures").and_then(Value::as_u64).unwrap_or_default()
}

fn numbers(data: &Map<String, Value>) -> String {
    let listed = data.get("telephone_numbers").and_then(Value::as_array);
    let all: Vec<_> = listed.into_iter().flatten().filter_map(Value::as_str).map(words::number).collect();
    if all.is_empty() { "numbers".to_owned() } else { all.join(", ") }
}

fn foc(data: &Map<String, Value>) -> String {
    let date = text(data, "foc_date").and_then(|date| date.parse().ok());
    date.map(|date| format!(" on {}", words::day(date))).unwrap_or_default()
}

fn until(data: &Map<String, Value>) -> String {
    let time = text(data, "until").and_then(|time| time.parse().ok());
    time.map(|time| format!(" until {}", words::time(time))).unwrap_or_default()
}

fn order(data: &Map<String, Value>) -> String {
    text(data, "pon").map(|pon| format!(" (order {pon})")).unwrap_or_default()
}

fn reasons(data: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let all = data.get("rejections").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(|reason| reason.get("code")?.as_str())
}

fn why(data: &Map<String, Value>) -> String {
    let mut all: Vec<_> = reasons(data).map(words::rejection).collect();
    all.dedup();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::store::audit_event::ACCOUNT_EVENTS;
    use serde_json::json;

    fn event(kind: &str, data: Value) -> Event {
        let occurred_at = "2026-11-23T18:29:50Z".parse().unwrap();
        Event {
            kind: kind.to_owned(),
            occurred_at,
            actor: "user:x".to_owned(),
            data: data.as_object().unwrap().clone(),
        }
    }

    #[test]
    fn every_type_of_event_has_a_sentence() {
        for kind in ACCOUNT_EVENTS {
            let sentence = sentence(&event(kind, json!({})));
            assert!(sentence != kind && sentence.contains(' '), "{sentence}");
        }
    }

    #[test]
    fn a_sentence_tells_who_asked_for_what_and_why_not() {
        let data = json!({"spid": "A123", "telephone_numbers": ["+12065550100"], "foc_date": "2026-11-30",
                          "rejections": [{"code": "pin_invalid"}, {"code": "tn_not_found"}, {"code": "tn_not_found"}]});
        for (kind, expected) in [
            ("port_out.confirmed", "Confirmed: carrier A123 may move (206) 555-0100 on Monday, Nov 30, 2026"),
            (
                "port_out.rejected",
                "Refused: carrier A123 asked for (206) 555-0100 (wrong PIN, a number is not on the account)",
            ),
        ] {
            assert_eq!(sentence(&event(kind, data.clone())), expected);
        }
    }

    #[test]
    fn wrong_pins_are_counted_by_carrier() {
        let rejected = |spid: &str, code: &str| {
            event("port_out.rejected", json!({"spid": spid, "rejections": [{"code": code}]}))
        };
        let events = [
            rejected("A123", "pin_invalid"),
            rejected("B456", "pin_invalid"),
            rejected("B456", "pin_invalid"),
            rejected("C789", "pin_missing"),
        ];
        assert_eq!(wrong_pins(&events), [("B456".to_owned(), 2), ("A123".to_owned(), 1)]);
    }
}
