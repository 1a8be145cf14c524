//! Each reason of ours has its code in Bandwidth's table, with what the account would accept.

use harness::assertions::bandwidth::{Acceptable, approved, contoso, contoso_without_zip, refused};
use harness::clients::bandwidth::{REQUESTER, ValidationRequest, request};
use harness::prelude::*;

use crate::{TN, add_account, events, hold, start};

/// Fails unless the request is refused with this one code and the usual account's values.
async fn assert_code(stack: &Stack, validation: ValidationRequest, pon: &str, code: u16) {
    stack.assert_validated(&validation, &refused(Some(pon), &[code], contoso(&[TN]))).await;
}

#[tokio::test]
async fn no_pin_is_7512_and_counts_nothing() {
    let stack = start().await;
    assert_code(&stack, request("M-1").no_pin(), "M-1", 7512).await;
    for (n, pin) in ["", "   ", "\n"].into_iter().enumerate() {
        let pon = format!("M-{}", n + 2);
        assert_code(&stack, request(&pon).pin(pin), &pon, 7512).await;
    }
    let records = stack.records().await;
    assert_eq!((records.counts(CONTOSO, REQUESTER), records.orders.len()), ((0, 0), 4));
}

#[tokio::test]
async fn wrong_or_malformed_pin_is_7513_and_counts() {
    let stack = start().await;
    let pins = [WRONG_PIN, "48291", "4829133333333", "482913.0"];
    for (n, pin) in pins.into_iter().enumerate() {
        let pon = format!("W-{n}");
        assert_code(&stack, request(&pon).pin(pin), &pon, 7513).await;
    }
    let records = stack.records().await;
    assert_eq!(records.counts(CONTOSO, REQUESTER), (4, 4));
    assert_eq!(records.port_out_event_counts(CONTOSO), events(&[("port_out.rejected", 4)]));
}

#[tokio::test]
async fn pin_that_was_never_set_is_7512_whatever_is_sent() {
    let stack = start().await;
    add_account(&stack, "PINLESS", &json!({"country": "US"}), &["2065550200"]).await;
    let acceptable = Acceptable { account: Some("PINLESS"), zip: None, numbers: &["2065550200"] };
    let validation = |pon: &str| request(pon).account("PINLESS").numbers(&["2065550200"]);
    stack.assert_validated(&validation("N-1"), &refused(Some("N-1"), &[7512], acceptable)).await;
    stack.assert_validated(&validation("N-2").no_pin(), &refused(Some("N-2"), &[7512], acceptable)).await;
    assert_eq!(stack.records().await.counts("PINLESS", REQUESTER), (0, 0));
}

#[tokio::test]
async fn source_that_has_to_wait_is_7598_with_the_right_pin_too_and_only_the_wait_is_recorded() {
    let stack = start().await;
    for guess in 0..5 {
        let pon = format!("GUESS-{guess}");
        assert_code(&stack, request(&pon).pin("x"), &pon, 7513).await;
    }
    stack.assert_validated(&request("TX-1"), &request("TX-1").refused_as_asked(7598)).await;
    let before = stack.records().await;
    let kinds = [("port_out.deferred", 1), ("port_out.rejected", 5)];
    assert_eq!((before.port_out_event_counts(CONTOSO), before.orders.len()), (events(&kinds), 5));
    for pin in [PIN, WRONG_PIN, "x"] {
        stack.assert_validated(&request("TX-1").pin(pin), &request("TX-1").refused_as_asked(7598)).await;
    }
    let no_pon = request("TX-1").no_pon();
    stack.assert_validated(&no_pon, &no_pon.refused_as_asked(7598)).await;
    assert_eq!(stack.records().await, before, "the owner is told once for each wait");
    stack.pass(SignedDuration::from_mins(1) - SignedDuration::from_millis(1));
    stack.assert_validated(&request("TX-1"), &request("TX-1").refused_as_asked(7598)).await;
    stack.pass(SignedDuration::from_millis(1));
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
}

