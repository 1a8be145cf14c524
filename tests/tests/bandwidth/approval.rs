//! When a port-out is approved, what that records, and how much about the form of a request does not matter.

use harness::assertions::bandwidth::{approved, assert_answer, contoso, refused};
use harness::assertions::port_outs::FOURTH_DAY;
use harness::clients::bandwidth::request;
use harness::prelude::*;

use crate::{TN, add_account, events, hold, start};

#[tokio::test]
async fn right_request_is_approved_recorded_as_confirmed_and_shown_to_the_sources_carrier() {
    let stack = start().await;
    let numbers = [TN, "2065550101"];
    let validation = request("some_pon").numbers(&numbers);
    stack.assert_validated(&validation, &approved("some_pon")).await;
    let records = stack.records().await;
    let id = records.port_out_id(&validation.stored_pon(), "01");
    for number in numbers {
        assert_eq!(records.held_by(number).as_ref(), Some(&id));
    }
    assert_eq!(records.port_out_event_counts(CONTOSO), events(&[("port_out.confirmed", 1)]));
    let mut shown = stack.port_out("A123", &id).await.assert_json(200);
    for field in ["received_at", "entered_at", "updated_at"] {
        assert_eq!(shown[field].take().as_str().map(str::len), Some(20), "{field}");
    }
    let expected = json!({
        "id": id, "spid": "A123", "pon": validation.stored_pon(), "version": "01", "supplement": null,
        "account_number": CONTOSO, "telephone_numbers": ["+12065550100", "+12065550101"],
        "status": "confirmed", "rejections": [], "desired_due_date": null, "foc_date": FOURTH_DAY,
        "due_date_changed": false, "hold_expires_on": "2026-12-30", "ported_numbers": [],
        "released_numbers": [], "cancellation": null, "channel": "webhook", "received_at": null,
        "entered_at": null, "updated_at": null,
    });
    assert_eq!(shown, expected);
    stack.port_out("B456", &id).await.assert_problem(404, "port_out_not_found");
}

#[tokio::test]
async fn ninety_numbers_are_approved_at_once() {
    let stack = start().await;
    let numbers: Vec<_> = (0..90).map(|line| format!("20655511{line:02}")).collect();
    add_account(&stack, "FABRIKAM", &json!({"country": "US"}), &numbers).await;
    stack.set_pin("FABRIKAM", WRONG_PIN).await.assert_status(201);
    let validation = request("TX-90").account("FABRIKAM").pin(WRONG_PIN).numbers(&numbers);
    stack.assert_validated(&validation, &approved("TX-90")).await;
    assert!(stack.records().await.held_by("2065551189").is_some());
}

/// The same change in JSON for a carrier and in XML for Bandwidth, on a stack each.
#[tokio::test]
async fn approval_is_given_exactly_when_the_native_route_confirms() {
    let (native, webhook) = (start().await, start().await);
    for stack in [&native, &webhook] {
        add_account(stack, "PINLESS", &json!({"country": "US"}), &["2065550200"]).await;
        add_account(stack, "NORDWIND", &json!({"country": "NO"}), &["2065550300"]).await;
        hold(stack, "2065550109").await;
    }
    let usual = || request("TX");
    let cases = [
        (json!({"pin": WRONG_PIN}), usual().pin(WRONG_PIN)),
        (json!({"pin": "48291"}), usual().pin("48291")),
        (json!({"pin": null}), usual().no_pin()),
        (json!({"pin": ""}), usual().pin("")),
        (json!({"account_number": "NOBODY"}), usual().account("NOBODY")),
        (json!({"account_number": "PINLESS", "telephone_numbers": ["2065550200"]}), {
            usual().account("PINLESS").numbers(&["2065550200"])
        }),
        (json!({"account_number": "NORDWIND", "telephone_numbers": ["2065550300"]}), {
            usual().account("NORDWIND").numbers(&["2065550300"])
        }),
        (json!({"zip_code": "10001"}), usual().zip("10001")),
        (json!({"zip_code": null}), usual().no_zip()),
        (json!({"zip_code": "98052-1234"}), usual().zip("98052-1234")),
        (json!({"telephone_numbers": ["2065550999"]}), usual().numbers(&["2065550999"])),
        (json!({"telephone_numbers": ["2065550200"]}), usual().numbers(&["2065550200"])),
        (json!({"telephone_numbers": ["8005550100"]}), usual().numbers(&["8005550100"])),
        (json!({"telephone_numbers": ["2065550109"]}), usual().numbers(&["2065550109"])),
        (json!({"telephone_numbers": [TN, "2065550999"]}), usual().numbers(&[TN, "2065550999"])),
        (json!({"account_number": "con-toso"}), usual().account("con-toso")),
        (json!({}), usual()),
    ];
    for (changes, validation) in cases {
        // All share one PON, so that a confirmed number does not block a later case.
        let mut order = order("TX", CONTOSO, PIN, &[TN]);
        order.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let told = submit_next_version(&native, order).await;
        let validated = webhook.validate(&validation).await;
        let portable = validated.text().contains("<Portable>true</Portable>");
        assert_eq!(portable, told["status"] == "confirmed", "{changes}: {}", validated.text());
    }
}

