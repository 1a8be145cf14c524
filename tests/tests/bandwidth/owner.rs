//! Requests without an account number: whose the numbers are is looked up.

use crate::answers::{approved, approved_without_pon, contoso, refused, refused_bare};
use crate::ask::Ask;
use crate::bench::Bench;
use crate::{PIN, TN, WRONG};
use serde_json::json;

/// The usual bench with a second account of the same PIN.
async fn bench() -> Bench {
    let bench = Bench::start().await;
    bench.account("FABRIKAM", &json!({"country": "US"}), &["2065550200"]).await;
    bench.set_pin("FABRIKAM", PIN).await;
    bench
}

#[tokio::test]
async fn owner_of_the_numbers_is_looked_up_and_recorded() {
    let bench = bench().await;
    bench.expect(&Ask::usual("TX-1").no_account(), &approved("TX-1")).await;
    let id = bench.records().await.port_out_id("TX-1", "01");
    assert_eq!(bench.port_out("A123", &id).await.assert_json(200)["account_number"], "CONTOSO");
    let ask = Ask::usual("TX-2").no_account().no_zip().numbers(&["2065550200"]);
    bench.expect(&ask, &approved("TX-2")).await;
    // With the account number it is the same request again.
    bench.expect(&Ask::usual("TX-1"), &approved("TX-1")).await;
    bench.expect(&Ask::usual("TX-1").account("  "), &approved("TX-1")).await;
    assert_eq!(bench.records().await.orders.len(), 2);
}

#[tokio::test]
async fn wrong_pin_counts_on_the_owners_account() {
    let bench = bench().await;
    let ask = Ask::usual("TX-1").no_account().pin(WRONG);
    bench.expect(&ask, &refused(Some("TX-1"), &[7513], contoso(&[TN]))).await;
    let records = bench.records().await;
    assert_eq!(records.counts("CONTOSO", "A123"), (1, 1));
    assert_eq!(records.counts("FABRIKAM", "A123"), (0, 0));
}

#[tokio::test]
async fn numbers_of_two_accounts_are_7510() {
    let bench = bench().await;
    let ask = Ask::usual("TX-1").no_account().numbers(&[TN, "2065550200"]);
    bench.expect(&ask, &refused_bare(Some("TX-1"), 7510)).await;
    bench.expect(&ask.clone().no_pon(), &refused_bare(None, 7510)).await;
    let named = ask.account("CONTOSO");
    bench.expect(&named, &refused(Some("TX-1"), &[7516], contoso(&[TN]))).await;
    assert_eq!(bench.records().await.orders.len(), 1, "only the one that could be judged");
}

#[tokio::test]
async fn numbers_that_nobody_owns_are_7516() {
    let bench = bench().await;
    let ask = Ask::usual("TX-1").no_account().numbers(&["2065550999", "8005550100"]);
    bench.expect(&ask, &refused_bare(Some("TX-1"), 7516)).await;
    assert_eq!(bench.records().await.orders.len(), 0);
}

#[tokio::test]
async fn one_number_that_nobody_owns_refuses_those_of_the_owner() {
    let bench = bench().await;
    let ask = Ask::usual("TX-1").no_account().numbers(&["2065550999", TN]);
    bench.expect(&ask, &refused(Some("TX-1"), &[7516], contoso(&[TN]))).await;
    assert_eq!(bench.records().await.held_by(TN), None);
}

#[tokio::test]
async fn bare_numbers_with_the_pin_are_enough() {
    let bench = bench().await;
    let bare = Ask::usual("").no_pon().no_account().no_zip();
    for _ in 0..3 {
        bench.expect(&bare, &approved_without_pon()).await;
    }
    assert_eq!(bench.records().await.orders.len(), 1);
}