/// Many carriers are behind the source, so it is none of them.
#[tokio::test]
async fn wrong_pins_of_the_sources_carrier_at_the_native_route_do_not_make_the_source_wait() {
    let stack = start().await;
    for guess in 0..5 {
        let order = order(&format!("GUESS-{guess}"), CONTOSO, "x", &[TN]);
        assert_outcome(&stack.submit("A123", &order).await, Outcome::WrongPin);
    }
    let native = order("TX-1", CONTOSO, PIN, &[TN]);
    assert_outcome(&stack.submit("A123", &native).await, Outcome::Wait);
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    let records = stack.records().await;
    // Nor does a right PIN of the source take away what the carrier added to the common count.
    assert_eq!((records.counts(CONTOSO, "A123"), records.failures(CONTOSO, REQUESTER)), ((5, 5), 0));
}

#[tokio::test]
async fn five_wrong_pins_of_this_route_make_it_wait_too() {
    let stack = start().await;
    for n in 0..5 {
        let pon = format!("W-{n}");
        assert_code(&stack, request(&pon).pin(WRONG_PIN), &pon, 7513).await;
    }
    stack.assert_validated(&request("TX-1"), &request("TX-1").refused_as_asked(7598)).await;
    assert_code(&stack, request("W-4").pin(WRONG_PIN), "W-4", 7513).await;
    assert_eq!(stack.records().await.counts(CONTOSO, REQUESTER), (5, 5));
}

#[tokio::test]
async fn locked_pin_is_7513_until_a_new_one_is_set() {
    let stack = start().await;
    for guess in 0..100 {
        let order = order(&format!("G-{guess}"), CONTOSO, "x", &[TN]);
        let carrier = format!("C{:03}", guess / 5);
        assert_eq!(stack.submit(&carrier, &order).await.assert_json(201)["status"], "rejected");
    }
    assert_code(&stack, request("TX-1"), "TX-1", 7513).await;
    let both = refused(Some("TX-2"), &[7512, 7513], contoso(&[TN]));
    stack.assert_validated(&request("TX-2").no_pin(), &both).await;
    stack.set_pin(CONTOSO, PIN).await.assert_status(422);
    assert_code(&stack, request("TX-3"), "TX-3", 7513).await;
    stack.set_pin(CONTOSO, "739154").await.assert_status(200);
    assert_code(&stack, request("TX-3"), "TX-3", 7513).await;
    stack.assert_validated(&request("TX-3").pin("739154"), &approved("TX-3")).await;
}

#[tokio::test]
async fn account_outside_the_us_is_7598() {
    let stack = start().await;
    add_account(&stack, "NORDWIND", &json!({"country": "NO"}), &["2065550300"]).await;
    let acceptable = Acceptable { account: Some("NORDWIND"), zip: None, numbers: &["2065550300"] };
    let validation = request("TX-1").account("NORDWIND").numbers(&["2065550300"]);
    stack.assert_validated(&validation, &refused(Some("TX-1"), &[7598], acceptable)).await;
}

#[tokio::test]
async fn unknown_or_impossible_account_number_is_7511_and_the_numbers_are_repeated() {
    let stack = start().await;
    let long = "A".repeat(26);
    for (n, account) in ["NOBODY", "CONTOSO.5", "CONTOSÖ", "-./", &long].into_iter().enumerate() {
        let validation = request(&format!("A-{n}")).account(account);
        stack.assert_validated(&validation, &validation.refused_as_asked(7511)).await;
    }
}

#[tokio::test]
async fn other_zip_code_or_none_that_could_be_one_is_7515() {
    let stack = start().await;
    for (pon, zip) in [("Z-1", "10001"), ("Z-2", "10001-1234")] {
        let expected = refused(Some(pon), &[7515], contoso_without_zip(&[TN]));
        stack.assert_validated(&request(pon).zip(zip), &expected).await;
    }
    for (n, zip) in ["9805", "980522", "K1A 0B1", "98052-12", "９８０５２"].into_iter().enumerate() {
        let validation = request(&format!("Z-{}", n + 3)).zip(zip);
        stack.assert_validated(&validation, &validation.refused_as_asked(7515)).await;
    }
}

