//! Pages of the largest account's events, made of the items that were filled in.

use super::billing::text;
use super::pages::PAGE;
use super::pattern::Pattern;
use super::plan::{LARGEST, Plan};
use dynoxide::types::{AttributeValue, Item};
use serde_json::{Value, json};

/// Returns the page of events from a history on, with the event before it, if there is one.
pub fn from(plan: &Plan, pattern: &Pattern, first: u64) -> (Option<String>, Value) {
    let of = |serial| sorted(pattern.events(&plan.history(serial)).to_vec());
    let before = first.checked_sub(1).and_then(|serial| of(serial).pop());
    let account = if first == 0 { sorted(pattern.account_events(LARGEST)) } else { Vec::new() };
    let all = account.into_iter().chain((first..plan.largest_histories()).flat_map(of));
    let page: Vec<_> = all.take(PAGE).map(|event| event_view(&event)).collect();
    let next_after = page.last().map(|event| event["id"].clone());
    (before.map(|event| text(&event, "sk").to_owned()), json!({"events": page, "next_after": next_after}))
}

fn sorted(mut events: Vec<Item>) -> Vec<Item> {
    events.sort_by(|one, other| text(one, "sk").cmp(text(other, "sk")));
    events
}

fn event_view(event: &Item) -> Value {
    let of = |name| text(event, name);
    let (id, kind, occurred_at, actor) = (of("sk"), of("type"), of("occurred_at"), of("actor"));
    json!({"id": id, "type": kind, "occurred_at": occurred_at, "actor": actor, "data": plain(&event["data"])})
}

fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => text.as_str().into(),
        AttributeValue::N(digits) => digits.parse().map(Value::Number).expect("a number"),
        AttributeValue::BOOL(value) => (*value).into(),
        AttributeValue::L(list) => list.iter().map(plain).collect(),
        AttributeValue::M(map) => map.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        other => panic!("an event holds no {other:?}"),
    }
}
