//! Requests without an account number: 7510, whatever else they hold, and nothing is stored or counted.

use crate::TN;
use crate::WRONG;
use crate::answers::refused_bare;
use crate::ask::Ask;
use crate::bench::Bench;

#[tokio::test]
async fn an_account_number_is_required_whatever_the_numbers_and_the_pin() {
    let bench = Bench::start().await;
    let before = bench.records().await;
    let usual = Ask::usual("TX-1").no_account();
    for ask in [
        usual.clone(),
        usual.clone().account(""),
        usual.clone().account(" \n "),
        usual.clone().pin(WRONG),
        usual.clone().numbers(&[TN, "2065550999"]),
        usual.clone().numbers(&["2065550999", "8005550100"]),
        usual.clone().no_zip(),
    ] {
        bench.expect(&ask, &refused_bare(Some("TX-1"), 7510)).await;
        bench.expect(&ask.no_pon(), &refused_bare(None, 7510)).await;
    }
    let answer = bench.xml("<PortOutValidationRequest/>").await;
    crate::answers::assert_answer(&answer, &refused_bare(None, 7510));
    assert_eq!(bench.records().await, before);
}
