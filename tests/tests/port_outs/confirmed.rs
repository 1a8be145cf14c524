//! A lawful port-out is confirmed, holds its numbers, and is visible only to its carrier, its account and the operator.

use harness::assertions::problems::{forbidden, no_port_out};
use harness::prelude::*;

use crate::{contoso, kinds};

async fn read(stack: &Stack, id: &str, claims: &Claims) -> Answer {
    stack.get(&format!("/v1/port-outs/{id}"), claims).await
}

#[tokio::test]
async fn right_request_is_confirmed_and_holds_its_number() {
    let stack = contoso(&[TN]).await;
    let order = usual("TX-1001", PIN);
    stack.confirm("A123", &order).await;
    let records = stack.records().await;
    assert_eq!(records.held_by(TN), Some(id("A123", &order)));
    assert_eq!(
        (records.orders.len(), records.port_out_event_kinds(CONTOSO)),
        (1, kinds(&[("port_out.confirmed", 1)]))
    );
    assert_eq!(
        id("A123", &order),
        "fb006cf6b6ed052728347d08c724210b",
        "the same order has the same id for ever"
    );
}

#[tokio::test]
async fn carrier_owner_and_desk_read_what_the_carrier_was_answered() {
    let stack = contoso(&[TN]).await;
    let order = usual("TX#_-1", PIN);
    let first = stack.submit("A123", &order).await;
    for reader in [Claims::carrier("A123"), Claims::carrier("a123"), Claims::desk()] {
        let answer = read(&stack, &id("A123", &order), &reader).await;
        assert_eq!((answer.status, &answer.body), (200, &first.body));
    }
    let owner = read(&stack, &id("A123", &order), &Claims::account(CONTOSO)).await;
    assert_eq!(owner.assert_json(200), with(&first.json(), "other_numbers", 0));
}

#[tokio::test]
async fn to_anyone_else_there_is_no_such_port_out() {
    let stack = contoso(&[TN]).await;
    let order = usual("TX-1", PIN);
    stack.confirm("A123", &order).await;
    let another = Claims::carrier("B456");
    for reader in [another.clone(), another.with("account_id", CONTOSO), Claims::account("FABRIKAM")] {
        read(&stack, &id("A123", &order), &reader).await.assert_refused(&no_port_out());
    }
}

#[tokio::test]
async fn unknown_and_malformed_ids_name_no_port_out() {
    let stack = contoso(&[TN]).await;
    let order = usual("TX-1", PIN);
    stack.confirm("A123", &order).await;
    let id = id("A123", &order);
    for wrong in [&*"0".repeat(32), &id.to_uppercase(), id.split_at(1).1, &format!("{id}0"), "TX-1", "%20"] {
        for reader in [Claims::carrier("A123"), Claims::desk()] {
            read(&stack, wrong, &reader).await.assert_refused(&no_port_out());
        }
    }
}

#[tokio::test]
async fn token_without_a_fitting_scope_is_refused() {
    let stack = contoso(&[TN]).await;
    let order = usual("TX-1", PIN);
    stack.confirm("A123", &order).await;
    for reader in [
        Claims::account(CONTOSO).with("scope", "port-out-pin:write"),
        Claims::account(CONTOSO).with("scope", ""),
        Claims::account(CONTOSO).without("account_id"),
        Claims::carrier("A123").without("scope"),
        Claims::carrier("A123").without("spid"),
        Claims::carrier("A123").with("spid", "A1234"),
    ] {
        read(&stack, &id("A123", &order), &reader).await.assert_refused(&forbidden());
    }
    let before = stack.records().await;
    for sender in [
        Claims::account(CONTOSO),
        Claims::operator(),
        Claims::carrier("A123").without("spid"),
        Claims::carrier("A123").with("scope", "port-out:submits accounts"),
        Claims::operator().with("spid", "A123"),
    ] {
        let call = stack.call("POST", "/v1/port-outs").by(&sender).json(&with(&order, "pon", "TX-2"));
        call.send().await.assert_refused(&forbidden());
    }
    assert_eq!(stack.records().await, before);
}

