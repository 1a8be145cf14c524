//! Requests without an account number: 7510, whatever else they hold, and nothing is stored or counted.

use harness::assertions::bandwidth::{assert_answer, refused_as_asked};
use harness::clients::bandwidth::request;
use harness::prelude::*;

use crate::{TN, start};

#[tokio::test]
async fn an_account_number_is_required_whatever_the_numbers_and_the_pin() {
    let stack = start().await;
    let before = stack.records().await;
    let usual = request("TX-1").no_account();
    for validation in [
        usual.clone(),
        usual.clone().account(""),
        usual.clone().account(" \n "),
        usual.clone().pin(WRONG_PIN),
        usual.clone().numbers(&[TN, "2065550999"]),
        usual.clone().numbers(&["2065550999", "8005550100"]),
        usual.clone().no_zip(),
    ] {
        for validation in [validation.clone(), validation.no_pon()] {
            stack.assert_validated(&validation, &validation.refused_as_asked(7510)).await;
        }
    }
    let answer = stack.send_xml("<PortOutValidationRequest/>").await;
    assert_answer(&answer, &refused_as_asked(None, 7510, &[]));
    assert_eq!(stack.records().await, before);
}
