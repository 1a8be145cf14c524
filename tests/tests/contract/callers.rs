//! Who may call what: every route with every kind of caller.

use crate::targets::{HELD, ROUTES, bearer_routes, body, call, stack};
use harness::assertions::problems::{forbidden, no_port_out, no_token};
use harness::prelude::*;
use runtime::http::endpoint::{
    Endpoint, PortOutEndpoint, ProtectEndpoint, ProvisionEndpoint, SetPinEndpoint, StatusEndpoint,
};
use runtime::http::routes;

const READ: &str = "port-out-pin:read";
const WRITE: &str = "port-out-pin:write";
const NUMBERS: [&str; 2] = [TN, HELD];
const SOURCE: &str = "/v1/webhook-sources/acme";

/// The kinds of callers, in the order of the columns below.
fn callers() -> [(&'static str, Claims); 12] {
    let admin = |scope| Claims::new("admin", scope).with("account_id", CONTOSO);
    [
        ("the operator", Claims::operator()),
        ("the porting desk", Claims::desk()),
        ("its admin", Claims::account(CONTOSO)),
        ("its admin that only reads", admin(READ)),
        ("its admin that only writes", admin(WRITE)),
        ("another account's admin", Claims::account("FABRIKAM")),
        ("an admin of no account", Claims::account(CONTOSO).without("account_id")),
        ("the carrier", Claims::carrier("A123")),
        ("another carrier", Claims::carrier("B456")),
        ("a carrier without a SPID", Claims::carrier("A123").without("spid")),
        (
            "somebody without a scope",
            Claims::new("nobody", "").with("account_id", CONTOSO).with("spid", "A123"),
        ),
        (
            "somebody with scopes like ours",
            Claims::new(
                "nobody",
                "accounts port-out-pin:* PORT-OUT-PIN:READ port-out:submit, accounts:manager port-outs:operat",
            )
            .with("account_id", CONTOSO)
            .with("spid", "A123"),
        ),
    ]
}

const OPERATOR_ONLY: [u16; 12] = [200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403];
/// Webhooks are let in by a signature or a password; a token says nothing there.
const NO_TOKEN: [u16; 12] = [401; 12];
/// Bandwidth takes a 401 for an approval, so a token in place of its password is refused under 200.
const REFUSED: [u16; 12] = [200; 12];

/// The statuses for each of [`callers`]: a new endpoint does not compile without them.
fn statuses(endpoint: Endpoint) -> [u16; 12] {
    match endpoint {
        Endpoint::Status(StatusEndpoint::Account) => OPERATOR_ONLY,
        Endpoint::Status(StatusEndpoint::TelephoneNumbers | StatusEndpoint::Pin) => {
            [200, 403, 200, 200, 403, 403, 403, 403, 403, 403, 403, 403]
        }
        Endpoint::Status(StatusEndpoint::PortOut) => {
            [403, 200, 200, 200, 403, 404, 403, 200, 404, 403, 403, 403]
        }
        Endpoint::Status(
            StatusEndpoint::AccountPortOuts | StatusEndpoint::Events | StatusEndpoint::Protection,
        ) => [403, 200, 200, 200, 403, 403, 403, 403, 403, 403, 403, 403],
        // Each carrier its own; the desk has to say whose.
        Endpoint::Status(StatusEndpoint::PortOuts) => {
            [403, 422, 403, 403, 403, 403, 403, 200, 200, 403, 403, 403]
        }
        Endpoint::Status(StatusEndpoint::TelephoneNumber) | Endpoint::Protect(ProtectEndpoint::Activate) => {
            [403, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403]
        }
        // The number was recorded as ported, so there is nothing left to end.
        Endpoint::Protect(ProtectEndpoint::Cancel) => {
            [403, 403, 409, 403, 403, 404, 403, 403, 403, 403, 403, 403]
        }
        Endpoint::Protect(ProtectEndpoint::Release) => {
            [403, 409, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403]
        }
        // The desk has to say on whose wish.
        Endpoint::Protect(ProtectEndpoint::SwitchProtection) => {
            [403, 422, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403]
        }
        Endpoint::SetPin(SetPinEndpoint::Set) => [403, 403, 200, 403, 200, 403, 403, 403, 403, 403, 403, 403],
        Endpoint::SetPin(SetPinEndpoint::Delete) => {
            [405, 403, 405, 403, 405, 403, 403, 403, 403, 403, 403, 403]
        }
        Endpoint::PortOut(PortOutEndpoint::Submit) => {
            // The desk has to say for which carrier.
            [403, 422, 403, 403, 403, 403, 403, 201, 201, 403, 403, 403]
        }
        Endpoint::PortOut(PortOutEndpoint::StandardWebhook) => NO_TOKEN,
        Endpoint::Bandwidth(_) => REFUSED,
        Endpoint::Console(_) => panic!("a page, not a route of the API"),
        Endpoint::Provision(
            ProvisionEndpoint::PutAccount
            | ProvisionEndpoint::AssignNumbers
            | ProvisionEndpoint::GetWebhookSource
            | ProvisionEndpoint::PutWebhookSource
            | ProvisionEndpoint::RotateWebhookSource,
        ) => OPERATOR_ONLY,
        Endpoint::Provision(ProvisionEndpoint::RemoveNumber | ProvisionEndpoint::DeleteWebhookSource) => {
            [204, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403]
        }
    }
}

/// With another account, a PIN, a webhook source and a confirmed port-out; its path.
async fn prepared() -> (Stack, String) {
    let stack = stack().await;
    stack.seed("FABRIKAM", &["+14255550199"]).await;
    stack.assign(CONTOSO, &NUMBERS).await.assert_status(200);
    stack.set_pin(CONTOSO, PIN).await.assert_status(201);
    let source = stack.call("PUT", SOURCE).by(&Claims::operator());
    source.json(&body("PUT", SOURCE).unwrap()).send().await.assert_status(201);
    let answer = stack.submit("A123", &order("P-1", CONTOSO, PIN, &[NUMBERS[1]])).await;
    assert_eq!(answer.assert_json(201)["status"], "confirmed", "{}", answer.text());
    let path = answer.header("location").to_owned();
    (stack, path)
}

/// The path, with the port-out that is there.
fn with_port_out(path: &str, port_out: &str) -> String {
    path.replace("/v1/port-outs/0123456789abcdef0123456789abcdef", port_out)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_caller_may_do_what_its_claims_say_and_nothing_else() {
    let (stack, port_out) = prepared().await;
    let before = stack.scan().await;
    // First all that is refused, which must not leave a trace, then all that is not.
    for refused in [true, false] {
        for (route, (method, path, _)) in routes::ROUTES.iter().zip(ROUTES) {
            let path = with_port_out(path, &port_out);
            for ((name, claims), status) in callers().into_iter().zip(statuses(route.endpoint)) {
                if refused != matches!(status, 401 | 403 | 404) {
                    continue;
                }
                let answer = call(&stack, method, &path).by(&claims).send().await;
                match status {
                    401 => answer.assert_refused(&problems::not_signed()),
                    403 => answer.assert_refused(&forbidden()),
                    404 => answer.assert_refused(&no_port_out()),
                    status => assert_eq!(answer.status, status, "{name}: {answer:?}"),
                }
            }
        }
        if refused {
            assert_eq!(stack.scan().await, before);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_let_in_without_a_bearer_token() {
    let (stack, port_out) = prepared().await;
    let before = stack.scan().await;
    let token = stack.tokens().operator();
    let nowhere =
        [("GET", "/".to_owned()), ("GET", "/v1/nothing".to_owned()), ("OPTIONS", "/v1/port-outs".to_owned())];
    let routes = bearer_routes().map(|(_, (method, path, _))| (method, with_port_out(path, &port_out)));
    for (method, path) in routes.chain(nowhere) {
        call(&stack, method, &path).send().await.assert_refused(&no_token());
        for header in ["", "Bearer", token.as_str(), "Basic b3BlcmF0b3I6eA==", &format!("Token {token}")] {
            let call = call(&stack, method, &path).header("authorization", header);
            call.send().await.assert_refused(&no_token());
        }
        // A token is nowhere else than in its header.
        let elsewhere = call(&stack, method, &format!("{path}?access_token={token}"));
        let elsewhere = elsewhere.header("cookie", &format!("authorization=Bearer {token}"));
        elsewhere
            .header("x-authorization", &format!("Bearer {token}"))
            .send()
            .await
            .assert_refused(&no_token());
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_account_answers_alike_whether_it_is_there_or_not() {
    let (stack, _) = prepared().await;
    let before = stack.scan().await;
    let admin = stack.tokens().account(CONTOSO);
    for (method, path, _) in ROUTES.into_iter().filter(|(_, path, _)| path.starts_with("/v1/accounts/")) {
        let mut answers = Vec::new();
        for account in ["FABRIKAM", "NO_TOKEN", "fab-rikam", "!", "CONTOS", "CONTOSO1", "%00"] {
            let path = path.replace(CONTOSO, account);
            let answer = call(&stack, method, &path).bearer(&admin).send().await;
            answer.assert_refused(&forbidden());
            answers.push(answer.fingerprint());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_accounts_pin_is_refused_alike_whatever_is_sent_to_it() {
    let (stack, _) = prepared().await;
    stack.put_account("NORTHWIND", &json!({"country": "CA"})).await.assert_status(201);
    let before = stack.scan().await;
    let mut answers = Vec::new();
    for account in ["FABRIKAM", "NORTHWIND", "NO_TOKEN"] {
        for body in
            [json!({"pin": PIN}), json!({"pin": "1"}), json!({"pin": 7}), json!({"pni": ""}), json!([])]
        {
            for tag in ["*", "\"0\"", "\"9\""] {
                let call = stack.call("PUT", &format!("/v1/accounts/{account}/port-out-pin"));
                let call = call.by(&Claims::account(CONTOSO)).header("if-match", tag);
                let answer = call.json(&body).send().await;
                answer.assert_refused(&forbidden());
                answers.push(answer.fingerprint());
            }
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(stack.scan().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_out_that_is_not_ones_own_looks_like_one_that_never_was() {
    let (stack, port_out) = prepared().await;
    let upper = port_out.trim_start_matches("/v1/port-outs/").to_uppercase();
    let unknown = ["0123456789abcdef0123456789abcdef", "x", "%00", CONTOSO, &upper];
    let unknown = unknown.map(|id| format!("/v1/port-outs/{id}"));
    // Setting an account's PIN is not seeing its port-outs, not even for a carrier that sees its own.
    let both = Claims::carrier("B456").with("scope", format!("{WRITE} port-out:submit"));
    let both = stack.tokens().sign(&both.with("account_id", CONTOSO));
    for token in [stack.tokens().carrier("B456"), stack.tokens().account("FABRIKAM"), both] {
        let theirs = stack.get(&port_out, &token).await;
        theirs.assert_refused(&no_port_out());
        for path in &unknown {
            assert_eq!(stack.get(path, &token).await.fingerprint(), theirs.fingerprint(), "{path}");
        }
    }
    for claims in [Claims::carrier("A123"), Claims::desk()] {
        for path in &unknown {
            stack.get(path, &claims).await.assert_refused(&no_port_out());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_see_a_port_out_sees_all_of_it_alike() {
    let (stack, port_out) = prepared().await;
    let carrier = stack.get(&port_out, &stack.tokens().carrier("A123")).await;
    let foc_date: Value = carrier.json()["foc_date"].clone();
    let foc: jiff::civil::Date = foc_date.as_str().unwrap().parse().unwrap();
    let hold_expires_on = (foc + SignedDuration::from_hours(24 * 30)).to_string();
    let expected = json!({
        "id": port_out.trim_start_matches("/v1/port-outs/"),
        "spid": "A123",
        "pon": "P-1",
        "version": "01",
        "account_number": CONTOSO,
        "telephone_numbers": ["+12065550124"],
        "status": "confirmed",
        "supplement": null,
        "desired_due_date": null,
        "foc_date": foc_date,
        "due_date_changed": false,
        "hold_expires_on": hold_expires_on,
        "ported_numbers": [],
        "released_numbers": [],
        "cancellation": null,
        "rejections": [],
        "channel": "api",
        "received_at": "TIME",
        "entered_at": "TIME",
        "updated_at": "TIME",
    });
    assert_eq!(foc_date.as_str().unwrap().len(), "2026-12-01".len());
    for claims in [Claims::carrier("a123"), Claims::desk()] {
        stack.get(&port_out, &claims).await.assert_body(200, expected.clone());
    }
    // The owner is told how many numbers of others were named, too.
    let owned = with(&expected, "other_numbers", json!(0));
    stack.get(&port_out, &Claims::account("contoso")).await.assert_body(200, owned);
}
