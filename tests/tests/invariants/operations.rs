//! Every operation of a caller with the DynamoDB operations that it takes: the targets of injected faults.

use std::time::Instant;

use harness::prelude::*;
use shared::port_out_id::{PortOutId, Requester, Version};

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
/// The kinds that need something before them: see [`prepare`].
const NEW_VERSION: &str = "port-out, new version";
const CANCELLATION: &str = "cancellation";
const RELEASE: &str = "release";
const ACTIVATION: &str = "activation";
const PROTECTION: &str = "protection";

/// All kinds.
pub const API_CALLS: [ApiCall; 17] = [
    ApiCall { name: "PIN status", operations: &["BatchGetItem"], call: pin_status, good: [200, 200] },
    ApiCall { name: "account", operations: &["GetItem"], call: account, good: [200, 200] },
    ApiCall { name: "numbers", operations: &["GetItem", "Query"], call: numbers, good: [200, 200] },
    // SHA-256 of nothing that was ever ordered: the read is the same.
    ApiCall { name: "order", operations: &["GetItem"], call: unknown_order, good: [404, 404] },
    ApiCall {
        name: "list of port-outs",
        operations: &["GetItem", "Query"],
        call: |stack, _| stack.call("GET", "/v1/accounts/CONTOSO/port-outs").by(&Claims::account(CONTOSO)),
        good: [200, 200],
    },
    ApiCall {
        name: "events",
        operations: &["GetItem", "Query"],
        call: |stack, _| stack.call("GET", "/v1/accounts/CONTOSO/events").by(&Claims::account(CONTOSO)),
        good: [200, 200],
    },
    ApiCall {
        name: CANCELLATION,
        operations: &["GetItem", "TransactWriteItems"],
        call: |stack, n| {
            let call = stack.call("POST", &format!("/v1/port-outs/{}/cancellation", id(&earlier("CA", n))));
            let call = call.by(&Claims::account(CONTOSO));
            call.json(&json!({"statement": "changed_mind", "name": "Ada Admin"}))
        },
        good: [200, 409],
    },
    ApiCall {
        name: RELEASE,
        operations: &["GetItem", "TransactWriteItems"],
        call: |stack, n| {
            let body = json!({"authority": "carrier", "reference": "LTR-7",
                "obtained_at": stack.now().to_string()});
            stack.desk("POST", &format!("/v1/port-outs/{}/release", id(&earlier("RE", n)))).json(&body)
        },
        good: [200, 409],
    },
    ApiCall {
        name: ACTIVATION,
        operations: &["GetItem", "BatchGetItem", "TransactWriteItems"],
        call: |stack, n| {
            let earlier = earlier("AC", n);
            let body = json!({"telephone_numbers": earlier["telephone_numbers"]});
            stack.desk("POST", &format!("/v1/port-outs/{}/activations", id(&earlier))).json(&body)
        },
        good: [200, 200],
    },
    ApiCall {
        name: PROTECTION,
        // The query of what stays open comes after the write.
        operations: &["BatchGetItem", "TransactWriteItems"],
        call: |stack, n| {
            let account = protected(n);
            let call = stack.call("PUT", &format!("/v1/accounts/{account}/port-protection"));
            call.by(&Claims::account(&account)).json(&json!({"enabled": true}))
        },
        good: [200, 200],
    },
    ApiCall {
        name: "PIN change",
        operations: &["BatchGetItem", "Query", "TransactWriteItems"],
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
        operations: &["BatchGetItem", "TransactWriteItems"],
        call: |stack, n| stack.submission(LAWFUL, &version(earlier("NV", n), 2)),
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

/// Returns the port-out that a call of this kind is about.
fn earlier(kind: &str, n: usize) -> Value {
    let exchange = match kind {
        "NV" => 2_065_551,
        "CA" => 2_065_552,
        "RE" => 2_065_553,
        _ => 2_065_554,
    };
    order(&format!("{kind}-{n}"), CONTOSO, PIN, &[tn(exchange, n)])
}

/// Returns the id of the first version of a port-out of [`LAWFUL`].
fn id(order: &Value) -> PortOutId {
    let pon = order["pon"].as_str().unwrap().parse().unwrap();
    PortOutId::of(&Requester::Carrier(LAWFUL.parse().unwrap()), &pon, Version::recorded("01").unwrap())
}

/// Returns the account that one call switches the protection of.
fn protected(n: usize) -> String {
    format!("PROTECTED{n}")
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
    let exchanges = (2_065_550..=2_065_554).chain([4_255_551]);
    let numbers: Vec<_> = exchanges.flat_map(|nxx| (0..CALLS_OF_A_KIND).map(move |n| tn(nxx, n))).collect();
    Fixture::contoso().numbers(&numbers).account("FABRIKAM").processes(4).start().await
}

/// Creates what the operation's `n`th call needs.
pub async fn prepare(stack: &Stack, api_call: &ApiCall, n: usize) {
    let order = match api_call.name {
        NEW_VERSION => earlier("NV", n),
        CANCELLATION => earlier("CA", n),
        RELEASE => earlier("RE", n),
        ACTIVATION => earlier("AC", n),
        PROTECTION => return stack.seed(&protected(n), &[tn(4_255_552, n)]).await,
        _ => return,
    };
    stack.submit(LAWFUL, &order).await.assert_status(201);
}

/// Makes the call; fails if the answer takes longer than any caller should wait.
pub async fn make(stack: &Stack, api_call: &ApiCall, n: usize) -> Answer {
    let began = Instant::now();
    let answer = (api_call.call)(stack, n).send().await;
    assert!(began.elapsed().as_secs() < 12, "{}: {:?}", api_call.name, began.elapsed());
    answer
}