#[tokio::test]
async fn number_of_nobody_or_that_cannot_be_ported_is_7516() {
    let stack = start().await;
    for (n, number) in ["2065550999", "8005550100", "4165550100"].into_iter().enumerate() {
        let pon = format!("T-{n}");
        let expected = refused(Some(&pon), &[7516], contoso(&[TN]));
        stack.assert_validated(&request(&pon).numbers(&[TN, number]), &expected).await;
    }
    assert_eq!(stack.records().await.held_by(TN), None, "one bad number refuses all of them");
}

/// 7516 would cancel the order, although only the account number may be wrong.
#[tokio::test]
async fn number_of_another_account_is_7511() {
    let stack = start().await;
    add_account(&stack, "FABRIKAM", &json!({"country": "US"}), &["2065550200"]).await;
    let both = request("T-1").numbers(&[TN, "2065550200"]);
    stack.assert_validated(&both, &refused(Some("T-1"), &[7511], contoso(&[TN]))).await;
    let theirs = request("T-2").numbers(&["2065550200"]);
    let as_asked = Acceptable { numbers: &["2065550200"], ..Acceptable::default() };
    stack.assert_validated(&theirs, &refused(Some("T-2"), &[7511], as_asked)).await;
    let only_zip = |numbers| Acceptable { zip: Some("98052"), numbers, ..Acceptable::default() };
    let nobodys = request("T-3").numbers(&["2065550200", "2065550999"]);
    let expected = refused(Some("T-3"), &[7511, 7516], only_zip(&["2065550200", "2065550999"]));
    stack.assert_validated(&nobodys, &expected).await;
}

#[tokio::test]
async fn ninety_one_numbers_are_7598_and_all_of_them_are_repeated() {
    let stack = start().await;
    let numbers: Vec<_> = (0..91).map(|line| format!("20655511{line:02}")).collect();
    let validation = request("TX-91").numbers(&numbers);
    stack.assert_validated(&validation, &validation.refused_as_asked(7598)).await;
    assert_eq!(stack.records().await.orders.len(), 0);
}

#[tokio::test]
async fn number_that_a_port_out_of_a_native_carrier_holds_is_7598_and_right() {
    let stack = start().await;
    hold(&stack, "2065550109").await;
    // Not even the carrier that the source is registered for is the same requester.
    let own = order("HELD", CONTOSO, PIN, &["2065550108"]);
    assert_outcome(&stack.submit("A123", &own).await, Outcome::Confirmed);
    for (n, held) in ["2065550109", "2065550108"].into_iter().enumerate() {
        let (pon, numbers) = (format!("TX-{n}"), [TN, held]);
        let expected = refused(Some(&pon), &[7598], contoso(&numbers));
        stack.assert_validated(&request(&pon).numbers(&numbers), &expected).await;
    }
    assert_eq!(stack.records().await.held_by(TN), None, "one held number refuses all of them");
    stack.assert_validated(&request("TX-2"), &approved("TX-2")).await;
}

#[tokio::test]
async fn account_with_port_protection_is_7598_and_its_pin_is_not_compared() {
    let stack = start().await;
    stack.protect(CONTOSO, true).await.assert_status(200);
    for (pon, pin) in [("TX-1", PIN), ("TX-2", WRONG_PIN)] {
        assert_code(&stack, request(pon).pin(pin), pon, 7598).await;
    }
    let records = stack.records().await;
    assert_eq!((records.counts(CONTOSO, REQUESTER), records.held()), ((0, 0), 0));
    stack.protect(CONTOSO, false).await.assert_status(200);
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
}

#[tokio::test]
async fn twenty_first_request_of_an_hour_without_a_comparison_is_7598_and_one_with_a_pin_is_judged() {
    let stack = start().await;
    for n in 0..20 {
        let pon = format!("M-{n}");
        assert_code(&stack, request(&pon).no_pin(), &pon, 7512).await;
    }
    let limited = request("M-20").no_pin();
    stack.assert_validated(&limited, &limited.refused_as_asked(7598)).await;
    assert_code(&stack, request("M-19").no_pin(), "M-19", 7512).await;
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    stack.assert_validated(&limited, &limited.refused_as_asked(7598)).await;
    stack.pass(SignedDuration::from_hours(1));
    assert_code(&stack, limited, "M-20", 7512).await;
}

