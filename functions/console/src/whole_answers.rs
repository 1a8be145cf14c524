//! What a browser gets without a session, and from pages of other sites: whole answers, through the shared service.

use runtime::clock::Clock;
use runtime::config::{ConsoleSettings, ProviderSettings, WebUrl};
use runtime::connector;
use runtime::http::authentication::Authentication;
use runtime::http::claims::ClaimNames;
use runtime::http::service::Service;
use runtime::pin_hash::pepper::{LocalKey, Pepper};
use serde_json::{Value, json};

use crate::Console;

const URL: &str = "https://ports.example.com";
/// Nothing listens there, so every call of the console fails at once.
const NOWHERE: &str = "http://127.0.0.1:9";

fn service() -> Service<Console> {
    let key = Box::new(LocalKey::new(&[1; 32]).expect("a key"));
    service_of(NOWHERE, Pepper::Local { current: key, previous: None })
}

/// Creates a console that calls this API and has this key.
pub(crate) fn service_of(api: &str, key: Pepper) -> Service<Console> {
    let url = |text| WebUrl::parse(text).expect("an address");
    let provider = ProviderSettings {
        issuer: NOWHERE.to_owned(),
        client_id: "console".to_owned(),
        client_secret: None,
        scopes: "openid".to_owned(),
        audience: None,
    };
    let claims = ClaimNames::default();
    let settings = ConsoleSettings { url: url(URL), api: url(api), provider, claims };
    let console = Console::new(settings, key, connector::plain(), Clock::system());
    Service::new(Authentication::by_gateway(ClaimNames::default()), Clock::system(), console)
}

pub(crate) struct Answer {
    pub status: i64,
    headers: Value,
    cookies: Vec<String>,
    pub body: String,
}

async fn answer(method: &str, path: &str, headers: Value) -> Answer {
    answer_of(&service(), method, path, headers).await
}

/// Returns what this console answers.
pub(crate) async fn answer_of(
    console: &Service<Console>,
    method: &str,
    path: &str,
    headers: Value,
) -> Answer {
    let event = json!({
        "rawPath": path,
        "headers": headers,
        "body": "pin=482913&pin_again=482913&version=0",
        "requestContext": {"requestId": "r-1", "http": {"method": method}},
    });
    let answer = console.answer(&event.to_string(), "lambda-1").await;
    let json = serde_json::to_value(&answer).expect("JSON");
    let body = json["body"].as_str().unwrap_or_default().to_owned();
    Answer { status: answer.status_code, headers: json["headers"].clone(), cookies: answer.cookies, body }
}

#[tokio::test]
async fn every_page_forbids_what_it_does_not_need_and_is_not_kept() {
    let paths = ["/console", "/console/", "/console/history", "/console/callback", "/console/signed-out"];
    for path in paths.into_iter().chain(["/console/sign-in", "/console/nothing", "/nothing"]) {
        let Answer { headers, .. } = answer("GET", path, json!({})).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("content-type", "text/html; charset=utf-8"),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(headers[name], value, "{path} {name}");
        }
        let policy = headers["content-security-policy"].as_str().unwrap_or_default();
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn without_a_session_a_page_leads_to_the_sign_in_and_back() {
    let port_out = format!("/console/port-outs/{}/cancel", "0".repeat(32));
    for path in ["/console", "/console/history", &port_out] {
        let Answer { status, body, cookies, .. } = answer("GET", path, json!({})).await;
        assert_eq!((status, cookies.len()), (200, 0), "{path}");
        assert!(body.contains(&format!(r#"href="/console/sign-in?page={path}""#)), "{path}: {body}");
    }
}

#[tokio::test]
async fn a_form_without_a_session_is_not_sent_on_and_its_pin_is_not_shown() {
    for path in ["/console/pin", "/console/protection"] {
        let Answer { status, body, .. } = answer("POST", path, json!({"origin": URL})).await;
        assert_eq!(status, 403, "{path}");
        assert!(body.contains("Your session has expired") && !body.contains("482913"), "{path}: {body}");
    }
}

#[tokio::test]
async fn a_form_of_another_page_is_refused_before_its_session_is_looked_at() {
    let cancel = format!("/console/port-outs/{}/cancel", "0".repeat(32));
    for path in ["/console/pin", "/console/protection", "/console/sign-out", &cancel] {
        for headers in [
            json!({}),
            json!({"origin": "null"}),
            json!({"origin": "https://evil.example"}),
            json!({"origin": URL, "sec-fetch-site": "cross-site"}),
            json!({"referer": format!("{URL}/console")}),
        ] {
            let Answer { status, body, cookies, .. } = answer("POST", path, headers.clone()).await;
            assert_eq!((status, cookies.len()), (403, 0), "{path} {headers}");
            assert!(body.contains("The form did not come from this page"), "{path} {headers}");
        }
    }
}

#[tokio::test]
async fn a_sign_out_takes_every_cookie() {
    let Answer { status, headers, cookies, .. } =
        answer("POST", "/console/sign-out", json!({"origin": URL})).await;
    assert_eq!((status, &headers["location"]), (303, &json!("/console/signed-out")));
    let names = ["session", "session-2", "sign-in", "notice"];
    let removed = names
        .map(|name| format!("__Host-console-{name}=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"));
    assert_eq!(cookies, removed);
}

#[tokio::test]
async fn a_forged_session_is_none() {
    for cookie in ["x", "AAAA", "eyJhbGciOiJub25lIn0.e30."] {
        let headers = json!({"cookie": format!("__Host-console-session={cookie}")});
        let Answer { status, body, .. } = answer("GET", "/console", headers).await;
        assert_eq!(status, 403, "{cookie}");
        assert!(body.contains("Your session has expired"), "{cookie}");
    }
}

#[tokio::test]
async fn an_identity_provider_that_is_down_has_a_page_of_its_own() {
    let Answer { status, body, cookies, .. } = answer("GET", "/console/sign-in", json!({})).await;
    assert_eq!((status, cookies.len()), (503, 0));
    assert!(body.contains("Signing in is not possible now"), "{body}");
}

#[tokio::test]
async fn whatever_is_not_there_is_a_page_that_is_not_there() {
    for (method, path) in [
        ("GET", "/console/assets/console.css"),
        ("DELETE", "/console/pin"),
        ("GET", "/console/port-outs/x/cancel"),
        ("GET", "/v1/accounts/CONTOSO/port-out-pin"),
    ] {
        let Answer { status, body, .. } = answer(method, path, json!({"authorization": "Bearer x"})).await;
        assert_eq!(status, 404, "{method} {path}");
        assert!(body.contains("There is no such page"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_file_is_kept_forever_under_the_hash_of_its_content() {
    let Answer { body, .. } = answer("GET", "/console", json!({})).await;
    let paths: Vec<_> = body.split('"').filter(|text| text.starts_with("/console/assets/")).collect();
    assert_eq!(paths.len(), 3, "{body}");
    for path in paths {
        let Answer { status, headers, .. } = answer("GET", path, json!({})).await;
        assert_eq!((status, &headers["cache-control"]), (200, &json!("public, max-age=31536000, immutable")));
    }
}
