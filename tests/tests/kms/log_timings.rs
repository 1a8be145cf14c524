//! The log line of a request tells which dependency it waited for, and how often it had to try.

use std::time::Duration;

use harness::kms::outages::every;
use harness::prelude::*;

use crate::{Setup, right};

const LATE: Duration = Duration::from_millis(700);

/// Returns the fields of the last line of the log.
fn last_line(setup: &Setup) -> Value {
    let logs = setup.logs();
    let line = logs.lines().next_back().expect("a line");
    serde_json::from_str(line.split_once(": ").expect("a function").1).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_line_tells_which_dependency_was_slow_and_how_often_it_was_tried() {
    let setup = Setup::start().await;
    let tried = |line: &Value| (line["aws_calls"].as_u64().unwrap(), line["aws_tries"].as_u64().unwrap());
    let spent = |line: &Value| ["dynamodb_ms", "kms_ms", "hash_ms"].map(|name| line[name].as_i64().unwrap());

    assert_outcome(&setup.submit(&right("TX-1", 1)).await, Outcome::Confirmed);
    let usual = last_line(&setup);
    let (calls, tries) = tried(&usual);
    assert_eq!((calls, usual["function_version"].as_str()), (tries, Some("$LATEST")), "{usual}");
    assert!(spent(&usual)[2] > 0 && usual["lambda_request_id"].is_string(), "{usual}");

    setup.wire().fault(Fault::on("TransactWriteItems", Action::Delay(LATE)));
    assert_outcome(&setup.submit(&right("TX-2", 2)).await, Outcome::Confirmed);
    let [dynamodb, kms, _] = spent(&last_line(&setup));
    assert!(dynamodb >= 700 && kms < 700, "{}", last_line(&setup));

    setup.kms.wire().fault(every(Action::Delay(LATE)).times(1));
    assert_outcome(&setup.submit(&right("TX-3", 3)).await, Outcome::Confirmed);
    let [dynamodb, kms, _] = spent(&last_line(&setup));
    assert!(kms >= 700 && dynamodb < 700, "{}", last_line(&setup));

    setup.wire().fault(Fault::on("BatchGetItem", Action::throttled()).times(1));
    assert_outcome(&setup.submit(&right("TX-4", 4)).await, Outcome::Confirmed);
    assert_eq!(tried(&last_line(&setup)), (calls, calls + 1), "{}", last_line(&setup));

    setup.pin_status(CONTOSO).await.assert_status(200);
    let status = last_line(&setup);
    assert!(
        status["dynamodb_ms"].is_number() && status["kms_ms"].is_null() && status["hash_ms"].is_null(),
        "{status}"
    );
}
