//! The harness keeps its promises: faults happen where they are told to, processes live and die as on Lambda.

use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem};
use axum::http::{HeaderMap, Method, Uri};
use harness::client::{Answer, Client};
use harness::engine::{self, Engine, Table, scan_all};
use harness::faults::{Action, Fault};
use harness::gateway::{self, HOST_ERROR};
use harness::lambda_host::{Function, LambdaHost};
use harness::runtime_api::FunctionError;
use harness::stack::{FUNCTIONS, Stack, route};
use harness::tokens::{Claims, Issuer};
use harness::wire::Wire;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

// ---------------------------------------------------------------------------------------------- engine and wire

struct Database {
    engine: Engine,
    table: Table,
    wire: Wire,
    client: DynamoDb,
}

async fn database() -> Database {
    let engine = Engine::start();
    let table = Table::create(&engine).await;
    let wire = Wire::start(engine.endpoint()).await;
    let client = engine::client(wire.url(), table.name());
    Database { engine, table, wire, client }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

impl Database {
    async fn put(&self, pk: &str) {
        let put = self.client.put_item().table_name(self.table.name());
        put.item("pk", text(pk)).item("sk", text("x")).send().await.unwrap();
    }

    /// The SDK's verdict on a transaction of two puts, tried once.
    async fn transact(&self) -> Result<(), String> {
        let put = |pk: &str| {
            let put = Put::builder().table_name(self.table.name()).item("pk", text(pk)).item("sk", text("x"));
            TransactWriteItem::builder().put(put.build().unwrap()).build()
        };
        let call = self.client.transact_write_items().transact_items(put("a")).transact_items(put("b"));
        let sent = call.customize().config_override(once()).send().await;
        sent.map(drop).map_err(|error| error.code().unwrap_or("no code").to_owned())
    }

    async fn batch_get(&self, pks: &[&str]) -> (usize, usize) {
        let keys = pks.iter().map(|pk| [("pk".to_owned(), text(pk)), ("sk".to_owned(), text("x"))].into());
        let keys = KeysAndAttributes::builder().set_keys(Some(keys.collect())).build().unwrap();
        let answer =
            self.client.batch_get_item().request_items(self.table.name(), keys).send().await.unwrap();
        let found = answer.responses().unwrap().values().map(Vec::len).sum();
        let unread = answer.unprocessed_keys().unwrap().values().map(|keys| keys.keys().len()).sum();
        (found, unread)
    }

    async fn stored(&self) -> usize {
        scan_all(self.engine.endpoint(), self.table.name()).await.len()
    }
}

fn once() -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::Config::builder().retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wire_records_calls_in_order_with_body_and_answer() {
    let db = database().await;
    db.put("a").await;
    assert_eq!(db.batch_get(&["a", "b"]).await, (1, 0));
    let calls = db.wire.take_calls();
    assert_eq!(
        calls.iter().map(|call| call.operation.as_str()).collect::<Vec<_>>(),
        ["PutItem", "BatchGetItem"]
    );
    assert_eq!(calls[0].body["Item"]["pk"], json!({"S": "a"}));
    let (status, answer) = calls[1].answer.as_ref().unwrap();
    assert_eq!((*status, &answer["Responses"][db.table.name()][0]["pk"]["S"]), (200, &json!("a")));
    assert_eq!(db.wire.take_operations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scan_sees_every_page() {
    let db = database().await;
    let filler = "x".repeat(300_000);
    for at in 0..5 {
        let put = db.client.put_item().table_name(db.table.name()).item("pk", text(&format!("{at}")));
        put.item("sk", text("x")).item("filler", text(&filler)).send().await.unwrap();
    }
    assert_eq!(db.stored().await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_skips_counts_and_ends() {
    let db = database().await;
    db.wire.fault(Fault::on("PutItem", Action::throttled()).skip(1).times(2));
    db.put("a").await;
    assert_eq!(db.wire.take_operations().len(), 1);
    db.put("b").await;
    let statuses =
        db.wire.take_calls().iter().map(|call| call.answer.as_ref().unwrap().0).collect::<Vec<_>>();
    assert_eq!(statuses, [400, 400, 200]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_reach_the_sdk_as_dynamodb_would_name_them() {
    let db = database().await;
    for (action, code) in [
        (Action::throttled(), "ProvisionedThroughputExceededException"),
        (Action::request_limit(), "RequestLimitExceeded"),
        (Action::internal_error(), "InternalServerError"),
        (Action::access_denied(), "AccessDeniedException"),
        (Action::TransactionConflict, "TransactionCanceledException"),
        (Action::Garbage, "no code"),
        (Action::Drop, "no code"),
    ] {
        db.wire.fault(Fault::any(action));
        assert_eq!(db.transact().await, Err(code.to_owned()));
        assert_eq!(db.stored().await, 0, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflict_names_a_reason_for_every_item() {
    let db = database().await;
    db.wire.fault(Fault::on("TransactWriteItems", Action::TransactionConflict));
    assert!(db.transact().await.is_err());
    let answer = db.wire.take_calls().remove(0).answer.unwrap().1;
    assert_eq!(answer["CancellationReasons"], json!([{"Code": "TransactionConflict"}, {"Code": "None"}]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_then_drop_writes_and_tells_nobody() {
    let db = database().await;
    db.wire.fault(Fault::on("TransactWriteItems", Action::PassThenDrop));
    assert!(db.transact().await.is_err());
    assert_eq!(db.stored().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delayed_write_happens_after_its_caller_has_given_up() {
    let db = Arc::new(database().await);
    db.wire.fault(Fault::on("TransactWriteItems", Action::Delay(Duration::from_secs(1))));
    let caller = tokio::spawn({
        let db = db.clone();
        async move { db.transact().await }
    });
    until(|| !db.wire.take_calls().is_empty()).await;
    caller.abort();
    assert_eq!(db.stored().await, 0);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(db.stored().await, 2);
}

/// Waits for something that happens soon; fails after ten seconds.
async fn until(happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(10), "it does not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unprocessed_keys_are_left_unread() {
    let db = database().await;
    for pk in ["a", "b", "c"] {
        db.put(pk).await;
    }
    db.wire.fault(Fault::on("BatchGetItem", Action::UnprocessedKeys(2)));
    assert_eq!(db.batch_get(&["a", "b", "c"]).await, (1, 2));
    db.wire.fault(Fault::on("BatchGetItem", Action::UnprocessedKeys(9)));
    assert_eq!(db.batch_get(&["a", "b", "c"]).await, (0, 3));
    assert_eq!(db.batch_get(&["a", "b", "c"]).await, (3, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_calls_wait_for_their_release() {
    let db = Arc::new(database().await);
    let gate = db.wire.hold("TransactWriteItems");
    let writers: Vec<_> = (0..3)
        .map(|_| {
            tokio::spawn({
                let db = db.clone();
                async move { db.transact().await }
            })
        })
        .collect();
    gate.wait(3).await;
    assert_eq!(db.stored().await, 0);
    gate.let_go(1);
    until(|| writers.iter().any(|writer| writer.is_finished())).await;
    assert_eq!(writers.iter().filter(|writer| writer.is_finished()).count(), 1);
    gate.release();
    for writer in writers {
        assert_eq!(writer.await.unwrap(), Ok(()));
    }
    assert_eq!(db.transact().await, Ok(()), "an open gate holds nobody");
    db.wire.fault(Fault::on("TransactWriteItems", Action::internal_error()));
    assert!(db.transact().await.is_err(), "nor does it hide the rules after it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engine_on_a_file_keeps_what_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.db");
    let engine = Engine::on_file(&path);
    engine::create_table(engine.endpoint(), "kept").await;
    let put = engine::client(engine.endpoint(), "kept").put_item().table_name("kept");
    put.item("pk", text("a")).item("sk", text("x")).send().await.unwrap();
    drop(engine);
    let engine = Engine::on_file(&path);
    assert_eq!(scan_all(engine.endpoint(), "kept").await.len(), 1);
}

// ------------------------------------------------------------------------------------------- functions and gateway

fn fake() -> Function {
    Function::new("fake", PathBuf::from(env!("CARGO_BIN_EXE_fake-function")))
}

async fn host(function: Function) -> (LambdaHost, Client) {
    let host = LambdaHost::start(vec![function], Arc::new(|_, _| "fake")).await.unwrap();
    let client = Client::new(host.url());
    (host, client)
}

async fn get(client: &Client, path: &str) -> Answer {
    client.call("GET", path).send().await
}

#[track_caller]
fn assert_host_error(answer: &Answer, status: u16, why: &str) {
    assert_eq!((answer.status, answer.header(HOST_ERROR)), (status, "true"), "{}", answer.text());
    assert!(answer.text().contains(why), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_becomes_event_and_answer_response() {
    let (host, client) = host(fake()).await;
    let call = client.call("PUT", "/a%2Fb/%20?x=1&x=%32").json(&json!({"pin": "1"}));
    let answer = call.header("cookie", "a=1; b=2").send().await;
    let body = answer.assert_json(207);
    assert_eq!(answer.header("etag"), "\"7\"");
    assert_eq!(body["path"], "/a%2Fb/%20");
    assert!(body["uri"].as_str().unwrap().ends_with("/a%2Fb/%20?x=1&x=%32"), "{body}");
    assert_eq!((&body["method"], &body["binary"]), (&json!("PUT"), &json!(false)));
    assert!(client.transcript().contains("207\n") && client.transcript().contains("a%2Fb"));
    assert!(host.stop().await.contains("fake: stderr line of /a%2Fb/%20\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_text_arrive_as_bytes() {
    let (_host, client) = host(fake()).await;
    for (content_type, bytes, binary) in [
        ("application/json", &b"{}"[..], false),
        ("application/json; charset=utf-8", b"{}", false),
        ("application/json", b"\xff", true),
        ("application/soap+xml", b"<a/>", false),
        ("text/plain", b"a", false),
        ("application/x-www-form-urlencoded", b"a=1", true),
    ] {
        let body = client.call("POST", "/").body(content_type, bytes).send().await.assert_json(207);
        assert_eq!((&body["binary"], &body["body"]), (&json!(binary), &json!(bytes)), "{content_type}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn environment_is_lambdas_and_the_tests_and_nothing_else() {
    let (_host, client) =
        host(Function { env: vec![("TABLE_NAME".to_owned(), "t".to_owned())], ..fake() }).await;
    let body = get(&client, "/").await.assert_json(207);
    let mut env: Vec<_> = body["env"].as_object().unwrap().keys().cloned().collect();
    // Set by the runtime itself on every invocation.
    env.retain(|name| name != "_X_AMZN_TRACE_ID");
    let lambda = ["AWS_ACCESS_KEY_ID", "AWS_EC2_METADATA_DISABLED", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"];
    let more = ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE"];
    let rest =
        ["AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "HOME", "PATH", "TABLE_NAME"];
    assert_eq!(env, [&lambda[..], &more, &rest].concat());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_dies_answers_502_and_is_replaced() {
    let (_host, client) = host(fake()).await;
    let before = get(&client, "/").await.json()["pid"].clone();
    assert_host_error(&get(&client, "/exit").await, 502, "died: exit status: 3");
    assert_ne!(get(&client, "/").await.assert_json(207)["pid"], before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_without_restart_stays_dead() {
    let (host, client) = host(Function { restart: false, ..fake() }).await;
    host.kill("fake").await;
    assert_host_error(&get(&client, "/").await, 502, "no process");
    assert_eq!(host.pids("fake"), Vec::<u32>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadline_answers_504_and_kills_the_process() {
    let (_host, client) = host(Function { timeout: Duration::from_millis(200), ..fake() }).await;
    let before = get(&client, "/").await.json()["pid"].clone();
    assert_host_error(&get(&client, "/sleep").await, 504, "timed out");
    assert_ne!(get(&client, "/").await.assert_json(207)["pid"], before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_during_an_invocation_answers_502() {
    let (host, client) = host(fake()).await;
    let sleeper = tokio::spawn({
        let client = client.clone();
        async move { get(&client, "/sleep").await }
    });
    until(|| host.logs().contains("stderr line of /sleep")).await;
    host.kill("fake").await;
    assert_host_error(&sleeper.await.unwrap(), 502, "died: signal: 9");
    get(&client, "/").await.assert_status(207);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_work_at_once_and_nobody_is_lost_in_the_queue() {
    let (host, client) = host(Function { processes: 3, ..fake() }).await;
    assert_eq!(host.pids("fake").len(), 3);
    let calls: Vec<_> = (0..60)
        .map(|_| {
            tokio::spawn({
                let client = client.clone();
                async move { get(&client, "/").await }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap().assert_status(207);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_while_busy_lose_only_what_the_dead_were_doing() {
    let (host, client) = host(Function { processes: 2, ..fake() }).await;
    let calls: Vec<_> = (0..200)
        .map(|_| {
            tokio::spawn({
                let client = client.clone();
                async move { get(&client, "/").await }
            })
        })
        .collect();
    for _ in 0..5 {
        host.kill("fake").await;
    }
    let mut lost = 0;
    for call in calls {
        let answer = call.await.unwrap();
        if answer.status != 207 {
            assert_host_error(&answer, 502, "died");
            lost += 1;
        }
    }
    assert!(lost <= 10, "{lost} lost in 5 kills of 2 processes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_and_panics_are_failures_of_the_function() {
    let (host, client) = host(fake()).await;
    assert_host_error(&get(&client, "/fail").await, 502, "asked to fail");
    let pid = host.pids("fake");
    assert_host_error(&get(&client, "/panic").await, 502, "asked to");
    assert_eq!(host.pids("fake"), pid, "a panic leaves the process alive");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_event_fails_and_the_process_lives() {
    let (host, client) = host(fake()).await;
    for event in ["", "{", "[]", "{}", "null"] {
        let outcome = host.invoke_raw("fake", event.as_bytes()).await;
        assert!(matches!(outcome, Err(FunctionError::Failed(_))), "{event}: {outcome:?}");
    }
    get(&client, "/").await.assert_status(207);
    assert_eq!(host.invoke_raw("nobody", b"{}").await, Err(FunctionError::NoProcess));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_of_the_gateway_reach_the_function() {
    let (host, _client) = host(fake()).await;
    let event = gateway::event(&Method::GET, &Uri::from_static("/x"), &HeaderMap::new(), b"");
    let event = gateway::authorized(event, &Claims::carrier("A123").with("scope", json!(["a", "b"])));
    let outcome = host.invoke_raw("fake", event.to_string().as_bytes()).await;
    let body = gateway::answer(outcome).unwrap().json();
    let claims = &body["claims"]["jwt"]["claims"];
    assert_eq!((&claims["spid"], &claims["scope"]), (&json!("A123"), &json!("[a b]")), "{body}");
    assert!(claims["exp"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn function_that_fails_to_start_shows_its_logs() {
    let function = Function { env: vec![("FAIL_INIT".to_owned(), "1".to_owned())], ..fake() };
    let logs = LambdaHost::start(vec![function], Arc::new(|_, _| "fake")).await.err().unwrap();
    assert!(logs.contains("fake: stdout line\n") && logs.contains("init fails"), "{logs}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_host_leaves_no_process() {
    let (host, _client) = host(Function { processes: 2, ..fake() }).await;
    let pids = host.pids("fake");
    drop(host);
    until(|| !pids.iter().any(|pid| is_running(*pid))).await;
}

fn is_running(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_http_goes_out_as_written() {
    let (_host, client) = host(fake()).await;
    let answer = client.raw_http(b"BREW /pot HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 207 ") && answer.contains(r#""method":"BREW""#), "{answer}");
    let refused = client.raw_http(b"no http at all\r\n\r\n").await;
    assert!(refused.starts_with(b"HTTP/1.1 400 "));
    assert!(client.transcript().contains(r#""method":"BREW""#));
}

// ---------------------------------------------------------------------------------------------------------- stack

/// A folder in which every function is the fake one.
fn fakes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in FUNCTIONS {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fake-function"), folder.path().join(name)).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stack_routes_calls_and_sets_the_environment() {
    let folder = fakes();
    let stack = Stack::builder().binaries(folder.path()).pin_policy("strict").start().await;
    let body = stack.set_pin("CONTOSO", "482913").await.assert_json(207);
    assert_eq!(body["path"], "/v1/accounts/CONTOSO/port-out-pin");
    let env = &body["env"];
    assert_eq!(env["AWS_LAMBDA_FUNCTION_NAME"], "set-pin");
    assert_eq!(env["TABLE_NAME"], stack.table());
    assert_eq!(env["AWS_ACCESS_KEY_ID"], engine::access_key(stack.table()));
    assert_eq!(env["AWS_ENDPOINT_URL_DYNAMODB"], stack.wire().url_of("set-pin"));
    assert_eq!((&env["PIN_POLICY"], &env["PBKDF2_ITERATIONS"]), (&json!("strict"), &json!("100000")));
    assert_eq!(env["JWT_KEYS"], stack.tokens().jwks());
    let body = stack.submit("A123", &json!({})).await.assert_json(207);
    assert_eq!(body["env"]["AWS_LAMBDA_FUNCTION_NAME"], "port-out");
    assert!(stack.transcript().contains("port-out") && stack.logs().contains("port-out: stderr line"));
    assert_eq!(stack.scan().await, Vec::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stack_takes_invocations_past_the_gateway() {
    let folder = fakes();
    let stack = Stack::builder().binaries(folder.path()).functions(&["status"]).without_wire().start().await;
    let event = gateway::event(&Method::GET, &Uri::from_static("/x"), &HeaderMap::new(), b"");
    let body = stack.invoke("status", &event).await.assert_json(207);
    assert_eq!(body["env"]["AWS_ENDPOINT_URL_DYNAMODB"], stack.engine().endpoint());
    assert!(stack.transcript().contains("\"path\":\"/x\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stack_that_cannot_start_returns_the_logs() {
    let folder = fakes();
    let stack = Stack::builder().binaries(folder.path()).env("FAIL_INIT", "1").try_start().await;
    assert!(stack.err().unwrap().contains("init fails"));
}

// ------------------------------------------------------------------------------------------------ tokens, helpers

#[test]
fn good_token_verifies_with_the_published_key_and_bad_ones_differ() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let issuer = Issuer::default();
    let token = issuer.account("CONTOSO");
    let (text, sig) = token.rsplit_once('.').unwrap();
    let jwks: Value = serde_json::from_str(&issuer.jwks()).unwrap();
    let key = BASE64.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key);
    key.verify(text.as_bytes(), &BASE64.decode(sig).unwrap()).unwrap();
    let payload = BASE64.decode(text.split_once('.').unwrap().1).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap()["account_id"], "CONTOSO");
    let mut bad: Vec<_> =
        issuer.bad_tokens(&Claims::account("CONTOSO")).into_iter().map(|(_, token)| token).collect();
    assert!(!bad.contains(&token));
    let count = bad.len();
    bad.sort();
    bad.dedup();
    assert_eq!(bad.len(), count);
}

#[test]
fn routes_lead_to_the_function_that_owns_them() {
    for (method, path, function) in [
        ("GET", "/v1/accounts/CONTOSO/port-out-pin", "status"),
        ("PUT", "/v1/accounts/CONTOSO/port-out-pin", "set-pin"),
        ("DELETE", "/v1/accounts/CONTOSO/port-out-pin", "set-pin"),
        ("POST", "/v1/port-outs", "port-out"),
        ("GET", "/v1/port-outs/1", "status"),
        ("PUT", "/v1/accounts/CONTOSO", "provision"),
        ("POST", "/v1/accounts/CONTOSO/telephone-numbers", "provision"),
        ("DELETE", "/v1/accounts/CONTOSO/telephone-numbers/+12065550100", "provision"),
        ("GET", "/v1/accounts/CONTOSO/telephone-numbers", "status"),
        ("POST", "/nowhere", "status"),
    ] {
        assert_eq!(route(&method.parse().unwrap(), path), function, "{method} {path}");
        assert!(FUNCTIONS.contains(&function));
    }
}

#[test]
#[should_panic(expected = "the whole body")]
fn failed_assertion_prints_the_whole_body() {
    let answer = Answer {
        call: "GET /".to_owned(),
        status: 500,
        headers: HeaderMap::new(),
        body: b"the whole body".to_vec(),
    };
    answer.assert_problem(404, "route_not_found");
}

#[test]
fn problem_is_checked_in_every_field() {
    let problem = json!({"type": "urn:port-out:problem:invalid_request", "title": "t", "status": 422, "detail": "d",
        "code": "invalid_request", "errors": [{"field": "/pin", "code": "pin_blank", "detail": "d"}]});
    let answer = |problem: &Value, content_type: &str| Answer {
        call: "PUT /".to_owned(),
        status: 422,
        headers: HeaderMap::from_iter([("content-type".parse().unwrap(), content_type.parse().unwrap())]),
        body: problem.to_string().into(),
    };
    let good = answer(&problem, "application/problem+json");
    good.assert_problem(422, "invalid_request");
    good.assert_errors(&[("/pin", "pin_blank")]);
    let refused =
        |answer: Answer| std::panic::catch_unwind(|| answer.assert_problem(422, "invalid_request")).is_err();
    assert!(refused(answer(&problem, "application/json")));
    for (field, value) in [
        ("type", json!("about:blank")),
        ("status", json!("422")),
        ("code", json!("x")),
        ("title", json!("")),
        ("detail", json!(null)),
    ] {
        let mut other = problem.clone();
        other[field] = value;
        assert!(refused(answer(&other, "application/problem+json")), "{field}");
    }
}