#[tokio::test]
async fn account_number_is_told_only_if_it_owns_a_number_and_the_zip_code_only_if_it_matches() {
    let stack = start().await;
    let profile = json!({"country": "US", "zip_codes": ["10001"]});
    add_account(&stack, "FABRIKAM", &profile, &["2065550200"]).await;
    let tn: &[&str] = &[TN];
    for (account, zip, numbers, codes, acceptable) in [
        // All the numbers are another account's: nothing is told of the named one.
        ("FABRIKAM", "10001", tn, &[7511, 7512][..], (None, None, tn)),
        ("FABRIKAM", "98052", tn, &[7511, 7512], (None, None, tn)),
        (
            "FABRIKAM",
            "98052",
            &["2065550200", TN],
            &[7511, 7512, 7515],
            (Some("FABRIKAM"), None, &["2065550200"]),
        ),
        ("NOBODY", "98052", tn, &[7511, 7512], (None, None, tn)),
    ] {
        let validation = request("O-1").account(account).zip(zip).numbers(numbers).no_pin();
        let (account, zip, numbers) = acceptable;
        let expected = refused(Some("O-1"), codes, Acceptable { account, zip, numbers });
        stack.assert_validated(&validation, &expected).await;
    }
}

#[tokio::test]
async fn repeated_numbers_count_once() {
    let stack = start().await;
    let twice = request("TX-1").numbers(&[TN, "+1 (206) 555-0100", TN]);
    stack.assert_validated(&twice, &approved("TX-1")).await;
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    assert_eq!(stack.records().await.orders.len(), 1);
    let ninety_one: Vec<_> = (0..91).map(|_| "2065550101").collect();
    stack.assert_validated(&request("TX-2").numbers(&ninety_one), &approved("TX-2")).await;
}

#[tokio::test]
async fn all_reasons_are_told_at_once_each_code_once_and_only_good_numbers_are_acceptable() {
    let stack = start().await;
    hold(&stack, "2065550109").await;
    let numbers = ["2065550103", "2065550998", "2065550109", "2065550999", "8005550100", TN];
    let validation = request("TX-1").pin(WRONG_PIN).zip("10001").numbers(&numbers);
    let acceptable = contoso_without_zip(&[TN, "2065550103", "2065550109"]);
    stack.assert_validated(&validation, &refused(Some("TX-1"), &[7513, 7515, 7516, 7598], acceptable)).await;
}

/// "Subsequent submission of the data provided in the response should cause acceptance."
#[tokio::test]
async fn submitting_the_acceptable_values_with_the_pin_is_approved() {
    let stack = start().await;
    let profile = json!({"country": "US", "zip_codes": ["98052-1234"]});
    add_account(&stack, "FABRIKAM", &profile, &["2065550200", "2065550201"]).await;
    stack.set_pin("FABRIKAM", PIN).await.assert_status(201);
    let first = request("TX-1").account("fabri-kam").zip("10001").numbers(&["+1 206 555 0201", TN]);
    // A value that is told back differs in nothing from what was sent, or it would read as an error.
    let acceptable = Acceptable { account: Some("fabri-kam"), zip: None, numbers: &["2065550201"] };
    stack.assert_validated(&first, &refused(Some("TX-1"), &[7511, 7515], acceptable)).await;
    let second = request("TX-1").account("FABRIKAM").no_zip().numbers(&["2065550201"]);
    stack.assert_validated(&second, &approved("TX-1")).await;
    let third = request("TX-2").account("FABRIKAM").zip("980529999").numbers(&["2065550200", TN]);
    let acceptable =
        Acceptable { account: Some("FABRIKAM"), zip: Some("980529999"), numbers: &["2065550200"] };
    stack.assert_validated(&third, &refused(Some("TX-2"), &[7511], acceptable)).await;
}
