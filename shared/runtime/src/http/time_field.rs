//! Instants as requests write them.

use std::str::FromStr;

use crate::clock::Timestamp;
use crate::http::field_error::FieldRule;

/// An instant: RFC 3339 with an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub Timestamp);

/// Why a text is not an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The time must be written as in RFC 3339, such as 2026-12-01T15:04:05Z.")]
pub struct InstantError;

impl FieldRule for InstantError {
    fn code(&self) -> &'static str {
        "time_invalid"
    }
}

impl FromStr for Instant {
    type Err = InstantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The parser accepts more than RFC 3339, such as weeks, signed years, and zone names in brackets.
        let shape: String = text.chars().take(20).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let dated = shape.starts_with("0000-00-00T00:00:00") && !text.contains('[');
        text.parse().ok().filter(|_| dated).map(Self).ok_or(InstantError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_a_date_a_time_and_an_offset() {
        for text in ["2026-12-01T15:04:05Z", "2026-12-01T10:04:05-05:00", "2026-12-01T15:04:05.000Z"] {
            let Instant(at) = text.parse().unwrap();
            assert_eq!(at.to_string(), "2026-12-01T15:04:05Z");
        }
        for bad in [
            "",
            "2026-12-01",
            "2026-12-01T15:04:05",
            "20261201T150405Z",
            "2026-W49-2T15:04:05Z",
            "2026-12-01T15:04:05Z[UTC]",
            " 2026-12-01T15:04:05Z",
        ] {
            assert_eq!(bad.parse::<Instant>(), Err(InstantError), "{bad:?}");
        }
    }
}
