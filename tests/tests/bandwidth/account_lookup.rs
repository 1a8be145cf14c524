//! Requests without an account number: whose the numbers are is looked up.

use crate::{TN, add_account, start};
use harness::assertions::bandwidth::{approved, approved_without_pon, contoso, refused, refused_bare};
use harness::clients::bandwidth::request;
use harness::prelude::*;

/// The usual stack with a second account of the same PIN.
async fn stack() -> Stack {
    let stack = start().await;
    add_account(&stack, "FABRIKAM", &json!({"country": "US"}), &["2065550200"]).await;
    stack.set_pin("FABRIKAM", PIN).await.assert_status(201);
    stack
}

#[tokio::test]
async fn owner_of_the_numbers_is_looked_up_and_recorded() {
    let stack = stack().await;
    stack.assert_validated(&request("TX-1").no_account(), &approved("TX-1")).await;
    let id = stack.records().await.port_out_id("TX-1", "01");
    assert_eq!(stack.port_out("A123", &id).await.assert_json(200)["account_number"], CONTOSO);
    let ask = request("TX-2").no_account().no_zip().numbers(&["2065550200"]);
    stack.assert_validated(&ask, &approved("TX-2")).await;
    // With the account number it is the same request again.
    stack.assert_validated(&request("TX-1"), &approved("TX-1")).await;
    stack.assert_validated(&request("TX-1").account("  "), &approved("TX-1")).await;
    assert_eq!(stack.records().await.orders.len(), 2);
}

#[tokio::test]
async fn wrong_pin_counts_on_the_owners_account() {
    let stack = stack().await;
    let ask = request("TX-1").no_account().pin(WRONG_PIN);
    stack.assert_validated(&ask, &refused(Some("TX-1"), &[7513], contoso(&[TN]))).await;
    let records = stack.records().await;
    assert_eq!(records.counts(CONTOSO, "A123"), (1, 1));
    assert_eq!(records.counts("FABRIKAM", "A123"), (0, 0));
}

#[tokio::test]
async fn numbers_of_two_accounts_are_7510() {
    let stack = stack().await;
    let ask = request("TX-1").no_account().numbers(&[TN, "2065550200"]);
    stack.assert_validated(&ask, &refused_bare(Some("TX-1"), 7510)).await;
    stack.assert_validated(&ask.clone().no_pon(), &refused_bare(None, 7510)).await;
    let named = ask.account(CONTOSO);
    stack.assert_validated(&named, &refused(Some("TX-1"), &[7516], contoso(&[TN]))).await;
    assert_eq!(stack.records().await.orders.len(), 1, "only the one that could be judged");
}

#[tokio::test]
async fn numbers_that_nobody_owns_are_7516() {
    let stack = stack().await;
    let ask = request("TX-1").no_account().numbers(&["2065550999", "8005550100"]);
    stack.assert_validated(&ask, &refused_bare(Some("TX-1"), 7516)).await;
    assert_eq!(stack.records().await.orders.len(), 0);
}

#[tokio::test]
async fn one_number_that_nobody_owns_refuses_those_of_the_owner() {
    let stack = stack().await;
    let ask = request("TX-1").no_account().numbers(&["2065550999", TN]);
    stack.assert_validated(&ask, &refused(Some("TX-1"), &[7516], contoso(&[TN]))).await;
    assert_eq!(stack.records().await.held_by(TN), None);
}

#[tokio::test]
async fn bare_numbers_with_the_pin_are_enough() {
    let stack = stack().await;
    let bare = request("").no_pon().no_account().no_zip();
    for _ in 0..3 {
        stack.assert_validated(&bare, &approved_without_pon()).await;
    }
    assert_eq!(stack.records().await.orders.len(), 1);
}
