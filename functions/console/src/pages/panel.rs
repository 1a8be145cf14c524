//! The first page: what blocks port-outs, the PIN, protection, and open port-outs.

use maud::{Markup, html};
use shared::account::PortOutBlock;

use crate::administrator::Administrator;
use crate::api::answers::{PinStatus, Protection};
use crate::notice::Notice;
use crate::pages::layout::{FormError, Page, breadcrumb, error_summary};
use crate::pages::{notice, pin_form, port_outs, protection};
use crate::words;

/// What the page shows.
pub struct Panel {
    /// The PIN's status.
    pub pin: PinStatus,
    /// The protection and the open port-outs.
    pub protection: Protection,
    /// What was just done.
    pub notice: Option<Notice>,
    /// Errors of the form that was sent.
    pub errors: Vec<FormError>,
}

/// Returns the page.
pub fn page(panel: &Panel, reader: &Administrator) -> Page {
    let Panel { pin, protection, notice, errors } = panel;
    let is_locked = pin.blocked_by.iter().any(|code| code == PortOutBlock::PinLocked.code());
    let content = html! {
        (breadcrumb("Port orders"))
        (error_summary(errors))
        @if let Some(notice) = notice { (notice::banner(notice, is_locked)) }
        h1 { "Port orders" }
        p.account { "Account " strong { (reader.account.as_str()) } }
        (blocks(pin))
        (pin_form::panel(pin, &reader.actor, reader.sets_pin, errors))
        (port_outs::list(&protection.open_port_outs, reader.protects))
        (protection::panel(protection, &reader.actor, reader.protects))
        section.panel aria-labelledby="history-title" {
            h2 #history-title { "History" }
            p { "Every request, wrong PIN, and change of this account is recorded." }
            p { a href="/console/history" { "Show the history" } }
        }
    };
    Page { has_errors: !errors.is_empty(), ..Page::new("Port orders", content) }
}

fn blocks(pin: &PinStatus) -> Markup {
    let codes = &pin.blocked_by;
    html! {
        section.blocks.blocked[!codes.is_empty() || !pin.pin_set] aria-labelledby="blocks-title" {
            @if codes.is_empty() && !pin.pin_set {
                // The provider may allow that with `PIN_REQUIRED=when_set`.
                h2 #blocks-title { "Your numbers can be moved without a PIN" }
                p { a href="#pin" { "Set a PIN" } ", and every request has to carry it." }
            } @else if codes.is_empty() {
                h2 #blocks-title { "Your numbers can be moved with the PIN" }
                p { "A request has to carry the right PIN. Every other one is refused." }
            } @else {
                h2 #blocks-title { "None of your numbers can be moved now" }
                ul {
                    @for block in codes.iter().map(|code| words::block(code)) {
                        li {
                            strong { (block.what) } " "
                            @if let Some(place) = block.place { a href=(place) { (block.remedy) } }
                            @else { (block.remedy) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::pin_form::tests::status;
    use crate::session::{AccessToken, Session};
    use runtime::clock::Timestamp;

    const TOKEN: &str = "secret.token.text";

    fn reader() -> Administrator {
        let token = AccessToken::new(TOKEN.to_owned()).unwrap();
        Administrator {
            session: Session { id: [0; 16], expires: Timestamp::UNIX_EPOCH, token },
            account: "CONTOSO".parse().unwrap(),
            actor: "user:ada".to_owned(),
            sets_pin: true,
            protects: true,
        }
    }

    fn text(blocked_by: &[&str], notice: Option<Notice>) -> String {
        text_of(true, blocked_by, notice)
    }

    fn text_of(pin_set: bool, blocked_by: &[&str], notice: Option<Notice>) -> String {
        let blocked_by = blocked_by.iter().map(|code| (*code).to_owned()).collect();
        let protection =
            Protection { enabled: false, updated_at: None, updated_by: None, open_port_outs: Vec::new() };
        let pin = PinStatus { blocked_by, ..status(pin_set) };
        page(&Panel { pin, protection, notice, errors: Vec::new() }, &reader()).content.into_string()
    }

    #[test]
    fn what_blocks_port_outs_leads_to_where_that_changes() {
        let text = text(&["pin_locked", "port_protection_on"], None);
        assert!(text.contains("None of your numbers can be moved now"), "{text}");
        assert!(text.contains(r##"<strong>The PIN is locked.</strong> <a href="#pin">"##), "{text}");
        assert!(text.contains(r##"<a href="#protection">"##), "{text}");
    }

    #[test]
    fn whether_a_request_needs_a_pin_is_said_as_it_is() {
        assert!(text(&[], None).contains("Your numbers can be moved with the PIN"));
        let without = text_of(false, &[], None);
        assert!(without.contains("Your numbers can be moved without a PIN"), "{without}");
        assert!(text_of(false, &["pin_not_set"], None).contains("None of your numbers can be moved now"));
    }

    #[test]
    fn after_a_request_that_was_not_authorized_the_next_step_is_a_new_pin() {
        let notice = Notice::Cancelled { not_authorized: true, carrier_must_be_told: false };
        let text = text(&["pin_locked"], Some(notice));
        assert!(text.contains(r##"<a href="#pin">Set a new PIN now</a>"##), "{text}");
    }

    #[test]
    fn a_pin_that_was_changed_in_the_meantime_is_not_said_to_be_locked() {
        let notice = Notice::Cancelled { not_authorized: true, carrier_must_be_told: false };
        let text = text(&[], Some(notice));
        assert!(text.contains("The request is cancelled") && !text.contains("locked"), "{text}");
    }

    #[test]
    fn no_page_holds_the_token() {
        assert!(!text(&[], None).contains("token"));
    }

    #[test]
    fn headings_are_in_order() {
        let text = text(&[], Some(Notice::ProtectionOn));
        assert_eq!(text.matches("<h1").count(), 1);
        assert!(text.matches("<h2").count() >= 5 && !text.contains("<h3"), "{text}");
    }
}
