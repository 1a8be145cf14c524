//! The panel "Set or change your port out PIN".
//!
//! The fields are text fields that the style sheet masks, not password fields. A browser offers to save what is typed into
//! a password field, whatever `autocomplete` says, and then to fill it in for the next person at that computer; it neither
//! saves nor restores a text field with `autocomplete="off"`. Without the masking, as in an old browser, the PIN is shown
//! while it is typed, which is why it is typed twice only to catch a slip. The value of a field is never sent back.

use maud::{Markup, html};

use crate::api::answers::PinStatus;
use crate::pages::layout::{FormError, field_error, is_wrong};
use crate::words;

/// Returns the panel.
pub fn panel(pin: &PinStatus, reader: &str, may_set: bool, errors: &[FormError]) -> Markup {
    html! {
        section.panel aria-labelledby="pin-title" {
            h2 #pin-title { "Set or change your port out PIN" }
            (state(pin, reader))
            @if may_set {
                (form(pin, errors))
            } @else {
                p.inset { "Your sign-in allows you to look, but not to set the PIN." }
            }
        }
    }
}

fn state(pin: &PinStatus, reader: &str) -> Markup {
    html! {
        @if let (true, Some(at)) = (pin.pin_set, pin.updated_at) {
            p {
                "A PIN is set. It was set on " (words::time(at))
                @if let Some(by) = &pin.updated_by { " by " strong { (words::actor(by, reader)) } }
                "."
            }
            (attempts(pin))
        } @else {
            p { "No PIN is set yet." }
        }
    }
}

fn attempts(pin: &PinStatus) -> Markup {
    html! {
        @match (pin.failed_attempts, pin.last_failed_at) {
            (0, _) | (_, None) => p { "No wrong PIN was sent since." },
            (failed, Some(last)) => p {
                "Since then, carriers sent " strong { (words::count(failed, "wrong PIN", "wrong PINs")) }
                ", " (pin.consecutive_failures) " of them in a row, the last on " (words::time(last)) ". "
                a href="/console/history" { "See which carriers" }
            },
        }
    }
}

fn form(pin: &PinStatus, errors: &[FormError]) -> Markup {
    html! {
        form method="post" action="/console/pin" autocomplete="off" novalidate data-pin-form {
            input type="hidden" name="version" value=(pin.pin_version);
            (field("pin", "New PIN", Some(HINT), errors))
            (field("pin_again", "New PIN again", None, errors))
            p.tools data-pin-tools hidden {
                button.quiet type="button" data-pin-show { "Show PIN" }
                button.quiet type="button" data-pin-generate { "Suggest a PIN" }
            }
            p.status data-pin-status role="status" {}
            (consequences(pin.pin_set))
            button type="submit" { "Save" }
        }
    }
}

const HINT: &str = "6 to 10 digits, without letters or spaces. Zeros at the beginning count, but some carriers' systems \
                    drop them. Avoid dates, repeated digits, runs such as 123456, and digits of your numbers or ZIP code.";

fn field(name: &str, label: &str, hint: Option<&str>, errors: &[FormError]) -> Markup {
    let wrong = is_wrong(errors, name);
    let described = [hint.map(|_| format!("{name}-hint")), wrong.then(|| format!("{name}-error"))];
    let described: Vec<String> = described.into_iter().flatten().collect();
    html! {
        div.field.wrong[wrong] {
            label for=(name) { (label) }
            @if let Some(hint) = hint { p.hint id={ (name) "-hint" } { (hint) } }
            (field_error(errors, name))
            input.pin.masked #(name) name=(name) type="text" inputmode="numeric" autocomplete="off"
                autocapitalize="off" spellcheck="false" data-1p-ignore data-lpignore="true" maxlength="40" required
                aria-invalid=[wrong.then_some("true")]
                aria-describedby=[(!described.is_empty()).then(|| described.join(" "))];
        }
    }
}

fn consequences(is_set: bool) -> Markup {
    html! {
        div.inset {
            p { strong { "When you save:" } }
            ul {
                @if is_set {
                    li { "The new PIN is required at once, and the old one is worth nothing." }
                    li { "A lock ends, counts of wrong PINs start again, and carriers no longer have to wait." }
                    li { "Requests that were confirmed before stay confirmed." }
                } @else {
                    li { "Every request to move your numbers must carry the PIN." }
                    li { "You can change the PIN at any time, but you cannot remove it." }
                }
                li { "No one can look up the PIN, neither you nor your provider. Keep it in a safe place." }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A PIN that was set by this administrator, for tests of the pages.
    pub fn status(set: bool) -> PinStatus {
        PinStatus {
            pin_set: set,
            pin_version: u64::from(set),
            updated_at: set.then(|| "2026-11-23T18:29:51Z".parse().unwrap()),
            updated_by: set.then(|| "user:ada".to_owned()),
            blocked_by: Vec::new(),
            failed_attempts: 0,
            consecutive_failures: 0,
            last_failed_at: None,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn the_panel_says_when_and_by_whom_the_pin_was_set() {
        let text = panel(&status(true), "user:ada", true, &[]).into_string();
        assert!(text.contains("It was set on Nov 23, 2026, 6:29 PM UTC by <strong>you</strong>."), "{text}");
        let text = panel(&status(false), "user:ada", true, &[]).into_string();
        assert!(text.contains("No PIN is set yet"), "{text}");
    }

    #[test]
    fn a_field_has_a_label_and_names_its_hint_and_error_and_no_value() {
        let errors = [FormError { field: "pin", text: "The PIN must have at least 6 digits.".to_owned() }];
        let text = panel(&status(true), "user:ada", true, &errors).into_string();
        assert!(text.contains(r#"aria-invalid="true" aria-describedby="pin-hint pin-error""#), "{text}");
        assert!(text.contains(r#"<label for="pin_again">"#), "{text}");
        assert_eq!(text.matches("autocomplete=\"off\"").count(), 3);
        assert_eq!(text.matches(" value=").count(), 1, "only that of the version: {text}");
    }

    #[test]
    fn without_the_scope_there_is_no_form() {
        let text = panel(&status(true), "user:ada", false, &[]).into_string();
        assert!(!text.contains("<form") && text.contains("not to set the PIN"), "{text}");
    }
}
