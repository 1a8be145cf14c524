//! What reaches KMS: calls that its key policy will allow, of a length that it takes, with nothing in the URL.

use std::collections::BTreeSet;

use harness::kms::message;
use harness::prelude::*;
use harness::stack::{WITH_PIN_KEY, WITH_WEBHOOK_KEY};
use harness::wire::Call;

use crate::{NEW_PIN, Setup, of_line};

/// KMS takes no longer message.
const LONGEST: usize = 4096;

/// Makes every KMS call of the functions, with the longest texts that callers can send there.
async fn use_everything(setup: &Setup) {
    let (account, source) = ("X".repeat(25), "s".repeat(32));
    setup.seed(&account, &["+12065550900"]).await;
    setup.set_pin(&account, "0123456789").await.assert_status(201);
    setup.set_pin(CONTOSO, NEW_PIN).await.assert_status(200);
    setup.register(&source).await.assert_status(201);
    setup.rotate(&source).await.assert_status(200);
    for (n, pin) in
        [PIN.to_owned(), WRONG_PIN.to_owned(), "9".repeat(257), "9".repeat(60_000)].iter().enumerate()
    {
        let order = |way: &str| of_line(&format!("{way}-{n}"), pin, n);
        setup.submit(&order("TX")).await.assert_status(201);
        setup.deliver(&order("SW")).await.assert_status(201);
        setup.validate(&order("BW")).await.assert_status(200);
    }
    let order = json!({"pon": "TX-9", "account_number": account, "pin": "9".repeat(256), "telephone_numbers": ["+12065550900"]});
    setup.stack.submit("A123", &order).await.assert_status(201);
}

/// Fails unless it is the call that the policy of the message's own key allows, and is answered.
fn assert_allowed(setup: &Setup, call: &Call) {
    let is_pin = message(&call.body).starts_with(b"port-out-pin/v1\0");
    let (own, functions) =
        if is_pin { (setup.kms.pin(), WITH_PIN_KEY) } else { (setup.kms.webhook(), WITH_WEBHOOK_KEY) };
    assert!([&own.name, &own.key.arn].iter().any(|name| call.body["KeyId"] == **name), "{}", call.body);
    assert!(functions.contains(&call.function.as_str()), "{} called for {own:?}", call.function);
    let mut names: Vec<_> = call.body.as_object().expect("JSON").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        (call.operation.as_str(), call.path.trim_matches('/')),
        ("GenerateMac", call.function.as_str())
    );
    assert_eq!(names, ["KeyId", "MacAlgorithm", "Message"]);
    let (status, _) = call.answer.as_ref().expect("an answer");
    assert_eq!(*status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_only_generate_macs_of_short_messages_and_put_nothing_into_the_url() {
    let setup = Setup::start().await;
    use_everything(&setup).await;
    let calls = setup.kms.wire().take_calls();
    calls.iter().for_each(|call| assert_allowed(&setup, call));
    let callers: BTreeSet<_> = calls.iter().map(|call| call.function.as_str()).collect();
    assert_eq!(callers, WITH_PIN_KEY.into_iter().chain(WITH_WEBHOOK_KEY).collect());
    let lengths: Vec<_> = calls.iter().map(|call| message(&call.body).len()).collect();
    let longest = *lengths.iter().max().expect("no calls");
    assert!(lengths.len() > 20, "{lengths:?}");
    // 15 of the tag, 25 of the longest account number, 256 of the longest text that is not hashed, 2 between them.
    assert_eq!(longest, 15 + 25 + 256 + 2);
    assert!(longest <= LONGEST);
}
