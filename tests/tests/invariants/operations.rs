//! Every operation of a caller with the DynamoDB operations that it takes: the targets of injected faults.

use std::time::Instant;

use harness::prelude::*;

/// The carrier that sends the right PINs.
pub const LAWFUL: &str = "A123";
/// How often one stack can serve each operation that uses a number.
const CALLS_OF_A_KIND: usize = 60;

/// One kind of request; `n` makes each call's order, number and carrier unique.
#[derive(Clone, Copy)]
pub struct ApiCall {
    /// For messages.
    pub name: &'static str,
    /// The DynamoDB operations that it takes.
    pub operations: &'static [&'static str],
    /// The request.
    pub call: fn(&Stack, usize) -> CallBuilder,
    /// Statuses of the right answer, the first time and when it is sent again.
    pub good: [u16; 2],
}

impl ApiCall {
    /// Fails unless this is the right answer.
    #[track_caller]
    pub fn assert_good(&self, answer: &Answer) {
        assert!(self.good.contains(&answer.status), "{}: {} {}", self.name, answer.status, answer.text());
        if self.name.starts_with("port-out") {
            let expected = if self.name == WRONG_PIN { "rejected" } else { "confirmed" };
            assert_eq!(answer.json()["status"], expected, "{}", self.name);
        }
    }

    /// Returns whether it writes.
    pub fn writes(&self) -> bool {
        self.operations.contains(&"TransactWriteItems")
    }
}

const WRONG_PIN: &str = "port-out with a wrong PIN";
/// The one kind that needs an order before it: see [`prepare`].
pub const NEW_VERSION: &str = "port-out, new version";

/// All kinds.
pub const API_CALLS: [ApiCall; 11] = [
    ApiCall { name: "PIN status", operations: &["GetItem"], call: pin_status, good: [200, 200] },
    ApiCall { name: "account", operations: &["GetItem"], call: account, good: [200, 200] },
    ApiCall { name: "numbers", operations: &["GetItem", "Query"], call: numbers, good: [200, 200] },
    // SHA-256 of nothing that was ever ordered: the read is the same.
    ApiCall { name: "order", operations: &["GetItem"], call: unknown_order, good: [404, 404] },
    ApiCall {
        name: "PIN change",
        operations: &["GetItem", "Query", "TransactWriteItems"],
        call: |stack, _| stack.pin_change("FABRIKAM", PIN),
        good: [201, 200],
    },
    ApiCall {
        name: "port-out",
        operations: &["BatchGetItem", "TransactWriteItems"],
        call: |stack, n| {
            stack.submission(LAWFUL, &order(&format!("TX-{n}"), CONTOSO, PIN, &[tn(2065550, n)]))
        },
        good: [201, 200],
    },
    ApiCall {
        name: WRONG_PIN,
        operations: &["BatchGetItem", "TransactWriteItems"],
        call: |stack, n| stack.submission(&guesser(n), &order("G-1", CONTOSO, WRONG_PIN, &[tn(2065550, n)])),
        good: [201, 200],
    },
    ApiCall {
        name: NEW_VERSION,
        operations: &["BatchGetItem", "GetItem", "TransactWriteItems"],
        call: |stack, n| stack.submission(LAWFUL, &version(first_version(n), 2)),
        good: [201, 200],
    },
    ApiCall {
        name: "replaced account",
        operations: &["GetItem", "TransactWriteItems"],
        call: |stack, _| stack.operator("PUT", "/v1/accounts/LITWARE").json(&json!({"country": "US"})),
        good: [201, 200],
    },
    ApiCall {
        name: "assigned number",
        operations: &["TransactWriteItems"],
        call: |stack, n| {
            let body = json!({"telephone_numbers": [tn(4255550, n)]});
            stack.operator("POST", "/v1/accounts/CONTOSO/telephone-numbers").json(&body)
        },
        good: [200, 200],
    },
    ApiCall {
        name: "removed number",
        operations: &["TransactWriteItems"],
        call: |stack, n| {
            stack.operator("DELETE", &format!("/v1/accounts/CONTOSO/telephone-numbers/{}", tn(4255551, n)))
        },
        good: [204, 204],
    },
];

/// Returns the carrier of one wrong PIN.
pub fn guesser(n: usize) -> String {
    format!("G{n:03}")
}

fn tn(exchange: usize, n: usize) -> String {
    format!("+1{exchange}{n:03}")
}

fn first_version(n: usize) -> Value {
    order(&format!("NV-{n}"), CONTOSO, PIN, &[tn(2065551, n)])
}

fn pin_status(stack: &Stack, _: usize) -> CallBuilder {
    stack.call("GET", "/v1/accounts/CONTOSO/port-out-pin").by(&Claims::account(CONTOSO))
}

fn account(stack: &Stack, _: usize) -> CallBuilder {
    stack.operator("GET", "/v1/accounts/CONTOSO")
}

fn numbers(stack: &Stack, _: usize) -> CallBuilder {
    stack.operator("GET", "/v1/accounts/CONTOSO/telephone-numbers")
}

fn unknown_order(stack: &Stack, _: usize) -> CallBuilder {
    let path = "/v1/port-outs/e3b0c44298fc1c149afbf4c8996fb924";
    stack.call("GET", path).by(&Claims::carrier(LAWFUL))
}

/// Starts a stack that can serve every operation [`CALLS_OF_A_KIND`] times.
pub async fn prepared() -> Stack {
    let exchanges = [2_065_550, 2_065_551, 4_255_551].into_iter();
    let numbers: Vec<_> = exchanges.flat_map(|nxx| (0..CALLS_OF_A_KIND).map(move |n| tn(nxx, n))).collect();
    Fixture::contoso().numbers(&numbers).account("FABRIKAM").processes(4).start().await
}

/// Creates what the operation's `n`th call needs.
pub async fn prepare(stack: &Stack, api_call: &ApiCall, n: usize) {
    if api_call.name == NEW_VERSION {
        stack.submit(LAWFUL, &first_version(n)).await.assert_status(201);
    }
}

/// Makes the call; fails if the answer takes longer than any caller should wait.
pub async fn make(stack: &Stack, api_call: &ApiCall, n: usize) -> Answer {
    let began = Instant::now();
    let answer = (api_call.call)(stack, n).send().await;
    assert!(began.elapsed().as_secs() < 12, "{}: {:?}", api_call.name, began.elapsed());
    answer
}
