//! The account with a tenth of all port-outs: what is asked about it, and the answers that must come.

use super::history::PORT_OUTS;
use super::pages::{self, PAGE, cancelled_view, held_until, seen_by_carrier, seen_by_owner};
use super::pattern::Pattern;
use super::plan::{LARGEST, Plan};
use super::store::PIN;
use super::{accounts, event_pages};
use crate::call::{self, Call, SPID};
use harness::lambda_host::LambdaHost;
use harness::tokens::Claims;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What is measured, in this order.
pub const OPERATIONS: [&str; 9] = [
    "largest account: port-outs, first page",
    "largest account: port-outs, a page in the middle",
    "largest account: open port-outs",
    "largest account: its carrier's port-outs",
    "largest account: look-up of a number",
    "largest account: events, first page",
    "largest account: events, from the middle",
    "largest account: port-out",
    "largest account: cancellation by its owner",
];

/// The account on a store, with the port-outs that were made since it was filled.
pub struct Largest {
    plan: Plan,
    pattern: Arc<Pattern>,
    /// The carrier's port-outs, the newest first.
    made: Vec<Made>,
    /// The port-out that stays open.
    open: Value,
    /// The account's events: a page from the first, and one from the middle with the event before it.
    events: [(Option<String>, Value); 2],
}

/// A port-out as its carrier sees it.
struct Made {
    view: Value,
    is_of_largest: bool,
}

impl Largest {
    /// Sets the account's PIN and makes a port-out that stays open.
    pub async fn new(
        plan: Plan,
        pattern: Arc<Pattern>,
        host: &LambdaHost,
        due: &str,
    ) -> Result<Self, String> {
        let (name, tn) = (name(), accounts::numbers(LARGEST).swap_remove(1));
        Call::set_pin(&name, PIN, 1).send(host, "set-pin").await?;
        let order = call::order("STAYS-OPEN", &name, PIN, &[tn], due);
        let (_, open) = Call::port_out(&order).exchange(host, "port-out").await?;
        let made = vec![Made { view: open.clone(), is_of_largest: true }];
        let events = [0, plan.largest_histories() / 2].map(|first| event_pages::from(&plan, &pattern, first));
        Ok(Self { plan, pattern, made, open, events })
    }

    /// Remembers a port-out of another account, which is on the carrier's list too.
    pub fn made_elsewhere(&mut self, view: Value) {
        self.made.insert(0, Made { view, is_of_largest: false });
    }

    /// Times each operation once.
    pub async fn time(
        &mut self,
        host: &LambdaHost,
        pon: &str,
        due: &str,
    ) -> Result<[Duration; OPERATIONS.len()], String> {
        let lists = self.lists(host).await?;
        let number = self.number().send(host, "status").await?;
        let events = self.read_events(host).await?;
        let writes = self.write(host, pon, due).await?;
        let times = [&lists[..], &[number], &events, &writes].concat();
        Ok(times.try_into().expect("a time for each operation"))
    }

    async fn lists(&self, host: &LambdaHost) -> Result<[Duration; 4], String> {
        let (owner, carrier) = (Claims::account(&name()), Claims::carrier(SPID));
        let path = format!("/v1/accounts/{}/port-outs", name());
        let (end, middle) = (self.plan.largest_histories(), self.plan.largest_histories() / 2);
        let [place, _] = self.plan.history(middle).places();
        let after = format!("{path}?cursor={}", pages::cursor("account", &place));
        let open = vec![seen_by_owner(&self.open)];
        Ok([
            pages::time(host, &path, &owner, "account", self.account_list(end, true)).await?,
            pages::time(host, &after, &owner, "account", self.account_list(middle, false)).await?,
            pages::time(host, &format!("{path}?status=confirmed"), &owner, "open", open).await?,
            pages::time(host, "/v1/port-outs", &carrier, "carrier", self.carrier_list()).await?,
        ])
    }

    async fn read_events(&self, host: &LambdaHost) -> Result<[Duration; 2], String> {
        let [first, middle] = self.events.each_ref().map(|(after, body)| {
            let after = after.as_ref().map_or(String::new(), |after| format!("?after={after}"));
            let path = format!("/v1/accounts/{}/events{after}", name());
            Call::read(&path, &Claims::account(&name()), Some(body.clone()))
        });
        Ok([first.send(host, "status").await?, middle.send(host, "status").await?])
    }

    /// Submits a port-out for the account, and has its owner cancel it.
    async fn write(&mut self, host: &LambdaHost, pon: &str, due: &str) -> Result<[Duration; 2], String> {
        let (name, tn) = (name(), accounts::numbers(LARGEST).swap_remove(0));
        let order = call::order(pon, &name, PIN, &[tn], due);
        let (submitted, confirmed) = Call::port_out(&order).exchange(host, "port-out").await?;
        let cancellation = Call::cancellation(&name, pages::text(&confirmed, "id"));
        let (cancelled, answer) = cancellation.exchange(host, "protect").await?;
        let view = cancelled_view(confirmed, pages::text(&answer, "updated_at"));
        let mut expected = view.clone();
        expected["carrier_must_be_told"] = false.into();
        pages::same("the cancellation", &answer, &expected)?;
        self.made.insert(0, Made { view, is_of_largest: true });
        Ok([submitted, cancelled])
    }

    /// Returns the look-up of the number that the open port-out holds.
    fn number(&self) -> Call {
        let tn = pages::text(&self.open["telephone_numbers"], "0");
        let body = json!({
            "telephone_number": tn,
            "account_number": name(),
            "held_by": self.open["id"],
            "held_until": held_until(&self.open),
            "ported_at": null,
            "last_port_out": self.open,
        });
        Call::read(&format!("/v1/telephone-numbers/{tn}"), &Claims::desk(), Some(body))
    }

    /// Returns what its owner sees: the port-outs made here, if wanted, and those of the histories before this one, the
    /// newest first. One more than a page tells whether there is a next one.
    fn account_list(&self, end: u64, made: bool) -> Vec<Value> {
        let made = self.made.iter().filter(|it| made && it.is_of_largest).map(|it| seen_by_owner(&it.view));
        made.chain(self.filled(end)).take(PAGE + 1).collect()
    }

    fn carrier_list(&self) -> Vec<Value> {
        let made = self.made.iter().map(|it| it.view.clone());
        let filled = self.filled(self.plan.histories()).map(seen_by_carrier);
        made.chain(filled).take(PAGE + 1).collect()
    }

    fn filled(&self, end: u64) -> impl Iterator<Item = Value> {
        (0..end).rev().flat_map(|serial| {
            let [confirmed, supplement] = self.pattern.views(&self.plan.history(serial));
            [supplement, confirmed]
        })
    }
}

fn name() -> String {
    accounts::name(LARGEST)
}

/// Returns the least number of accounts of a store whose largest one fills all the pages that are read.
pub const fn least_accounts() -> u64 {
    // Half of its events, three for two port-outs, must fill a page; a tenth of ten per account are its port-outs.
    (2 * PAGE as u64).div_ceil(3) * PORT_OUTS
}