#[tokio::test]
async fn numbers_accounts_and_zips_may_be_written_in_many_ways() {
    let numbers = tns(0, 6);
    let stack = contoso(&numbers).await;
    let forms = [
        ("2065550000", CONTOSO, "98052"),
        ("12065550001", "contoso", "98052-1234"),
        ("+1 (206) 555-0002", " Con-to.so ", "980521234"),
        ("206.555.0003", "C/O/N_TOSO", "98052-0000"),
        ("(206)555 0004", "ConToso", "98052"),
        ("1-206-555-0005", "c o n t o s o", "98052"),
    ];
    for (index, (number, account, zip)) in forms.into_iter().enumerate() {
        let pon = format!("TX-{index}");
        let sent = with(&order(&pon, account, PIN, &[number]), "zip_code", zip);
        let told = order(&pon, CONTOSO, PIN, &[&numbers[index]]);
        assert_confirmed(&stack.submit("a123", &sent).await, 201, "A123", &told);
    }
    assert_eq!(stack.records().await.held(), forms.len());
}

#[tokio::test]
async fn version_left_out_or_null_is_the_first() {
    let stack = contoso(&[TN]).await;
    let order = usual("TX-1", PIN);
    let first = stack.submit("A123", &order).await;
    assert_confirmed(&first, 201, "A123", &with(&order, "version", "01"));
    for same in [with(&order, "version", "01"), with(&order, "version", Value::Null)] {
        let again = stack.submit("A123", &same).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
    }
}

#[tokio::test]
async fn ninety_numbers_are_held_at_once_and_ninety_one_are_too_many() {
    let all = tns(0, 91);
    let stack = contoso(&all).await;
    let before = stack.records().await;
    let too_many = invalid(&[error("/telephone_numbers", "too_many_tns")]);
    stack.submit("A123", &order("TX-1", CONTOSO, PIN, &all)).await.assert_refused(&too_many);
    assert_eq!(stack.records().await, before);
    let order = order("TX-1", CONTOSO, PIN, &all[..90]);
    stack.confirm("A123", &order).await;
    let records = stack.records().await;
    assert_eq!(records.holders(&all[..90]), vec![Some(id("A123", &order)); 90]);
    assert_eq!((records.held_by(&all[90]), records.held(), records.orders.len()), (None, 90, 1));
}

#[tokio::test]
async fn desired_day_is_confirmed_from_the_first_possible_one_on() {
    let stack = contoso(&[TN, "+12065550101", "+12065550102"]).await;
    for (line, day) in [(100, "2026-11-24"), (101, "2026-11-25"), (102, "2026-12-23")] {
        let order = order(&format!("TX-{line}"), CONTOSO, PIN, &[tn(line)]);
        let order = with(&order, "desired_due_date", day);
        let answer = stack.submit("A123", &order).await;
        assert_port_out(&answer, 201, &confirmed("A123", &order, day));
    }
}

#[tokio::test]
async fn one_number_takes_a_business_day_and_two_take_four() {
    let stack = contoso(&[TN, "+12065550101", "+12065550102"]).await;
    for (pon, numbers) in [("TX-1", &[TN][..]), ("TX-2", &["+12065550101", "+12065550102"])] {
        let order = with(&order(pon, CONTOSO, PIN, numbers), "desired_due_date", Value::Null);
        stack.confirm("A123", &order).await;
    }
}

#[tokio::test]
async fn zip_counts_only_if_both_sides_know_one() {
    let stack = contoso(&[TN, "+12065550101"]).await;
    let without_zip = without(&usual("TX-1", PIN), "zip_code");
    stack.confirm("A123", &without_zip).await;
    let null = with(&order("TX-2", CONTOSO, PIN, &["+12065550101"]), "zip_code", Value::Null);
    stack.confirm("A123", &null).await;
    stack.seed_with_pin("FABRIKAM", PIN, &["+12065550200"]).await;
    stack.put_account("FABRIKAM", &json!({"country": "US"})).await.assert_status(200);
    let unknown = with(&order("TX-3", "FABRIKAM", PIN, &["+12065550200"]), "zip_code", "10001");
    stack.confirm("A123", &unknown).await;
}
