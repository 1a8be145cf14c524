//! `POST /console/pin`: sets the PIN, or shows which rule the new one breaks. No PIN is ever sent back.

use runtime::http::request::Request;
use runtime::http::response::Response;
use shared::pin::{Pin, PinRefusal};

use crate::Console;
use crate::administrator::Administrator;
use crate::api::answers::PinStatus;
use crate::api::failure::{ApiFailure, Refusal};
use crate::endpoints::panel;
use crate::failure::Failure;
use crate::form::{Form, PinFormRefusal};
use crate::notice::Notice;
use crate::pages::layout::FormError;
use crate::target::Target;

/// Field of the new PIN.
const PIN: &str = "pin";
/// Field in which it is typed again.
const AGAIN: &str = "pin_again";

/// Sets the PIN.
pub async fn set(console: &Console, request: &Request) -> Result<Response, Failure> {
    let (administrator, form) = console.form(request, &Target::panel()).await?;
    let (pin, version) = match read(&form) {
        Ok(read) => read,
        Err(error) => return panel::show_errors(console, &administrator, vec![error]).await,
    };
    let caller = console.api.by(&administrator.session.token, &administrator.account);
    match caller.set_pin(&pin, version).await {
        Ok(status) => Ok(console.done(&administrator, &notice(version, status)).await?),
        Err(ApiFailure::Refused(refusal)) => refused(console, &administrator, refusal).await,
        Err(failure) => Err(Failure::of_api(failure, Target::panel())),
    }
}

fn read(form: &Form) -> Result<(Pin, u64), FormError> {
    let pin = form.new_pin().map_err(error)?;
    // The page wrote it; a changed one counts as a page that is out of date.
    Ok((pin, form.text("version").parse().unwrap_or(u64::MAX)))
}

fn error(refusal: PinFormRefusal) -> FormError {
    match refusal {
        PinFormRefusal::Rule(PinRefusal::Blank) => field(PIN, "Enter a PIN of 6 to 10 digits."),
        PinFormRefusal::Rule(rule) => field(PIN, &rule.to_string()),
        PinFormRefusal::Differs => {
            field(AGAIN, "The two PINs are not the same. Enter the same PIN in both fields.")
        }
    }
}

fn notice(version: u64, status: PinStatus) -> Notice {
    if status.pin_version == version {
        return Notice::PinUnchanged;
    }
    let warnings = status.warnings.into_iter().map(|warning| warning.detail).collect();
    Notice::PinSet { first: version == 0, warnings }
}

async fn refused(
    console: &Console,
    administrator: &Administrator,
    refusal: Refusal,
) -> Result<Response, Failure> {
    panel::show_errors(console, administrator, errors(&refusal)).await
}

/// Returns what the API says about the PIN, in its words, which never repeat a digit.
fn errors(refusal: &Refusal) -> Vec<FormError> {
    match refusal.code.as_str() {
        "version_mismatch" => vec![field(
            PIN,
            "The PIN was changed while this page was open. Look at the current state, then enter your PIN again.",
        )],
        _ if refusal.errors.is_empty() => vec![field(PIN, &refusal.detail)],
        _ => refusal.errors.iter().map(|error| field(PIN, &error.detail)).collect(),
    }
}

fn field(field: &'static str, text: &str) -> FormError {
    FormError { field, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::pin_form::tests::status;

    #[test]
    fn an_error_is_at_its_field_and_says_what_to_do() {
        for (refusal, field, text) in [
            (PinFormRefusal::Rule(PinRefusal::Blank), PIN, "Enter a PIN of 6 to 10 digits."),
            (PinFormRefusal::Rule(PinRefusal::TooShort), PIN, "The PIN must have at least 6 digits."),
            (
                PinFormRefusal::Differs,
                AGAIN,
                "The two PINs are not the same. Enter the same PIN in both fields.",
            ),
        ] {
            assert_eq!(error(refusal), FormError { field, text: text.to_owned() });
        }
    }

    #[test]
    fn what_was_done_follows_from_the_versions() {
        assert_eq!(notice(0, status(true)), Notice::PinSet { first: true, warnings: Vec::new() });
        assert_eq!(notice(1, status(true)), Notice::PinUnchanged);
        let changed = PinStatus { pin_version: 5, ..status(true) };
        assert_eq!(notice(4, changed), Notice::PinSet { first: false, warnings: Vec::new() });
    }

    #[test]
    fn a_refusal_of_the_api_is_shown_in_its_own_words() {
        let refusal = |code: &str, errors: &str| {
            let json = format!(r#"{{"code":"{code}","detail":"Why.","errors":{errors}}}"#);
            errors_of(&serde_json::from_str(&json).unwrap())
        };
        let weak = r#"[{"field":"/pin","code":"pin_weak","detail":"It repeats."}]"#;
        assert_eq!(refusal("invalid_request", weak), ["It repeats."]);
        assert_eq!(refusal("account_not_us", "[]"), ["Why."]);
        assert!(refusal("version_mismatch", "[]")[0].starts_with("The PIN was changed while"));
    }

    fn errors_of(refusal: &Refusal) -> Vec<String> {
        errors(refusal).into_iter().map(|error| error.text).collect()
    }
}
