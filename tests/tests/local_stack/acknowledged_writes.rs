//! Everything that the service acknowledged, and the requests that it did not answer: to be compared with
//! what it says after a restart.

use std::collections::{BTreeMap, BTreeSet};

use harness::client::Client;
use serde_json::{Value, json};

/// Promises and open questions, over all runs of one workspace.
#[derive(Default)]
pub struct AcknowledgedWrites {
    /// By account.
    pub pins: BTreeMap<String, Pins>,
    /// By account.
    pub numbers: BTreeMap<String, BTreeSet<String>>,
    /// By id.
    pub orders: BTreeMap<String, Order>,
    /// Answers received.
    pub answers: usize,
}

/// What was promised of an account's PIN.
#[derive(Default)]
pub struct Pins {
    /// The owner's token.
    pub token: String,
    /// PIN and answer of each version.
    pub set: BTreeMap<u64, (String, Value)>,
    /// PINs whose setting was not answered, since the version was read last.
    pub open: Vec<String>,
    /// One of these is the PIN, by the version that was read last.
    pub candidates: Vec<String>,
}

/// What was promised of a port-out.
pub struct Order {
    pub body: Value,
    /// The carrier's token.
    pub token: String,
    /// A later version was requested and not answered: this one may be confirmed or superseded.
    pub may_be_superseded: bool,
}

impl Order {
    /// Notes that a later version took its place at this time.
    pub fn supersede(&mut self, at: &Value) {
        self.body["status"] = json!("superseded");
        self.body["released_numbers"] = self.body["telephone_numbers"].clone();
        self.body["updated_at"] = at.clone();
    }
}

impl AcknowledgedWrites {
    /// Fails unless every promise is kept; learns what became of the open questions.
    pub async fn check(&mut self, client: &Client, operator: &str) {
        self.check_pins(client).await;
        self.check_numbers(client, operator).await;
        self.check_orders(client).await;
    }

    async fn check_pins(&mut self, client: &Client) {
        for (account, pins) in &mut self.pins {
            let state = read(client, &format!("/v1/accounts/{account}/port-out-pin"), &pins.token).await;
            let version = state["pin_version"].as_u64().unwrap();
            let nothing = (String::new(), Value::Null);
            let (last, (pin, promised)) =
                pins.set.last_key_value().map_or((0, &nothing), |(v, set)| (*v, set));
            let possible = last..=last + pins.open.len() as u64;
            assert!(possible.contains(&version), "{account}: version {version}, not one of {possible:?}");
            if version > last {
                pins.candidates = pins.open.clone();
            } else if version > 0 {
                for field in ["pin_set", "pin_version", "updated_at", "updated_by"] {
                    assert_eq!(state[field], promised[field], "{account}: {field}");
                }
                if !pin.is_empty() {
                    pins.candidates = vec![pin.clone()];
                }
            }
            pins.open.clear();
            // An unanswered write holds from now on; the ledger cannot know which PIN it set.
            pins.set.entry(version).or_insert_with(|| (String::new(), state));
        }
    }

    async fn check_numbers(&self, client: &Client, operator: &str) {
        for (account, promised) in &self.numbers {
            let path = format!("/v1/accounts/{account}/telephone-numbers?limit=1000");
            let page = read(client, &path, operator).await;
            assert_eq!(page["next_cursor"], json!(null), "one page is not enough");
            let listed: BTreeSet<_> =
                page["telephone_numbers"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
            let lost: Vec<_> = promised.iter().filter(|it| !listed.contains(it.as_str())).collect();
            assert!(lost.is_empty(), "{account}: assigned and not listed: {lost:?}");
        }
    }

    async fn check_orders(&mut self, client: &Client) {
        for (id, order) in &mut self.orders {
            let found = read(client, &format!("/v1/port-outs/{id}"), &order.token).await;
            if order.may_be_superseded && found["status"] == "superseded" {
                order.supersede(&found["updated_at"]);
            }
            order.may_be_superseded = false;
            assert_eq!(found, order.body, "the answer has changed");
        }
    }
}

async fn read(client: &Client, path: &str, token: &str) -> Value {
    client.call("GET", path).bearer(token).send().await.assert_json(200)
}
