//! What ends a port-out, against everything else that ends it or takes its number, at the same moment on several processes.

use harness::clients::bandwidth::{SOURCE, ValidationRequest};
use harness::prelude::*;
use harness::records::maybe_text;

use crate::concurrent::{crowded, send_all};

/// What happens to a confirmed port-out of carrier `A123`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Its carrier requests the number under another PON.
    TakeOver,
    /// Its carrier cancels it.
    Supplement,
    /// Its owner cancels it.
    Cancellation,
    /// The porting desk releases it.
    Release,
    /// The porting desk records its number as ported.
    Activation,
    /// Another carrier requests the number.
    OtherCarrier,
    /// Its carrier sends the request again.
    Replay,
}

use Move::{Activation, Cancellation, OtherCarrier, Release, Replay, Supplement, TakeOver};

const MOVES: [Move; 7] = [TakeOver, Supplement, Cancellation, Release, Activation, OtherCarrier, Replay];

/// A confirmed port-out of one number.
struct Held {
    pon: String,
    id: String,
    tn: String,
}

impl Held {
    async fn confirm(stack: &Stack, round: usize) -> Self {
        let (pon, tn) = (format!("TX-{round}"), tn(round));
        let answer = stack.submit("A123", &order(&pon, CONTOSO, PIN, &[&tn])).await.assert_json(201);
        assert_eq!(answer["status"], "confirmed");
        Self { id: answer["id"].as_str().unwrap().to_owned(), pon, tn }
    }

    fn call(&self, stack: &Stack, what: Move) -> CallBuilder {
        let of_port_out = |what: &str| format!("/v1/port-outs/{}/{what}", self.id);
        match what {
            TakeOver => {
                stack.submission("A123", &order(&format!("{}-AGAIN", self.pon), CONTOSO, PIN, &[&self.tn]))
            }
            Supplement => {
                let pon = &self.pon;
                let body =
                    json!({"pon": pon, "version": "02", "account_number": CONTOSO, "supplement": "cancel"});
                stack.submission("A123", &body)
            }
            Cancellation => {
                let call = stack.call("POST", &of_port_out("cancellation")).by(&Claims::account(CONTOSO));
                call.json(&json!({"statement": "changed_mind", "name": "Ada Admin"}))
            }
            Release => {
                let obtained_at = jiff::Timestamp::now().to_string();
                let body = json!({"authority": "carrier", "reference": "LTR-7", "obtained_at": obtained_at});
                stack.desk("POST", &of_port_out("release")).json(&body)
            }
            Activation => {
                let body = json!({"telephone_numbers": [self.tn]});
                stack.desk("POST", &of_port_out("activations")).json(&body)
            }
            OtherCarrier => stack.submission("B456", &order(&self.pon, CONTOSO, PIN, &[&self.tn])),
            Replay => stack.submission("A123", &order(&self.pon, CONTOSO, PIN, &[&self.tn])),
        }
    }
}

/// Returns whether a call did what it was sent for; fails if it got an answer that it cannot get.
#[track_caller]
fn succeeded(what: Move, answer: &Answer) -> bool {
    let body = answer.json();
    match what {
        TakeOver | OtherCarrier => {
            answer.assert_json(201);
            let refused = rejection_codes(&body);
            assert!(
                ["", "pending_port", "tn_not_found"].contains(&refused.join(" ").as_str()),
                "{what:?}: {body}"
            );
            body["status"] == "confirmed"
        }
        Supplement if answer.status == 201 => {
            assert_eq!(body["status"], "cancelled", "{body}");
            true
        }
        Replay => {
            // Whatever became of it: the request is not decided again.
            answer.assert_json(200);
            false
        }
        Activation if answer.status == 409 => {
            answer.assert_problem(409, "number_held");
            false
        }
        Supplement | Cancellation | Release if answer.status == 409 => {
            answer.assert_problem(409, "port_out_not_open");
            false
        }
        Supplement | Cancellation | Release | Activation => {
            answer.assert_json(200);
            true
        }
    }
}

