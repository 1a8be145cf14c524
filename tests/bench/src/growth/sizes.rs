//! `bench growth --sizes`: what the functions store and write, in the bytes and units that DynamoDB bills.

use super::billing::{self, Items};
use super::store::{PIN, environment, new_key};
use super::{Options, accounts};
use dynoxide::types::Item;
use harness::stack::{Stack, order};
use serde_json::{Value, json};

const CARRIER: &str = "A123";

/// Does each operation once and prints what it read, wrote and logged.
pub async fn print(options: &Options) {
    let stack = environment(Stack::builder(), options, &new_key()).start().await;
    let name = accounts::name(0);
    let numbers: Vec<_> = (0..).flat_map(accounts::numbers).take(10).collect();
    let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
    let mut recorder = Recorder { stack: &stack, before: Items::new(), logs: 0 };
    account(&mut recorder, &name, &numbers).await;
    port_outs(&mut recorder, &name, &numbers).await;
}

async fn account(recorder: &mut Recorder<'_>, name: &str, numbers: &[&str]) {
    let stack = recorder.stack;
    let profile = json!({"country": "US", "zip_codes": ["98052"], "name": "An account of usual length"});
    stack.put_account(name, &profile).await.assert_status(201);
    recorder.print("create an account").await;
    stack.assign(name, numbers).await.assert_status(200);
    recorder.print("assign ten numbers").await;
    stack.set_pin(name, PIN).await.assert_status(201);
    recorder.print("set the PIN").await;
    stack.pin_status(name).await.assert_status(200);
    recorder.print("status of the PIN").await;
}

async fn port_outs(recorder: &mut Recorder<'_>, name: &str, numbers: &[&str]) {
    let stack = recorder.stack;
    let submit = async |pon: &str, pin: &str, numbers: &[&str], status: &str| {
        let body = stack.submit(CARRIER, &order(pon, name, pin, numbers)).await.assert_json(201);
        assert_eq!(body["status"], status, "{body}");
        body["id"].as_str().expect("an id").to_owned()
    };
    let id = submit("TX-100001", PIN, &numbers[..1], "confirmed").await;
    recorder.print("port-out of one number, confirmed").await;
    submit("TX-100002", PIN, &numbers[1..], "confirmed").await;
    recorder.print("port-out of nine numbers, confirmed").await;
    submit("TX-100003", "111111", &numbers[..1], "rejected").await;
    recorder.print("port-out of a held number, wrong PIN").await;
    submit("TX-100004", "111111", &numbers[..1], "rejected").await;
    recorder.print("one more wrong PIN").await;
    let token = stack.tokens().carrier(CARRIER);
    stack.get(&format!("/v1/port-outs/{id}"), &token).await.assert_status(200);
    recorder.print("show a port-out").await;
    for pon in ["TX-100005", "TX-100006", "TX-100007"] {
        submit(pon, "111111", &numbers[..1], "rejected").await;
    }
    recorder.skip().await;
    stack.submit(CARRIER, &order("TX-100008", name, "111111", &numbers[..1])).await.assert_status(429);
    recorder.print("a guess that has to wait").await;
}

/// What was printed before.
struct Recorder<'a> {
    stack: &'a Stack,
    before: Items,
    logs: usize,
}

impl Recorder<'_> {
    /// Leaves out what happened since the last time.
    async fn skip(&mut self) {
        self.stack.wire().take_calls();
        (self.before, self.logs) = (self.items().await, self.stack.logs().len());
    }

    async fn items(&self) -> Items {
        let scan = self.stack.scan().await;
        scan.iter().map(billing::item).map(|item| (key(&item), item)).collect()
    }

    async fn print(&mut self, operation: &str) {
        let items = self.items().await;
        println!("\n{operation}");
        for call in self.stack.wire().take_calls() {
            self.print_call(&call.operation, &call.body, &items);
        }
        for (key, item) in items.iter().filter(|(key, item)| self.before.get(key) != Some(item)) {
            let (bytes, stored) = (billing::bytes(item), billing::stored_bytes(item));
            println!("  item   {:<16} {bytes:>5} bytes billed, {stored:>5} stored", kind(key));
        }
        self.print_logs();
        self.before = items;
    }

    fn print_call(&self, operation: &str, body: &Value, after: &Items) {
        let writes: Vec<_> = body["TransactItems"].as_array().into_iter().flatten().collect();
        let units: usize = writes.iter().map(|write| self.units(write, after)).sum();
        if writes.is_empty() {
            println!("  call   {operation}");
        } else {
            println!("  call   {operation} of {}: {units} write units", writes.len());
        }
    }

    /// The larger of before and after counts.
    fn units(&self, write: &Value, after: &Items) -> usize {
        let (_, write) = write.as_object().and_then(|write| write.iter().next()).expect("a write");
        let part = |name: &str| {
            let part = if write["Key"].is_object() { &write["Key"] } else { &write["Item"] };
            part[name]["S"].as_str().unwrap_or_default().to_owned()
        };
        let key = (part("pk"), part("sk"));
        let unit = |items: &Items| billing::transaction_units(items.get(&key));
        unit(&self.before).max(unit(after))
    }

    fn print_logs(&mut self) {
        let logs = self.stack.logs();
        for line in logs.get(self.logs..).unwrap_or_default().lines() {
            let line = line.split_once(": ").map_or(line, |(_, line)| line);
            println!("  log    {:>5} bytes: {line}", line.len() + 1);
        }
        self.logs = logs.len();
    }
}

/// Returns the key of an item.
pub fn key(item: &Item) -> (String, String) {
    (billing::text(item, "pk").to_owned(), billing::text(item, "sk").to_owned())
}

fn kind((pk, sk): &(String, String)) -> &str {
    let kind = pk.split('#').next().unwrap_or_default();
    // The events of an account have its partition key, in a table of their own.
    if kind == "ACCOUNT" && sk != kind { "EVENT" } else { kind }
}
