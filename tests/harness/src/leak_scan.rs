//! Secrets in every form in which they might show up, and a search for them in logs, answers and the table.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::{hmac, pbkdf2};
use serde_json::Value;

use crate::records::dump;
use crate::stack::{API_BINARIES, Stack};

/// Ten digits that appear nowhere else: no telephone number and no date, but a number in JSON.
pub const CANARY: &str = "1947365028";

/// The texts that are searched for, each with the name of what it is.
#[derive(Default)]
pub struct LeakScan(Vec<(String, String)>);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn slow_hash(secret: &[u8], parameters: &str) -> [u8; 32] {
    let parts: Vec<_> = parameters.split('$').collect();
    let ["pbkdf2-sha256", rounds, _, salt] = parts.as_slice() else { panic!("no parameters: {parts:?}") };
    let rounds: NonZeroU32 = rounds.parse().expect("rounds");
    let salt = STANDARD_NO_PAD.decode(salt).expect("a salt");
    let mut hash = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, secret, &mut hash);
    hash
}

impl LeakScan {
    /// Adds a text as it is.
    pub fn plain(&mut self, what: &str, text: &str) {
        assert!(text.len() >= 6, "{what} is too short to be distinctive");
        self.0.push((what.to_owned(), text.to_owned()));
    }

    /// Adds bytes in hex, in base64 and as a list.
    pub fn bytes(&mut self, what: &str, bytes: &[u8]) {
        self.plain(&format!("{what} in hex"), &hex(bytes));
        self.plain(&format!("{what} in upper-case hex"), &hex(bytes).to_uppercase());
        self.plain(&format!("{what} in base64"), &STANDARD_NO_PAD.encode(bytes));
        self.plain(&format!("{what} in URL-safe base64"), &URL_SAFE_NO_PAD.encode(bytes));
        self.plain(&format!("{what} as a list"), format!("{bytes:?}").trim_matches(['[', ']']));
    }

    /// Adds a text, its bytes, and their SHA-256.
    pub fn text(&mut self, what: &str, text: &str) {
        self.plain(what, text);
        self.bytes(what, text.as_bytes());
        self.bytes(&format!("SHA-256 of the {what}"), digest(&SHA256, text.as_bytes()).as_ref());
    }

    /// Adds a PIN.
    pub fn pin(&mut self, pin: &str) {
        self.text("PIN", pin);
    }

    /// Adds what PBKDF2 makes of these bytes with stored parameters.
    pub fn slow_hash(&mut self, what: &str, secret: &[u8], parameters: &str) {
        self.bytes(what, &slow_hash(secret, parameters));
    }

    /// Adds the digest of a PIN, as it would be stored, that is made of these bytes with stored parameters.
    pub fn digest_like(&mut self, what: &str, secret: &[u8], parameters: &str) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &slow_hash(secret, parameters));
        self.bytes(what, hmac::sign(&key, b"digest").as_ref());
    }

    /// Adds what a record keeps of a PIN: parameters, and perhaps more behind them.
    pub fn stored(&mut self, what: &str, stored: &str) {
        self.plain(what, stored);
        for (n, part) in stored.split('$').enumerate().filter(|(n, _)| [0, 3, 4].contains(n)) {
            let Ok(bytes) = STANDARD_NO_PAD.decode(part) else { continue };
            self.bytes(&format!("{} of the {what}", if n == 3 { "salt" } else { "hash" }), &bytes);
        }
    }

    /// Adds a bearer token and its signature, the part that cannot be made up.
    pub fn token(&mut self, token: &str) {
        self.plain("token", token);
        if let Some(signature) = token.split('.').nth(2).filter(|signature| signature.len() > 40) {
            self.plain("signature of a token", signature);
        }
    }

    /// Adds a webhook secret: its text, the key in it, and their SHA-256.
    pub fn secret(&mut self, what: &str, secret: &str) {
        self.text(what, secret);
        let key = match secret.strip_prefix("whsec_") {
            Some(key) => STANDARD.decode(key),
            None => URL_SAFE_NO_PAD.decode(secret),
        };
        let key = key.expect("base64");
        self.bytes(&format!("key of the {what}"), &key);
        self.bytes(&format!("SHA-256 of the key of the {what}"), digest(&SHA256, &key).as_ref());
    }

    /// Adds the signature of a delivery: the header's value and the tag in it.
    pub fn signature(&mut self, signature: &str) {
        self.plain("signature", signature);
        self.bytes("tag of a signature", &STANDARD.decode(&signature[3..]).expect("base64"));
    }

    /// Returns the names of what a text contains.
    pub fn found_in(&self, text: &str) -> Vec<&str> {
        self.0.iter().filter(|(_, secret)| text.contains(secret)).map(|(what, _)| what.as_str()).collect()
    }

    /// Stops every process and searches all logs, these answers and the table; returns logs and table.
    pub async fn assert_absent(&self, stack: &Stack, answers: &str) -> (String, String) {
        let logs = stack.host().stop().await;
        for function in API_BINARIES {
            assert!(logs.contains(&format!("{function}: {{")), "{function} logged nothing to search");
        }
        let items = dump(&stack.scan().await);
        for (place, text) in [("a log", logs.as_str()), ("an answer", answers), ("an item or event", &items)]
        {
            assert_eq!(self.found_in(text), Vec::<&str>::new(), "in {place}");
        }
        (logs, items)
    }
}

