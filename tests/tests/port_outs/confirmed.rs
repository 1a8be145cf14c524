//! A lawful port-out is confirmed, holds its numbers, and is shown to those whom it concerns.

use crate::answers::{
    PIN, assert_bad_field, assert_confirmed, assert_port_out, assert_problem, confirmed, id, received_at,
};
use crate::days::{self, NEW_YORK};
use crate::kinds;
use crate::{add_account, contoso, lines, with, without};
use harness::client::Answer;
use harness::records::Records;
use harness::stack::{Stack, order};
use harness::tokens::Claims;
use serde_json::{Value, json};

const TN: &str = "+12065550100";

async fn read(stack: &Stack, id: &str, claims: &Claims) -> Answer {
    stack.get(&format!("/v1/port-outs/{id}"), &stack.tokens().sign(claims)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_request_is_confirmed_and_holds_its_number() {
    let stack = contoso(&[TN]).await;
    let order = order("TX-1001", "CONTOSO", PIN, &[TN]);
    assert_confirmed(&stack.submit("A123", &order).await, 201, "A123", &order);
    let records = Records::of(&stack).await;
    assert_eq!(records.held_by(TN), Some(id("A123", &order)));
    assert_eq!(
        (records.orders.len(), records.kinds_told("CONTOSO")),
        (1, kinds(&[("port_out.confirmed", 1)]))
    );
    assert_eq!(
        id("A123", &order),
        "fb006cf6b6ed052728347d08c724210b",
        "the same order has the same id for ever"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn carrier_admin_and_operator_read_what_the_carrier_was_answered() {
    let stack = contoso(&[TN]).await;
    let order = order("TX#_-1", "CONTOSO", PIN, &[TN]);
    let first = stack.submit("A123", &order).await;
    for reader in
        [Claims::carrier("A123"), Claims::carrier("a123"), Claims::account("CONTOSO"), Claims::operator()]
    {
        let answer = read(&stack, &id("A123", &order), &reader).await;
        assert_confirmed(&answer, 200, "A123", &order);
        assert_eq!(answer.body, first.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_anyone_else_there_is_no_such_port_out() {
    let stack = contoso(&[TN]).await;
    let order = order("TX-1", "CONTOSO", PIN, &[TN]);
    assert_confirmed(&stack.submit("A123", &order).await, 201, "A123", &order);
    let another = Claims::carrier("B456");
    for reader in [another.clone(), another.with("account_id", "CONTOSO"), Claims::account("FABRIKAM")] {
        assert_not_found(&read(&stack, &id("A123", &order), &reader).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_and_malformed_ids_name_no_port_out() {
    let stack = contoso(&[TN]).await;
    let order = order("TX-1", "CONTOSO", PIN, &[TN]);
    assert_confirmed(&stack.submit("A123", &order).await, 201, "A123", &order);
    let id = id("A123", &order);
    for wrong in [
        &*"0".repeat(32),
        &id.to_uppercase(),
        id.split_at(1).1,
        &format!("{id}0"),
        "TX-1",
        "..%2Fport-outs",
        "%20",
    ] {
        for reader in [Claims::carrier("A123"), Claims::operator()] {
            assert_not_found(&read(&stack, wrong, &reader).await);
        }
    }
}

#[track_caller]
fn assert_not_found(answer: &Answer) {
    let detail = "There is no port-out with this id, or it is not yours to see.";
    assert_problem(answer, 404, "port_out_not_found", "No such port-out", detail);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_without_a_fitting_scope_is_refused() {
    let stack = contoso(&[TN]).await;
    let order = order("TX-1", "CONTOSO", PIN, &[TN]);
    assert_confirmed(&stack.submit("A123", &order).await, 201, "A123", &order);
    let forbidden = |answer: &Answer| {
        assert_problem(answer, 403, "forbidden", "Not allowed", "The token does not allow this.");
    };
    for reader in [
        Claims::account("CONTOSO").with("scope", "port-out-pin:write"),
        Claims::account("CONTOSO").with("scope", ""),
        Claims::account("CONTOSO").without("account_id"),
        Claims::carrier("A123").without("scope"),
        Claims::carrier("A123").without("spid"),
        Claims::carrier("A123").with("spid", "A1234"),
    ] {
        forbidden(&read(&stack, &id("A123", &order), &reader).await);
    }
    let before = Records::of(&stack).await;
    for sender in [
        Claims::account("CONTOSO"),
        Claims::operator(),
        Claims::carrier("A123").without("spid"),
        Claims::carrier("A123").with("scope", "port-out:submits accounts"),
        Claims::operator().with("spid", "A123"),
    ] {
        let token = stack.tokens().sign(&sender);
        forbidden(
            &stack
                .call("POST", "/v1/port-outs")
                .bearer(&token)
                .json(&with(&order, "pon", "TX-2"))
                .send()
                .await,
        );
    }
    assert_eq!(Records::of(&stack).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_accounts_and_zips_may_be_written_in_many_ways() {
    let numbers = lines(0, 6);
    let stack = contoso(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let forms = [
        ("2065550000", "CONTOSO", "98052"),
        ("12065550001", "contoso", "98052-1234"),
        ("+1 (206) 555-0002", " Con-to.so ", "980521234"),
        ("206.555.0003", "C/O/N_TOSO", "98052-0000"),
        ("(206)555 0004", "ConToso", "98052"),
        ("1-206-555-0005", "c o n t o s o", "98052"),
    ];
    for (index, (number, account, zip)) in forms.into_iter().enumerate() {
        let pon = format!("TX-{index}");
        let sent = with(&order(&pon, account, PIN, &[number]), "zip_code", zip);
        let told = order(&pon, "CONTOSO", PIN, &[&numbers[index]]);
        assert_confirmed(&stack.submit("a123", &sent).await, 201, "A123", &told);
    }
    assert_eq!(Records::of(&stack).await.held(), forms.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_left_out_or_null_is_the_first() {
    let stack = contoso(&[TN]).await;
    let order = order("TX-1", "CONTOSO", PIN, &[TN]);
    let first = stack.submit("A123", &order).await;
    assert_confirmed(&first, 201, "A123", &with(&order, "version", "01"));
    for same in [with(&order, "version", "01"), with(&order, "version", Value::Null)] {
        let again = stack.submit("A123", &same).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ninety_numbers_are_held_at_once_and_ninety_one_are_too_many() {
    let numbers = lines(0, 91);
    let all: Vec<_> = numbers.iter().map(String::as_str).collect();
    let stack = contoso(&all[..90]).await;
    stack.assign("CONTOSO", &all[90..]).await.assert_status(200);
    let before = Records::of(&stack).await;
    let refused = stack.submit("A123", &order("TX-1", "CONTOSO", PIN, &all)).await;
    let detail = "at most 90 telephone numbers fit one request";
    assert_bad_field(&refused, 422, "/telephone_numbers", "too_many_tns", detail);
    assert_eq!(Records::of(&stack).await, before);
    let order = order("TX-1", "CONTOSO", PIN, &all[..90]);
    assert_confirmed(&stack.submit("A123", &order).await, 201, "A123", &order);
    let records = Records::of(&stack).await;
    assert_eq!(records.holders(&all[..90]), vec![Some(id("A123", &order)); 90]);
    assert_eq!((records.held_by(all[90]), records.held(), records.orders.len()), (None, 90, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn desired_day_is_confirmed_from_the_first_possible_one_on() {
    let stack = contoso(&[TN, "+12065550101", "+12065550102"]).await;
    let probe = stack.submit("A123", &order("TX-0", "CONTOSO", PIN, &[TN])).await;
    // Far enough that no test runs across the day's cut-off.
    let soon = days::next_business_day(days::first_possible(received_at(&probe.json()), NEW_YORK, 1));
    let far = days::next_business_day("2049-12-30".parse().unwrap());
    for (number, day) in [("+12065550101", soon), ("+12065550102", far)] {
        let order = with(&order(number, "CONTOSO", PIN, &[number]), "desired_due_date", day.to_string());
        let order = with(&order, "pon", number.trim_start_matches('+'));
        let answer = stack.submit("A123", &order).await;
        assert_port_out(&answer, 201, &confirmed("A123", &order, &day.to_string()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_number_takes_a_business_day_and_two_take_four() {
    let stack = contoso(&[TN, "+12065550101", "+12065550102"]).await;
    for (pon, numbers) in [("TX-1", &[TN][..]), ("TX-2", &["+12065550101", "+12065550102"])] {
        let order = with(&order(pon, "CONTOSO", PIN, numbers), "desired_due_date", Value::Null);
        assert_confirmed(&stack.submit("A123", &order).await, 201, "A123", &order);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zip_counts_only_if_both_sides_know_one() {
    let stack = contoso(&[TN, "+12065550101"]).await;
    let without_zip = without(&order("TX-1", "CONTOSO", PIN, &[TN]), "zip_code");
    assert_confirmed(&stack.submit("A123", &without_zip).await, 201, "A123", &without_zip);
    let null = with(&order("TX-2", "CONTOSO", PIN, &["+12065550101"]), "zip_code", Value::Null);
    assert_confirmed(&stack.submit("A123", &null).await, 201, "A123", &null);
    add_account(&stack, "FABRIKAM", PIN, &["+12065550200"]).await;
    stack.put_account("FABRIKAM", &json!({"country": "US"})).await.assert_status(200);
    let unknown = with(&order("TX-3", "FABRIKAM", PIN, &["+12065550200"]), "zip_code", "10001");
    assert_confirmed(&stack.submit("A123", &unknown).await, 201, "A123", &unknown);
}