/// Submits an order as carriers do: after a conflict, as the next version.
async fn submit_next_version(stack: &Stack, mut order: Value) -> Value {
    for version in 1..=99 {
        order["version"] = format!("{version:02}").into();
        let answer = stack.submit("A123", &order).await;
        if answer.status != 409 {
            assert!([200, 201].contains(&answer.status), "{}", answer.text());
            return answer.json();
        }
    }
    panic!("no version left")
}

#[tokio::test]
async fn blank_space_around_texts_is_dropped() {
    let stack = start().await;
    for blank in [" ", "\n        ", "\r\n\t", "\n\n\n"] {
        assert_answer(&stack.send_xml(request("TX-1").padded(blank)).await, &approved("TX-1"));
    }
    assert_eq!(stack.records().await.orders.len(), 1);
}

#[tokio::test]
async fn account_numbers_zip_codes_and_numbers_may_be_written_in_the_ways_that_the_native_route_takes() {
    let stack = start().await;
    let validations = [
        request("TX-1").account("contoso"),
        request("TX-1").account("Con-To.So_/"),
        request("TX-1").numbers(&["12065550100"]),
        request("TX-1").numbers(&["+12065550100"]),
        request("TX-1").numbers(&["(206) 555-0100"]),
        request("TX-1").numbers(&["206.555.0100"]),
    ];
    for validation in validations {
        stack.assert_validated(&validation, &approved("TX-1")).await;
    }
    assert_eq!(stack.records().await.orders.len(), 1, "all of them are the same request");
    for (n, zip) in ["98052-1234", "980521234", "98052-0000"].into_iter().enumerate() {
        let (pon, number) = (format!("ZIP-{n}"), format!("206555010{}", n + 1));
        stack.assert_validated(&request(&pon).zip(zip).numbers(&[number]), &approved(&pon)).await;
    }
}

#[tokio::test]
async fn content_type_may_be_either_of_both_in_any_case_and_with_parameters() {
    let stack = start().await;
    let types = [
        "application/xml",
        "text/xml",
        "application/xml; charset=utf-8",
        "text/xml;charset=\"UTF-8\"",
        "Application/XML ; charset=us-ascii",
        "TEXT/XML",
    ];
    for content_type in types {
        let answer = stack.send_typed(content_type, request("TX-1").xml().as_bytes()).await;
        assert_answer(&answer, &approved("TX-1"));
    }
}

#[tokio::test]
async fn leading_zeros_of_a_pin_are_digits_like_others() {
    let stack = start().await;
    stack.set_pin(CONTOSO, "0012345").await.assert_status(200);
    for (n, pin) in ["12345", "012345", "00012345", "12345.0", "+0012345"].into_iter().enumerate() {
        let pon = format!("ZERO-{n}");
        let expected = refused(Some(&pon), &[7513], contoso(&[TN]));
        stack.assert_validated(&request(&pon).pin(pin), &expected).await;
    }
    // The five wrong ones cost a wait.
    stack.pass(SignedDuration::from_mins(1));
    stack.assert_validated(&request("ZERO").pin("0012345"), &approved("ZERO")).await;
}

#[tokio::test]
async fn subscribers_name_is_never_a_reason() {
    let stack = start().await;
    let usual = request("TX-1").xml();
    let long = "x".repeat(2_000);
    for name in ["", "Somebody Else", "&lt;&amp;&#233;\u{1f600}", &long] {
        let named = usual.replace("Contoso, Ltd.", name);
        assert!(named != usual);
        assert_answer(&stack.send_xml(named).await, &approved("TX-1"));
    }
}
