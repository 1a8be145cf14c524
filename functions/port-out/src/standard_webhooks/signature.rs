//! Verifies deliveries as the Standard Webhooks specification requires: HMAC-SHA256 over id, timestamp, and raw body.
//!
//! The official crate (standardwebhooks 1.0) is not used because it reads the system clock, signs the number parsed
//! from the timestamp instead of its text, and brings a second HMAC and a second base64 implementation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use runtime::pin_hash::webhook_secret::WebhookSecret;

/// How far the sender's clock may be ahead or behind: what the specification's own libraries allow.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Upper limit for `webhook-id`, which becomes part of a key of the table.
const MAX_ID_LENGTH: usize = 256;
const VERSION: &str = "v1";
/// The most signatures of a delivery. Two are enough for a sender that rotates its secret.
const MAX_SIGNATURES: usize = 8;

/// The header names of the specification, and those that senders built on Svix use for the same three values.
const HEADER_NAMES: [[&str; 3]; 2] = [
    ["webhook-id", "webhook-timestamp", "webhook-signature"],
    ["svix-id", "svix-timestamp", "svix-signature"],
];

/// Headers of a delivery.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Sender's ID, which stays the same when the delivery is sent again.
    pub id: &'a str,
    timestamp: &'a str,
    signatures: &'a str,
}

impl<'a> Delivery<'a> {
    /// Reads the headers; `None` if one is missing or malformed, or the timestamp is too far from now.
    ///
    /// All three are read under the names of the first set that has any of them, never some of each: what is signed
    /// must be what one sender said.
    pub fn read(header: impl Fn(&str) -> Option<&'a str>, now: Timestamp) -> Option<Self> {
        let has_any = |names: &&[&str; 3]| names.iter().any(|name| header(name).is_some());
        let [id, timestamp, signatures] = HEADER_NAMES.iter().find(has_any)?.map(&header);
        let id = id.filter(|id| is_id(id))?;
        let timestamp = timestamp.filter(|text| is_current(text, now))?;
        let signatures = signatures.filter(|text| entries(text).count() <= MAX_SIGNATURES)?;
        Some(Self { id, timestamp, signatures })
    }

    /// Returns whether one of the signatures is that of this body under this secret.
    ///
    /// The header can have several, separated by spaces, while a sender rotates its secret.
    pub fn is_signed(&self, body: &[u8], secret: &WebhookSecret) -> bool {
        let signed = [self.id.as_bytes(), self.timestamp.as_bytes(), body].join(&b'.');
        let tags: Vec<_> = entries(self.signatures)
            .filter_map(|one| one.split_once(','))
            .filter(|(version, _)| *version == VERSION)
            .filter_map(|(_, tag)| STANDARD.decode(tag).ok())
            .collect();
        secret.verifies_any(&signed, &tags)
    }
}

fn entries(signatures: &str) -> impl Iterator<Item = &str> {
    signatures.split(' ').filter(|entry| !entry.is_empty())
}

fn is_id(id: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}

/// Returns whether a text is a Unix time in seconds, digits only, within [`TOLERANCE`] of now.
fn is_current(text: &str, now: Timestamp) -> bool {
    let seconds = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let sent = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    sent.is_some_and(|sent| now.duration_since(sent).abs() <= TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read_headers(headers: &[(&'static str, &'static str)], now: i64) -> Option<&'static str> {
        let headers: HashMap<_, _> = headers.iter().copied().collect();
        let now = Timestamp::from_second(now).unwrap();
        Delivery::read(|name| headers.get(name).copied(), now).map(|delivery| delivery.id)
    }

    #[test]
    fn the_three_headers_have_the_names_of_one_set_and_never_of_both() {
        const WEBHOOK: [(&str, &str); 3] =
            [("webhook-id", "w"), ("webhook-timestamp", "1000000"), ("webhook-signature", "")];
        const SVIX: [(&str, &str); 3] =
            [("svix-id", "s"), ("svix-timestamp", "1000000"), ("svix-signature", "")];
        let read = |headers: &[(&'static str, &'static str)]| read_headers(headers, 1_000_000);
        assert_eq!(read(&WEBHOOK), Some("w"));
        assert_eq!(read(&SVIX), Some("s"));
        assert_eq!(read(&[WEBHOOK, SVIX].concat()), Some("w"));
        for (n, one) in WEBHOOK.iter().enumerate() {
            let mut mixed = WEBHOOK.to_vec();
            mixed[n] = SVIX[n];
            assert_eq!(read(&mixed), None, "{mixed:?}");
            assert_eq!(read(&[&[*one], SVIX.as_slice()].concat()), None, "{one:?}");
        }
        assert_eq!(read(&[]), None);
    }

    fn read(id: &str, timestamp: &str, now: i64) -> bool {
        let headers =
            HashMap::from([("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", "")]);
        Delivery::read(|name| headers.get(name).copied(), Timestamp::from_second(now).unwrap()).is_some()
    }

    #[test]
    fn a_timestamp_is_valid_for_five_minutes_either_way() {
        for (now, valid) in
            [(1_000_000, true), (1_000_300, true), (1_000_301, false), (999_700, true), (999_699, false)]
        {
            assert_eq!(read("msg_1", "1000000", now), valid, "{now}");
        }
    }

    #[test]
    fn a_timestamp_has_digits_only_and_an_id_is_required() {
        for timestamp in ["", "+1000000", "-1", "1000000.0", " 1000000", "99999999999999999999", "x"] {
            assert!(!read("msg_1", timestamp, 1_000_000), "{timestamp:?}");
        }
        assert!(!read("", "1000000", 1_000_000) && !read("a b", "1000000", 1_000_000));
        assert!(!read(&"x".repeat(257), "1000000", 1_000_000));
    }
}