/// Finds a JSON web token in a text, whole or cut off: `eyJ` proves nothing among random letters, but a JSON object that
/// begins there with a name does.
pub fn token_in(text: &str) -> Option<&str> {
    let starts = text.match_indices("eyJ").filter_map(|(at, _)| text.get(at..at + 12));
    starts.into_iter().find(|start| URL_SAFE_NO_PAD.decode(start).is_ok_and(|json| is_object(&json)))
}

fn is_object(json: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
    let Some((name, next)) = json.strip_prefix(b"{\"").and_then(|rest| rest.split_at_checked(3)) else {
        return false;
    };
    let goes_on = match next {
        [b'"', b':', ..] => true,
        [letter, end, ..] => is_name(letter) && (is_name(end) || *end == b'"'),
        _ => false,
    };
    name.iter().all(is_name) && goes_on
}

/// Returns the lines of a log without what is random or counts time, where any digits may appear by chance.
pub fn without_noise(logs: &str) -> String {
    logs.lines().map(|line| facts(line) + "\n").collect()
}

fn facts(line: &str) -> String {
    let Some((function, json)) = line.split_once(": ") else { return line.to_owned() };
    let Ok(Value::Object(mut fields)) = serde_json::from_str(json) else { return line.to_owned() };
    for random in
        ["timestamp", "request_id", "lambda_request_id", "took_ms", "dynamodb_ms", "kms_ms", "hash_ms"]
    {
        fields.remove(random);
    }
    format!("{function}: {}", Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_what_is_planted_is_found() {
        let mut scan = LeakScan::default();
        scan.pin(CANARY);
        let parameters = "pbkdf2-sha256$1$local-1$AAECAwQFBgcICQoLDA0ODw";
        scan.slow_hash("hash", CANARY.as_bytes(), parameters);
        scan.digest_like("digest", CANARY.as_bytes(), parameters);
        scan.stored("parameters", parameters);
        scan.stored("fingerprint", &format!("{parameters}$tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw"));
        scan.stored("stored digest", "V/NbrSCwRCzNoGTva1F9FeecdfOfEVPXxjieEUT2Cvw");
        scan.secret("secret", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        scan.secret("password", "C2FVsBQIhrscChlQIMV-b5sSYspob7oD");
        scan.signature("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
        assert_eq!(scan.0.len(), 11 + 2 * 5 + 6 + 11 + 6 + 2 * 21 + 6);
        for (what, secret) in &scan.0 {
            let line = format!("{{\"level\":\"INFO\",\"field\":\"before {secret}= after\"}}");
            let found = scan.found_in(&without_noise(&format!("status: {line}\n"))).join(" ");
            assert!(found.contains(what), "{what}: {found}");
        }
        assert_eq!(scan.found_in("19473650-28 1947365029 whsec_ v1,"), Vec::<&str>::new());
    }

    // printf 1947365028 | sha256sum
    #[test]
    fn the_sha_256_that_is_searched_for_is_that_of_the_digits() {
        let mut scan = LeakScan::default();
        scan.pin(CANARY);
        let known = "730525ad2579727dba23be86d6073c4ed9a0c383bbe14e9cc6a639785634dbec";
        assert_eq!(scan.found_in(known), ["SHA-256 of the PIN in hex"]);
    }

    #[test]
    fn a_token_is_found_and_random_letters_are_none() {
        for json in [r#"{"alg":"none"}"#, r#"{"name":"Ada"}"#, r#"{"account_id":"CONTOSO"}"#] {
            let part = URL_SAFE_NO_PAD.encode(json);
            for text in [format!("Bearer {part}.e30.c2ln"), format!("code_{}", &part[..12])] {
                assert_eq!(token_in(&text), Some(&part[..12]), "{text}");
            }
        }
        assert_eq!(token_in("eyJ, eyJh.c2ln, 1jteEXpeyJnuY5-sB4B_NfUp.e30.c2ln é"), None);
    }

    #[test]
    fn a_log_line_is_searched_but_for_its_time_and_its_ids() {
        let line = r#"status: {"timestamp":"2026-01-01T00:00:00.098052Z","request_id":"98052","took_ms":98052,"field":"x"}"#;
        assert_eq!(without_noise(line), "status: {\"field\":\"x\"}\n");
        assert_eq!(without_noise("thread panicked at 98052"), "thread panicked at 98052\n");
    }
}
