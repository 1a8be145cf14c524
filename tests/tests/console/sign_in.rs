//! Sign-ins with the independent provider: the one that is right, and those with changed answers.

use harness::leak_scan::token_in;

use crate::browser::{Browser, Page};
use crate::system::System;

/// Of ten digits, which no id has by chance.
const PIN: &str = "4829130657";
const NOT_COMPLETED: &str = "<h1>The sign-in was not completed</h1>";

/// Signs in up to the provider's answer, which is not delivered yet.
async fn answer(system: &System, browser: &mut Browser) -> String {
    let begin = format!("{}/console/sign-in", system.console);
    let callback = format!("{}/console/callback", system.console);
    browser.follow(&begin, &callback).await.err().expect("the provider's answer")
}

async fn deliver(browser: &mut Browser, answer: &str) -> Page {
    browser.get(answer).await
}

fn has_session(browser: &Browser) -> bool {
    browser.cookies.contains_key("console-session")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_signs_in_and_sets_a_pin_with_the_providers_token() {
    let system = System::start().await;
    let (mut browser, panel) = (Browser::new(), format!("{}/console", system.console));
    let answer = answer(&system, &mut browser).await;
    let page = deliver(&mut browser, &answer).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some(panel.as_str())), "{}", page.text);
    assert!(!browser.cookies.contains_key("console-sign-in"));
    let page = browser.get(&panel).await;
    assert!(page.text.contains("Account <strong>CONTOSO</strong>"), "{}\n{}", page.text, system.api_logs());
    let save = format!("{panel}/pin");
    let weak = browser.post(&save, &system.console, "pin=123456&pin_again=123456&version=0").await;
    assert!(weak.status == 422 && weak.text.contains("counts up or down"), "{}", weak.text);
    let form = format!("pin={PIN}&pin_again={PIN}&version=0");
    let page = browser.post(&save, &system.console, &form).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some(panel.as_str())), "{}", page.text);
    let page = browser.get(&panel).await;
    assert!(
        page.text.contains("Your PIN is set") && page.text.contains("by <strong>you</strong>"),
        "{}",
        page.text
    );
    let logs = system.stop().await;
    assert_eq!((token_in(&page.text), token_in(&logs)), (None, None), "{logs}");
    for secret in [PIN, "code=", answer.split('&').next().unwrap_or_default()] {
        assert!(!page.text.contains(secret) && !logs.contains(secret), "{secret}: {logs}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_sign_in_is_a_new_session() {
    let system = System::start().await;
    let mut browser = Browser::new();
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let answer = answer(&system, &mut browser).await;
        deliver(&mut browser, &answer).await;
        sessions.push(browser.cookies["console-session"].clone());
    }
    assert_ne!(sessions[0], sessions[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_answer_gives_no_session() {
    let system = System::start().await;
    let issuer = encoded(&system.provider.issuer);
    let evil = encoded("https://evil.example");
    let tampering = [
        ("another state", "state=", "state=x"),
        ("another issuer", issuer.as_str(), evil.as_str()),
        ("no issuer, though the provider always names it", "iss=", "was="),
        ("another code", "code=", "code=x"),
    ];
    for (what, from, to) in tampering {
        let mut browser = Browser::new();
        let answer = answer(&system, &mut browser).await;
        let page = deliver(&mut browser, &answer.replace(from, to)).await;
        assert!(page.text.contains(NOT_COMPLETED), "{what}: {}", page.text);
        assert!(!has_session(&browser), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_good_once_and_in_the_browser_that_asked() {
    let system = System::start().await;
    let (mut browser, mut other) = (Browser::new(), Browser::new());
    let answer = answer(&system, &mut browser).await;
    let before = browser.cookies.clone();
    // Another browser, which has begun a sign-in of its own.
    self::answer(&system, &mut other).await;
    let page = deliver(&mut other, &answer).await;
    assert!(page.text.contains(NOT_COMPLETED) && !has_session(&other), "{}", page.text);
    assert_eq!(deliver(&mut browser, &answer).await.status, 303);
    // The same answer again, with the cookie of the sign-in that it belongs to: the provider refuses the code.
    let mut thief = Browser::new();
    thief.cookies = before;
    let page = deliver(&mut thief, &answer).await;
    assert!(page.text.contains(NOT_COMPLETED) && !has_session(&thief), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_provider_answers_at_no_other_address() {
    let system = System::start().await;
    let mut browser = Browser::new();
    let begin = browser.get(&format!("{}/console/sign-in", system.console)).await;
    let foreign =
        begin.location.expect("an address").replace(&encoded(&system.console), "https%3A%2F%2Fevil.example");
    let page = browser.get(&foreign).await;
    assert_eq!((page.status, page.location), (400, None), "{}", page.text);
}

/// Encodes an address for a query.
fn encoded(address: &str) -> String {
    form_urlencoded::byte_serialize(address.as_bytes()).collect()
}
