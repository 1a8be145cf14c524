//! Lists of port-outs and the audit trail, page by page, against a model of what happened.

use std::collections::BTreeSet;

use harness::prelude::*;
use harness::random::Random;

use crate::contoso;

const ACCOUNTS: [(&str, usize); 2] = [(CONTOSO, 100), ("FABRIKAM", 200)];
const CARRIERS: [&str; 2] = ["A123", "B456"];
const STATUSES: [&str; 6] = ["confirmed", "rejected", "superseded", "cancelled", "completed", "expired"];
/// Numbers of each account.
const NUMBERS: usize = 6;
/// Port-outs that are submitted, two of each PON.
const SUBMITTED: usize = 70;
const LIMIT: usize = 4;

/// A query of a list, as name and value.
type Query = Vec<(&'static str, String)>;

/// Submits port-outs, each in a second of its own, and ends some of them. Returns their ids, the newest first.
async fn random_port_outs(stack: &Stack, random: &mut Random) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..SUBMITTED {
        stack.pass(SignedDuration::from_hours(i64::try_from(random.below(40)).unwrap()));
        let (account, first) = *random.pick(&ACCOUNTS);
        let number = if random.below(5) == 0 { tn(999) } else { tn(first + random.below(NUMBERS)) };
        let order = order(&format!("TX-{}", n / 2), account, PIN, &[&number]);
        // The same carrier's second version may be on another account, which is refused.
        let carrier = *random.pick(&CARRIERS);
        let answer = stack.submit(carrier, &version(order, 1 + n % 2)).await;
        if answer.status == 201 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            stack.pass(SignedDuration::from_secs(1));
            end(stack, random, account, &id, &number).await;
            ids.push(id);
        }
        stack.pass(SignedDuration::from_secs(1));
    }
    ids.reverse();
    ids
}

/// Ends a port-out, if it is open, in one of the ways that there are, or leaves it.
async fn end(stack: &Stack, random: &mut Random, account: &str, id: &str, number: &str) {
    let answer = match random.below(6) {
        0 => stack.cancel(account, id, "changed_mind").await,
        1 => stack.release(id, "carrier").await,
        2 => {
            let answer = stack.activate(id, &[number]).await;
            stack.assign(account, &[number]).await;
            answer
        }
        _ => return,
    };
    assert!([200, 409].contains(&answer.status), "{answer:?}");
}

