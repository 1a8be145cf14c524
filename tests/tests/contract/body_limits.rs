//! Body size limits and content types, and which callers learn of them.

use harness::assertions::problems::{forbidden, no_token, not_json_type, not_utf8, too_large};
use harness::prelude::*;

use crate::targets::{assert_untouched, each_target, event, stack, targets};

const LIMIT: usize = 64 * 1024;

/// Pads the body with blanks to this size.
fn padded(body: &str, size: usize) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    bytes.resize(size, b' ');
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_64_kib_is_taken() {
    let stack = stack().await;
    for target in targets(&stack) {
        let body = padded(&target.good.to_string(), LIMIT);
        let answer = target.call(&stack).body("application/json", body).send().await;
        answer.assert_json(target.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_one_byte_more_is_too_large_whatever_it_is() {
    each_target(async |stack, target| {
        let good = target.good.to_string();
        for bytes in [
            padded(&good, LIMIT + 1),
            padded("", LIMIT + 1),
            padded(&good, 1024 * 1024),
            vec![b'x'; LIMIT + 1],
            vec![0xff; LIMIT + 1],
            // Fewer characters than the limit, but more bytes.
            "é".repeat(LIMIT / 2 + 1).into_bytes(),
        ] {
            target.refuses(stack, &bytes, &too_large()).await;
        }
        // Base64 makes a body longer, and counts for nothing.
        target.refuses(stack, &[0xff; LIMIT], &not_utf8()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_may_say_its_charset_and_be_written_in_any_case() {
    let stack = stack().await;
    for target in targets(&stack) {
        for (count, good) in [
            "application/json",
            "application/json; charset=utf-8",
            "application/json;charset=utf8",
            "Application/JSON;charset=\"UTF-8\"",
            "application/json ; v=1",
        ]
        .into_iter()
        .enumerate()
        {
            let answer = target.call(&stack).body(good, target.good.to_string()).send().await;
            // The second call does not create anything.
            answer.assert_json(if count == 0 { target.status } else { 200 });
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_not_sent_as_json_is_not_read() {
    each_target(async |stack, target| {
        for bad in [
            "text/plain",
            "text/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/octet-stream",
            "application/problem+json",
            "application/jsonx",
            "application/json, application/json",
            "application/json; charset=iso-8859-1",
            "application/json; charset=utf-16",
            "json",
            "zqcanary/zqcanary",
        ] {
            let answer = target.call(stack).body(bad, target.good.to_string()).send().await;
            answer.assert_refused(&not_json_type());
            let nothing = target.call(stack).body(bad, "").send().await;
            nothing.assert_refused(&not_json_type());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_without_a_content_type_is_not_read() {
    each_target(async |stack, target| {
        target.call(stack).send().await.assert_refused(&not_json_type());
        let bearer = format!("Bearer {}", target.token);
        let body = target.good.to_string();
        let event = event(target.method, target.path, &[("authorization", &bearer)], body.as_bytes());
        stack.invoke(target.function, &event).await.assert_refused(&not_json_type());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_call_is_told_so_whatever_the_body() {
    let stack = stack().await;
    let before = stack.scan().await;
    let nobody = stack.tokens().sign(&Claims::new("nobody", "port-out-pin:read"));
    for target in targets(&stack) {
        for (content_type, bytes) in [
            ("application/json", Vec::new()),
            ("application/json", vec![b'x'; LIMIT + 1]),
            ("application/json", b"{\"zqcanary\":7}".to_vec()),
            ("text/plain", b"zqcanary".to_vec()),
        ] {
            let call = || stack.call(target.method, target.path).body(content_type, bytes.clone());
            call().send().await.assert_refused(&no_token());
            call().bearer(&nobody).send().await.assert_refused(&forbidden());
        }
    }
    assert_untouched(&stack, &before).await;
}
