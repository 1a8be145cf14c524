//! What was done, at the top of the page.

use maud::{Markup, html};

use crate::notice::Notice;

/// Returns the confirmation, which gets the focus. Whether the PIN is locked is read from its status: a PIN that was changed
/// since the request came is another one, and stays as it is.
pub fn banner(notice: &Notice, is_locked: bool) -> Markup {
    html! {
        div.notice role="status" tabindex="-1" autofocus {
            @match notice {
                Notice::PinSet { first, warnings } => (pin_set(*first, warnings)),
                Notice::PinUnchanged => {
                    h2 { "Nothing changed" }
                    p { "This is the PIN that was set already." }
                }
                Notice::ProtectionOn => {
                    h2 { "Port protection is on" }
                    p { "From now on, every request to move your numbers is refused." }
                }
                Notice::ProtectionOff => {
                    h2 { "Port protection is off" }
                    p { "Your numbers can be moved again with the PIN." }
                }
                Notice::Cancelled { not_authorized, carrier_must_be_told } => {
                    (cancelled(*not_authorized && is_locked, *carrier_must_be_told))
                }
            }
        }
    }
}

fn pin_set(first: bool, warnings: &[String]) -> Markup {
    html! {
        h2 { @if first { "Your PIN is set" } @else { "Your PIN is changed" } }
        p { "Every request to move your numbers must carry it from now on." }
        @if !warnings.is_empty() {
            p { "It is valid, but consider another one:" }
            ul { @for warning in warnings { li { (warning) } } }
        }
    }
}

fn cancelled(locked: bool, carrier_must_be_told: bool) -> Markup {
    html! {
        h2 { "The request is cancelled" }
        p { "The numbers stay with you." }
        @if locked {
            p {
                "Its sender knew your PIN, so the PIN is locked. "
                a href="#pin" { "Set a new PIN now" }
                "."
            }
        }
        @if carrier_must_be_told {
            p { "Your provider's porting desk tells the carrier, whose system cannot take an answer back." }
        }
    }
}
