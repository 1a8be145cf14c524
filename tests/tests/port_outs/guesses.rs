//! Guesses at the PIN of `CONTOSO`, each in a new port-out.

use harness::prelude::*;

/// Submits a new port-out with a wrong PIN; fails unless it is evaluated, and rejected for that alone.
pub async fn guess(stack: &Stack, spid: &str, pin: &str) {
    let order = usual(&stack.new_pon(), pin);
    assert_rejected(&stack.submit(spid, &order).await, spid, &order, &[reason("pin_invalid", "/pin")]);
}

/// Submits the right PIN with a wrong ZIP, so that nothing is held; fails unless only the ZIP is rejected.
pub async fn use_right(stack: &Stack, spid: &str) {
    let order = with(&usual(&stack.new_pon(), PIN), "zip_code", "10001");
    let reasons = [reason("zip_code_invalid", "/zip_code")];
    assert_rejected(&stack.submit(spid, &order).await, spid, &order, &reasons);
}

/// Fails unless the carrier has to wait so many seconds, whatever its PIN.
pub async fn assert_waits(stack: &Stack, spid: &str, seconds: u64) {
    for pin in [WRONG_PIN, PIN, "", "x"] {
        stack.submit(spid, &usual(&stack.new_pon(), pin)).await.assert_refused(&wait(seconds));
    }
}

/// Fails unless a new port-out with this PIN is confirmed; the number is held from then on.
pub async fn confirm(stack: &Stack, spid: &str, pin: &str) {
    let order = usual(&stack.new_pon(), pin);
    let answer = stack.submit(spid, &order).await;
    let foc_date = answer.json()["foc_date"].as_str().unwrap_or_default().to_owned();
    assert_port_out(&answer, 201, &confirmed(spid, &order, &foc_date));
}