/// Fails unless the pages of a list are these entries, once each, and no page is too long.
async fn assert_pages(
    stack: &Stack,
    claims: &Claims,
    path: &str,
    query: &Query,
    expected: &[String],
    sorted: bool,
) {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut url = format!("{path}?limit={LIMIT}");
        for (name, value) in query {
            url += &format!("&{name}={}", value.replace('+', "%2B"));
        }
        url += &cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = stack.get(&url, claims).await.assert_json(200);
        let entries = page["port_outs"].as_array().unwrap();
        assert!(entries.len() <= LIMIT, "{page}");
        found.extend(entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    if !sorted {
        assert_eq!(found.len(), expected.len(), "{path} {query:?}");
        let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(set(&found), set(expected), "{path} {query:?}");
        return;
    }
    assert_eq!(found, expected, "{path} {query:?}");
}

/// Returns whether a port-out passes the filters.
fn passes(port_out: &Value, query: &Query) -> bool {
    query.iter().all(|(name, value)| match *name {
        "telephone_number" => port_out["telephone_numbers"].as_array().unwrap().contains(&json!(value)),
        "received_from" => port_out["received_at"].as_str().unwrap() >= value.as_str(),
        "received_to" => port_out["received_at"].as_str().unwrap() <= value.as_str(),
        name => port_out[name] == value.as_str(),
    })
}

/// Returns random filters, with values of one of the port-outs.
fn random_query(random: &mut Random, all: &[Value]) -> Query {
    let one = random.pick(all).clone();
    let text = |name: &str| one[name].as_str().unwrap().to_owned();
    let mut query = Query::new();
    if random.below(2) == 0 {
        query.push(("status", (*random.pick(&STATUSES)).to_owned()));
    }
    if random.below(3) == 0 {
        query.push(("telephone_number", one["telephone_numbers"][0].as_str().unwrap().to_owned()));
    }
    if random.below(3) == 0 {
        query.push(("pon", text("pon")));
    }
    if random.below(3) == 0 {
        query.push(("spid", text("spid")));
    }
    if random.below(3) == 0 {
        query.push(("received_from", text("received_at")));
    }
    if random.below(3) == 0 {
        query.push(("received_to", random.pick(all)["received_at"].as_str().unwrap().to_owned()));
    }
    query
}

#[tokio::test]
async fn lists_show_what_their_filters_say_the_newest_first_and_each_once() {
    let mut random = Random::stream(12);
    let fixture = ACCOUNTS.iter().fold(Fixture::new(), |fixture, (account, first)| {
        fixture.account(account).pin(PIN).numbers(&tns(*first, NUMBERS))
    });
    let stack = fixture.start().await;
    let ids = random_port_outs(&stack, &mut random).await;
    let mut all = Vec::new();
    for id in &ids {
        all.push(stack.desk("GET", &format!("/v1/port-outs/{id}")).send().await.assert_json(200));
    }
    for status in STATUSES {
        assert!(all.iter().any(|port_out| port_out["status"] == status), "no port-out is {status}");
    }
    let mut queries = vec![Query::new()];
    queries.extend(STATUSES.map(|status| vec![("status", status.to_owned())]));
    queries.extend((0..30).map(|_| random_query(&mut random, &all)));
    for query in &queries {
        let chosen = |whose: &str, value: &str| -> Vec<String> {
            let of = all.iter().filter(|it| it[whose] == value && passes(it, query));
            of.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
        };
        // Open ones are sorted by the end of their hold.
        let newest_first = !query.contains(&("status", "confirmed".to_owned()));
        for (account, _) in ACCOUNTS {
            let expected = chosen("account_number", account);
            let path = format!("/v1/accounts/{account}/port-outs");
            assert_pages(&stack, &Claims::account(account), &path, query, &expected, newest_first).await;
            let mut of_desk = query.clone();
            of_desk.push(("account_number", account.to_owned()));
            assert_pages(&stack, &Claims::desk(), "/v1/port-outs", &of_desk, &expected, newest_first).await;
        }
        for spid in CARRIERS {
            let expected = chosen("spid", spid);
            assert_pages(&stack, &Claims::carrier(spid), "/v1/port-outs", query, &expected, true).await;
        }
    }
}

/// Reads the events after one, page by page, as a consumer does; returns their types and the last id.
async fn poll(stack: &Stack, after: &mut Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let after_it = after.as_ref().map(|after| format!("&after={after}")).unwrap_or_default();
        let url = format!("/v1/accounts/CONTOSO/events?limit=2{after_it}");
        let page = stack.get(&url, &Claims::account(CONTOSO)).await.assert_json(200);
        let events = page["events"].as_array().unwrap();
        if events.is_empty() {
            return found;
        }
        found.extend(events.iter().map(|event| event["type"].as_str().unwrap().to_owned()));
        *after = page["next_after"].as_str().map(str::to_owned);
    }
}

#[tokio::test]
async fn a_consumer_that_polls_events_misses_none_and_sees_none_twice_while_a_write_takes_long() {
    const SETTLED: SignedDuration = SignedDuration::from_secs(20);
    let stack = contoso(&[TN, "+12065550101"]).await;
    stack.pass(SETTLED + SignedDuration::from_millis(1));
    let mut after = None;
    assert_eq!(poll(&stack, &mut after).await.len(), 3, "the account, its numbers, and its PIN");
    // One write begins first and ends last.
    let gate = stack.wire().hold("TransactWriteItems");
    let slow = tokio::spawn(stack.submission("A123", &usual("TX-1", PIN)).send());
    gate.wait(1).await;
    stack.pass(SignedDuration::from_secs(1));
    // Another carrier's, so that neither write rests on what the other changes, and either may come first.
    let quick = order("TX-2", CONTOSO, WRONG_PIN, &["+12065550101"]);
    let quick = tokio::spawn(stack.submission("B456", &quick).send());
    gate.wait(2).await;
    stack.pass(SETTLED - SignedDuration::from_secs(1));
    assert_eq!(poll(&stack, &mut after).await, [""; 0], "neither is settled");
    gate.release();
    slow.await.unwrap().assert_status(201);
    quick.await.unwrap().assert_status(201);
    stack.pass(SignedDuration::from_millis(1));
    assert_eq!(poll(&stack, &mut after).await, ["port_out.confirmed"]);
    assert_eq!(poll(&stack, &mut after).await, [""; 0]);
    stack.pass(SETTLED);
    assert_eq!(poll(&stack, &mut after).await, ["port_out.rejected"]);
    assert_eq!(poll(&stack, &mut after).await, [""; 0]);
    let only = "/v1/accounts/CONTOSO/events?type=port_out.rejected";
    let only = stack.get(only, &Claims::desk()).await.assert_json(200);
    assert_eq!(only["events"].as_array().unwrap().len(), 1);
    assert_eq!(only["events"][0]["data"]["rejections"][0]["code"], "pin_invalid");
}
