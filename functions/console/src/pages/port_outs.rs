//! The list of open port-outs.

use maud::{Markup, html};

use crate::api::answers::PortOut;
use crate::words;

/// Returns the list, each with the way to stop it.
pub fn list(port_outs: &[PortOut], may_cancel: bool) -> Markup {
    html! {
        section.panel #port-outs aria-labelledby="port-outs-title" {
            h2 #port-outs-title { "Numbers about to move" }
            @if port_outs.is_empty() {
                p { "No request to move your numbers is open." }
            } @else {
                p { "These requests are confirmed: the numbers move on the day given, unless you stop it." }
                ul.cards { @for port_out in port_outs { li { (card(port_out, may_cancel)) } } }
            }
        }
    }
}

fn card(port_out: &PortOut, may_cancel: bool) -> Markup {
    let name = format!("request {} of carrier {}", port_out.pon, port_out.spid);
    html! {
        (details(port_out))
        @if may_cancel {
            p {
                a.button.danger href={ "/console/port-outs/" (port_out.id) "/cancel" } {
                    "This was not us" span.hidden { ": " (name) }
                }
            }
        }
    }
}

/// Returns what is known about a port-out.
pub fn details(port_out: &PortOut) -> Markup {
    let left = port_out.telephone_numbers.iter().filter(|tn| !port_out.ported_numbers.contains(tn));
    html! {
        dl {
            div { dt { "Numbers" } dd { (numbers(left)) } }
            @if !port_out.ported_numbers.is_empty() {
                div { dt { "Moved already" } dd { (numbers(port_out.ported_numbers.iter())) } }
            }
            @if let Some(date) = port_out.foc_date {
                div { dt { "Move on (FOC date)" } dd { strong { (words::day(date)) } } }
            }
            div { dt { "To carrier (SPID)" } dd { (port_out.spid) } }
            div { dt { "Carrier's order (PON)" } dd { (port_out.pon) ", version " (port_out.version) } }
            div { dt { "Received" } dd { (words::time(port_out.received_at)) } }
        }
    }
}

fn numbers<'a>(numbers: impl Iterator<Item = &'a String>) -> String {
    numbers.map(|tn| words::number(tn)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An open port-out, for tests of the pages.
    pub fn port_out() -> PortOut {
        PortOut {
            id: "1e6cc802bb4060007f9c31961ac1d1c8".to_owned(),
            spid: "A123".to_owned(),
            pon: "TX-1001".to_owned(),
            version: "02".to_owned(),
            telephone_numbers: vec!["+12065550100".to_owned(), "+12065550101".to_owned()],
            status: "confirmed".to_owned(),
            foc_date: Some("2026-11-30".parse().unwrap()),
            ported_numbers: vec!["+12065550101".to_owned()],
            received_at: "2026-11-23T18:29:52Z".parse().unwrap(),
            carrier_must_be_told: false,
        }
    }

    #[test]
    fn a_port_out_is_shown_with_its_date_and_the_way_to_stop_it() {
        let text = list(&[port_out()], true).into_string();
        for part in [
            "<dd>(206) 555-0100</dd>",
            "<dt>Moved already</dt><dd>(206) 555-0101</dd>",
            "Monday, Nov 30, 2026",
            r#"href="/console/port-outs/1e6cc802bb4060007f9c31961ac1d1c8/cancel""#,
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!list(&[port_out()], false).into_string().contains("/cancel"));
    }
}
