//! Secrets in every form in which they might show up, and where they must not.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::{digest, pbkdf2};
use serde_json::Value;
use std::num::NonZeroU32;

/// What is looked for: each text with the name of what it is.
#[derive(Default)]
pub struct Needles(Vec<(String, String)>);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Needles {
    /// A text as it is.
    pub fn plain(&mut self, what: &str, text: &str) {
        assert!(text.len() >= 6, "{what} is too short to be told from anything else");
        self.0.push((what.to_owned(), text.to_owned()));
    }

    /// Bytes in hex and in base64.
    pub fn bytes(&mut self, what: &str, bytes: &[u8]) {
        self.plain(&format!("{what} in hex"), &hex(bytes));
        self.plain(&format!("{what} in upper-case hex"), &hex(bytes).to_uppercase());
        self.plain(&format!("{what} in base64"), &STANDARD_NO_PAD.encode(bytes));
        self.plain(&format!("{what} in URL-safe base64"), &URL_SAFE_NO_PAD.encode(bytes));
        self.plain(&format!("{what} as a list"), &format!("{bytes:?}"));
    }

    /// A PIN: itself, its bytes and its SHA-256.
    pub fn pin(&mut self, pin: &str) {
        self.plain("PIN", pin);
        self.bytes("PIN", pin.as_bytes());
        self.bytes("SHA-256 of the PIN", digest::digest(&digest::SHA256, pin.as_bytes()).as_ref());
    }

    /// What PBKDF2 makes of these bytes with the salt and the rounds of a stored digest.
    pub fn pbkdf2_like(&mut self, what: &str, secret: &[u8], stored: &str) {
        let parts: Vec<_> = stored.split('$').collect();
        let ["pbkdf2-sha256", rounds, _, salt, _] = parts.as_slice() else { panic!("no digest: {parts:?}") };
        let rounds: NonZeroU32 = rounds.parse().expect("rounds");
        let salt = STANDARD_NO_PAD.decode(salt).expect("a salt");
        let mut hash = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, secret, &mut hash);
        self.bytes(what, &hash);
    }

    /// A bearer token and the part of it that nobody can make up.
    pub fn token(&mut self, token: &str) {
        self.plain("token", token);
        if let Some(signature) = token.split('.').nth(2).filter(|signature| signature.len() > 40) {
            self.plain("signature of a token", signature);
        }
    }

    /// The names of what is there.
    pub fn found_in(&self, text: &str) -> Vec<&str> {
        self.0.iter().filter(|(_, needle)| text.contains(needle)).map(|(what, _)| what.as_str()).collect()
    }

    /// How many texts are looked for.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The lines of a log without what is random or counts time, where any digits may stand by chance.
pub fn said_in(logs: &str) -> String {
    logs.lines().map(|line| said(line) + "\n").collect()
}

fn said(line: &str) -> String {
    let Some((function, json)) = line.split_once(": ") else { return line.to_owned() };
    let Ok(Value::Object(mut fields)) = serde_json::from_str(json) else { return line.to_owned() };
    for random in ["timestamp", "request_id", "took_ms"] {
        fields.remove(random);
    }
    format!("{function}: {}", Value::Object(fields))
}

#[test]
fn every_form_of_a_planted_pin_is_found() {
    let mut needles = Needles::default();
    needles.pin("1947365028");
    needles.pbkdf2_like("hash", b"1947365028", "pbkdf2-sha256$1$local-1$AAECAwQFBgcICQoLDA0ODw$x");
    assert_eq!(needles.len(), 16);
    for (what, needle) in &needles.0 {
        let haystack = format!("{{\"level\":\"INFO\",\"field\":\"before {needle}= after\"}}");
        let found = needles.found_in(&said_in(&format!("status: {haystack}\n")));
        assert!(found.contains(&what.as_str()), "{what}: {found:?}");
    }
    assert_eq!(needles.found_in("19473650-28 1947365029"), Vec::<&str>::new());
}

// printf 1947365028 | sha256sum
#[test]
fn the_sha_256_that_is_looked_for_is_that_of_the_digits() {
    let mut needles = Needles::default();
    needles.pin("1947365028");
    let known = "730525ad2579727dba23be86d6073c4ed9a0c383bbe14e9cc6a639785634dbec";
    assert_eq!(needles.found_in(known), ["SHA-256 of the PIN in hex"]);
}

#[test]
fn a_log_line_is_searched_but_for_its_time_and_its_ids() {
    let line = r#"status: {"timestamp":"2026-01-01T00:00:00.098052Z","request_id":"98052","took_ms":98052,"field":"x"}"#;
    assert_eq!(said_in(line), "status: {\"field\":\"x\"}\n");
    assert_eq!(said_in("thread panicked at 98052"), "thread panicked at 98052\n");
}
