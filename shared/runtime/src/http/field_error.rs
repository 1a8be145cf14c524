//! One bad field of a request: where it is, which rule it breaks, and never its value.

use std::fmt::Display;

use serde::Serialize;

use shared::account::{AccountNameError, AccountNumberError, CountryError};
use shared::area_codes::NotPortable;
use shared::cancellation::{AuthorityError, StatementError};
use shared::due_date::DateError;
use shared::intake::{DeskChannelError, ReferenceError};
use shared::pin::PinRefusal;
use shared::port_out_id::{PonError, VersionError};
use shared::spid::SpidError;
use shared::supplement::SupplementError;
use shared::telephone_number::TnError;
use shared::telephone_numbers::TelephoneNumbersError;
use shared::webhook_secret::SecretVersionError;
use shared::webhook_source::{SourceIdError, SourceKindError};
use shared::zip_code::{TooManyZipCodes, ZipCodeError};

/// A bad field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer into the body, or the name of a path or query parameter.
    pub field: String,
    /// Which rule.
    pub code: &'static str,
    /// The rule in a sentence; never the refused value.
    pub detail: String,
}

impl FieldError {
    /// Creates the error of a field that breaks a rule of the edge.
    pub fn new(field: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code, detail: detail.into() }
    }

    /// Creates the error of a field that breaks a rule of its type.
    pub fn of(field: impl Into<String>, broken: &impl FieldRule) -> Self {
        Self::new(field, broken.code(), broken.to_string())
    }

    pub(super) fn required(field: impl Into<String>) -> Self {
        Self::new(field, "required", "This field is required.")
    }

    pub(super) fn wrong_type(field: impl Into<String>, detail: &'static str) -> Self {
        Self::new(field, "wrong_type", detail)
    }

    pub(super) fn duplicate(field: impl Into<String>, detail: &'static str) -> Self {
        Self::new(field, "duplicate_field", detail)
    }

    pub(super) fn unknown_field(field: impl Into<String>, known: &[&str]) -> Self {
        Self::new(field, UNKNOWN, format!("This route accepts only these fields: {}", known.join(", ")))
    }

    pub(super) fn unknown_parameter(field: impl Into<String>, known: &[&str]) -> Self {
        let detail = match known {
            [] => "This route accepts no query parameters.".to_owned(),
            known => format!("This route accepts only these query parameters: {}", known.join(", ")),
        };
        Self::new(field, UNKNOWN, detail)
    }
}

const UNKNOWN: &str = "unknown_field";

/// A broken rule that names its code; `Display` says the rule in a sentence.
pub trait FieldRule: Display {
    /// Returns the code of a field that breaks it.
    fn code(&self) -> &'static str;
}

macro_rules! one_code {
    ($($error:ty),+ $(,)?) => {
        $(impl FieldRule for $error {
            fn code(&self) -> &'static str {
                Self::CODE
            }
        })+
    };
}

one_code!(
    AccountNameError,
    AccountNumberError,
    AuthorityError,
    CountryError,
    DateError,
    DeskChannelError,
    NotPortable,
    PonError,
    ReferenceError,
    SecretVersionError,
    SourceIdError,
    SourceKindError,
    SpidError,
    StatementError,
    SupplementError,
    TnError,
    TooManyZipCodes,
    VersionError,
    ZipCodeError,
);

impl FieldRule for PinRefusal {
    fn code(&self) -> &'static str {
        Self::code(*self)
    }
}

impl FieldRule for TelephoneNumbersError {
    fn code(&self) -> &'static str {
        Self::code(*self)
    }
}

/// Returns a caller-supplied name only if it is safe to echo: one with digits might be a PIN in the wrong place.
pub(super) fn echoable(name: &str) -> &str {
    const LONGEST: usize = 64;
    let plain =
        name.len() <= LONGEST && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'-');
    if plain { name } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_echoed_only_if_it_cannot_be_a_secret() {
        let long = "x".repeat(65);
        assert_eq!(["pin", "Zip-code", "__proto__"].map(echoable), ["pin", "Zip-code", "__proto__"]);
        assert_eq!(["482913", "pin1", "é", "a b", &long].map(echoable), [""; 5]);
    }
}