/// Fails unless what became of a port-out and its number is what both callers were told.
async fn assert_told(stack: &Stack, held: &Held, told: [(Move, bool); 2]) {
    let done = |what| told.contains(&(what, true));
    let shown = stack.port_out("A123", &held.id).await.assert_json(200);
    let by = [(Supplement, "carrier"), (Cancellation, "owner"), (Release, "desk")];
    let cancelled: Vec<_> = by.into_iter().filter(|(what, _)| done(*what)).map(|(_, by)| by).collect();
    assert!(cancelled.len() < 2, "both ended it: {told:?}");
    assert_eq!(shown["cancellation"]["by"].as_str(), cancelled.first().copied(), "{told:?}: {shown}");
    let ended = told.iter().any(|(what, done)| *done && *what != OtherCarrier);
    assert_eq!(shown["status"] == "confirmed", !ended, "{told:?}: {shown}");
    assert_eq!(shown["ported_numbers"] == json!([held.tn]), done(Activation), "{told:?}: {shown}");
    assert!(!(done(Activation) && (done(TakeOver) || done(OtherCarrier))), "ported and held: {told:?}");
    let records = stack.records().await;
    records.check();
    let holder = records.held_by(&held.tn);
    assert_eq!(holder.is_some(), !ended || done(TakeOver) || done(OtherCarrier), "{told:?}: {holder:?}");
    let number = records.numbers.iter().find(|item| maybe_text(item, "telephone_number") == Some(&held.tn));
    let owner = number.and_then(|item| maybe_text(item, "account_number"));
    assert_eq!(owner.is_none(), done(Activation), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_ends_a_port_out_beside_something_else_at_once_is_told_as_it_was_recorded() {
    let pairs =
        MOVES.iter().enumerate().flat_map(|(n, one)| MOVES[n..].iter().map(move |other| [*one, *other]));
    let pairs: Vec<_> =
        pairs.filter(|[one, other]| one != other || ![Activation, Replay].contains(one)).collect();
    let stack = crowded(3, &tns(0, pairs.len())).await;
    for (round, pair) in pairs.into_iter().enumerate() {
        let held = Held::confirm(&stack, round).await;
        let mut order = pair;
        if round % 2 == 1 {
            order.reverse();
        }
        let answers = send_all(order.map(|what| held.call(&stack, what)).into()).await;
        let [one, other] = answers.as_slice() else { panic!("two answers") };
        if pair[0] == pair[1] {
            assert_same_twice(&stack, pair[0], one, other).await;
            continue;
        }
        let told = [(order[0], succeeded(order[0], one)), (order[1], succeeded(order[1], other))];
        assert_told(&stack, &held, told).await;
    }
}

/// Fails unless the same, twice at once, happened once.
async fn assert_same_twice(stack: &Stack, what: Move, one: &Answer, other: &Answer) {
    let statuses = [one.status.min(other.status), one.status.max(other.status)];
    let expected = match what {
        TakeOver | OtherCarrier | Supplement => [200, 201],
        _ => [200, 409],
    };
    assert_eq!(statuses, expected, "{what:?}: {} {}", one.text(), other.text());
    stack.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn protection_and_a_port_out_at_once_leave_it_confirmed_before_or_rejected_after() {
    const ROUNDS: usize = 20;
    let stack = crowded(3, &tns(0, ROUNDS)).await;
    for round in 0..ROUNDS {
        let path = format!("/v1/accounts/{CONTOSO}/port-protection");
        let switch = |enabled: bool| {
            let call = stack.call("PUT", &path).by(&Claims::account(CONTOSO));
            call.json(&json!({"enabled": enabled}))
        };
        let submission = stack.submission("A123", &order(&format!("TX-{round}"), CONTOSO, PIN, &[tn(round)]));
        let mut answers = if round % 2 == 0 {
            send_all(vec![switch(true), submission]).await
        } else {
            let mut answers = send_all(vec![submission, switch(true)]).await;
            answers.reverse();
            answers
        };
        let (port_out, protection) = (answers.remove(1).assert_json(201), answers.remove(0).assert_json(200));
        let open = protection["open_port_outs"].as_array().unwrap();
        let listed = open.iter().any(|it| it["id"] == port_out["id"]);
        if port_out["status"] == "confirmed" {
            assert!(listed, "confirmed after protection was on: {port_out} {protection}");
        } else {
            assert_eq!((rejection_codes(&port_out), listed), (vec!["port_protection_on"], false));
        }
        switch(false).send().await.assert_status(200);
    }
    stack.records().await.check();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_out_that_was_not_authorized_is_not_approved_again_by_a_replay_at_once() {
    const ROUNDS: usize = 8;
    let fixture = Fixture::contoso().numbers(&tns(0, ROUNDS)).source(SOURCE, "bandwidth", "A123");
    let stack = fixture.processes(3).start().await;
    for round in 0..ROUNDS {
        let pin = format!("{}", 482_913 + round * 104_729);
        stack.set_pin(CONTOSO, &pin).await.assert_status(200);
        let number = tn(round);
        let asked = ValidationRequest::usual(&format!("TX-{round}")).pin(&pin).numbers(&[&number]);
        let approved = stack.validate(&asked).await;
        assert!(approved.text().contains("<Portable>true</Portable>"), "{}", approved.text());
        let id = stack.records().await.held_by(&number).expect("held");
        let cancellation = stack.call("POST", &format!("/v1/port-outs/{id}/cancellation"));
        let body = json!({"statement": "not_authorized", "name": "Ada Admin"});
        let cancellation = cancellation.by(&Claims::account(CONTOSO)).json(&body);
        let replay = stack.bandwidth(SOURCE).header("authorization", &stack.credentials());
        let answers = send_all(vec![cancellation, replay.body("application/xml", asked.xml())]).await;
        answers[0].assert_json(200);
        let said = answers[1].text();
        assert!(said.contains("<Portable>true</Portable>") || said.contains("<Code>7513</Code>"), "{said}");
        let after = stack.validate(&asked).await.text();
        assert!(after.contains("<Code>7513</Code>"), "{after}");
        let records = stack.records().await;
        assert_eq!(records.held_by(&number), None);
        records.check();
        stack.assert_pin(CONTOSO, false, &["pin_locked"], 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_is_sent_again_while_its_port_out_is_cancelled_is_told_what_became_of_it() {
    const ROUNDS: usize = 8;
    let fixture = Fixture::contoso().numbers(&tns(0, ROUNDS)).source("acme", "standard-webhooks", "A123");
    let stack = fixture.processes(3).start().await;
    let sender = stack.sender("acme");
    for round in 0..ROUNDS {
        let order = order(&format!("TX-{round}"), CONTOSO, PIN, &[tn(round)]);
        let delivery = sender.sign(&format!("msg-{round}"), jiff::Timestamp::now(), &order);
        let id = stack.deliver(&delivery).await.assert_json(201)["id"].as_str().unwrap().to_owned();
        let (cancelled, again) =
            tokio::join!(stack.cancel(CONTOSO, &id, "changed_mind"), stack.deliver(&delivery));
        assert_eq!(cancelled.assert_json(200)["status"], "cancelled");
        let again = again.assert_json(200);
        assert!([json!("confirmed"), json!("cancelled")].contains(&again["status"]), "{again}");
        assert_eq!(stack.deliver(&delivery).await.assert_json(200)["status"], "cancelled");
        assert_eq!(stack.records().await.held_by(&tn(round)), None);
    }
    stack.records().await.check();
}
