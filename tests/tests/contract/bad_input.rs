//! Bodies that are not JSON objects: every route that takes one refuses them, stores nothing and echoes nothing.

use harness::assertions::problems::{compressed, not_json, not_utf8};
use harness::prelude::*;

use crate::targets::{CANARY, assert_no_canary, assert_untouched, each_target, event, stack, targets};

/// Deeper than any parser should go, in less than 64 KiB.
const DEEP: usize = 10_000;

/// Fails unless every route refuses each of these bodies as no JSON, and nothing is stored.
async fn all_refuse<B: AsRef<[u8]>>(stack: &Stack, bodies: &[B]) {
    let before = stack.scan().await;
    for target in targets(stack) {
        for body in bodies {
            target.refuses(stack, body.as_ref(), &not_json()).await;
        }
    }
    assert_untouched(stack, &before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_nothing_is_no_json() {
    all_refuse(&stack().await, &["", " ", "\n", " \t\r\n ", "\0", "\u{feff}"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_object_is_refused() {
    let text = json!(CANARY).to_string();
    let list = json!([{"pin": CANARY}]).to_string();
    all_refuse(&stack().await, &["[]", &list, "[[]]", &text, "7", "-1.5e3", "true", "false", "null"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_with_a_mistake_in_its_json_is_refused() {
    let mistakes = [
        "{",
        "}",
        "{}}",
        "{} {}",
        "{},",
        "{\"pin\":\"zqcanary\"",
        "{\"pin\":\"zqcanary",
        "{\"pin\":\"zqcanary\",}",
        "{\"pin\" \"zqcanary\"}",
        "{pin:\"zqcanary\"}",
        "{'pin':'zqcanary'}",
        "{\"pin\":zqcanary}",
        "{\"pin\":\"zqcanary\"} // so",
        "/* so */ {\"pin\":\"zqcanary\"}",
        "{\"pin\":NaN}",
        "{\"pin\":Infinity}",
        "{\"pin\":1e999}",
        "{\"pin\":012345}",
        "{\"pin\":+1}",
        "{\"pin\":\"zq\\canary\"}",
        "{\"pin\":\"zq\ncanary\"}",
        "{\"pin\":\"zq\0canary\"}",
        "{\"pin\":\"\\u12\"}",
        "{7:\"zqcanary\"}",
        "pin=zqcanary",
        "<pin>zqcanary</pin>",
    ];
    all_refuse(&stack().await, &mistakes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_byte_order_mark_before_json_is_ignored_and_utf_16_is_not_read() {
    let stack = stack().await;
    for target in targets(&stack) {
        let marked = format!("\u{feff}{}", target.good);
        target.call(&stack).body("application/json", marked).send().await.assert_json(target.status);
        let body = target.good.to_string();
        let wide = |unit: fn(u16) -> [u8; 2]| body.encode_utf16().flat_map(unit).collect::<Vec<_>>();
        target.refuses(&stack, &wide(u16::to_le_bytes), &not_json()).await;
        target.refuses(&stack, &wide(u16::to_be_bytes), &not_json()).await;
        target.refuses(&stack, &[&b"\xff\xfe"[..], &wide(u16::to_le_bytes)].concat(), &not_utf8()).await;
    }
    assert_no_canary(&stack);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_utf_8_are_refused_wherever_they_stand_and_as_whatever_they_arrive() {
    each_target(async |stack, target| {
        let body = target.good.to_string();
        let inside = body.find("\":").unwrap();
        let event = |bytes: &[u8]| {
            let bearer = format!("Bearer {}", target.token);
            let headers = [("authorization", &*bearer), ("content-type", "application/json")];
            event(target.method, target.path, &headers, bytes)
        };
        // ISO-8859-1, a lone continuation, an overlong slash, a surrogate, one past the last, a cut sequence.
        for bad in [&b"\xfc"[..], b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
            for place in [0, inside, body.len() - 2, body.len()] {
                let bytes = [&body.as_bytes()[..place], bad, &body.as_bytes()[place..]].concat();
                target.refuses(stack, &bytes, &not_utf8()).await;
                // A gateway may also hand it over as text.
                let mut text = event(&bytes);
                text["body"] = String::from_utf8_lossy(&bytes).into();
                text["isBase64Encoded"] = false.into();
                stack.invoke(target.function, &text).await.assert_refused(&not_utf8());
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_body_is_refused_by_its_first_bytes_whatever_the_header_says() {
    each_target(async |stack, target| {
        for bytes in [&[0x1f, 0x8b, 8, 0][..], &[0x78, 0x9c, 0xab], &[0x28, 0xb5, 0x2f, 0xfd, 4]] {
            target.refuses(stack, bytes, &compressed()).await;
        }
    })
    .await;
    let stack = stack().await;
    for target in targets(&stack) {
        let call = target.call(&stack).header("content-encoding", "gzip").json(&target.good);
        call.send().await.assert_json(target.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_bad_fields_a_hundred_are_named_and_the_rest_is_counted() {
    const MANY: usize = 6_000;
    each_target(async |stack, target| {
        let body = match target.lists {
            true => json!({"telephone_numbers": vec![0; MANY]}).to_string(),
            false => {
                format!("{{{}}}", (0..MANY).map(|n| format!("\"x{n}\":0")).collect::<Vec<_>>().join(","))
            }
        };
        let call = target.call(stack).body("application/json", body);
        let answer = call.send().await.assert_problem(400, "malformed_request");
        assert_eq!(answer["errors"].as_array().unwrap().len(), 100);
        let omitted = answer["errors_omitted"].as_u64().unwrap();
        // Required fields are missing beside them.
        assert!((5_900..5_910).contains(&omitted), "{omitted}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_surrogate_pair_is_no_text() {
    each_target(async |stack, target| {
        for half in ["\\ud800", "\\udc00", "\\ud83d\\ud83d", "\\udc00\\ud800", "\\ud83dzqcanary"] {
            let body = target.good.to_string();
            let in_name = body.replacen("{\"", &format!("{{\"{half}"), 1);
            let in_value = format!("{{\"pin\":\"{half}\",{}", body.strip_prefix('{').unwrap());
            target.refuses(stack, in_name.as_bytes(), &not_json()).await;
            target.refuses(stack, in_value.as_bytes(), &not_json()).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deep_nesting_is_refused_before_it_hurts() {
    let stack = stack().await;
    let lists = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = format!("{}7{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP));
    let mut bodies = vec![lists(DEEP), objects.clone(), "[".repeat(DEEP), "{\"a\":".repeat(DEEP)];
    for field in ["pin", "country", "telephone_numbers", "pon", CANARY] {
        bodies.extend([&lists(DEEP), &objects].map(|deep| format!("{{\"{field}\":{deep}}}")));
    }
    let pids = |name| stack.host().pids(name);
    let before = ["provision", "set-pin", "port-out"].map(pids);
    all_refuse(&stack, &bodies).await;
    assert_eq!(["provision", "set-pin", "port-out"].map(pids), before);
}
