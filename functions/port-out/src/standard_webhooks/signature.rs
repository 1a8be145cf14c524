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

const MAX_ID_LENGTH: usize = 256;
const VERSION: &str = "v1";

/// Headers of a delivery.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// `webhook-id`, which stays the same when the delivery is sent again.
    pub id: &'a str,
    timestamp: &'a str,
    signatures: &'a str,
}

impl<'a> Delivery<'a> {
    /// Reads the headers; `None` if one is missing or malformed, or the timestamp is too far from now.
    pub fn read(header: impl Fn(&str) -> Option<&'a str>, now: Timestamp) -> Option<Self> {
        let id = header("webhook-id").filter(|id| is_id(id))?;
        let timestamp = header("webhook-timestamp").filter(|text| is_current(text, now))?;
        Some(Self { id, timestamp, signatures: header("webhook-signature")? })
    }

    /// Returns whether one of the signatures is that of this body under this secret.
    ///
    /// The header can have several, separated by spaces, while a sender rotates its secret.
    pub fn is_signed(&self, body: &[u8], secret: &WebhookSecret) -> bool {
        let signed = [self.id.as_bytes(), self.timestamp.as_bytes(), body].join(&b'.');
        self.signatures
            .split(' ')
            .filter_map(|one| one.split_once(','))
            .filter(|(version, _)| *version == VERSION)
            .filter_map(|(_, tag)| STANDARD.decode(tag).ok())
            .any(|tag| secret.verifies(&signed, &tag))
    }
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
