//! The panel of port protection.

use maud::{Markup, html};

use crate::api::answers::Protection;
use crate::words;

/// Returns the panel.
pub fn panel(protection: &Protection, reader: &str, may_switch: bool) -> Markup {
    html! {
        section.panel #protection aria-labelledby="protection-title" {
            h2 #protection-title { "Port protection" }
            p {
                "Port protection is " strong { @if protection.enabled { "on" } @else { "off" } } "."
                @if let (Some(at), Some(by)) = (protection.updated_at, &protection.updated_by) {
                    " It was switched on " (words::time(at)) " by " strong { (words::actor(by, reader)) } "."
                }
            }
            p {
                "While it is on, every request to move your numbers is refused, even with the right PIN. "
                "Requests that were confirmed before are not affected: stop those above."
            }
            @if may_switch {
                form method="post" action="/console/protection" {
                    @if protection.enabled {
                        button.secondary type="submit" name="enabled" value="false" { "Switch protection off" }
                    } @else {
                        button type="submit" name="enabled" value="true" { "Switch protection on" }
                    }
                }
            } @else {
                p.inset { "Your sign-in allows you to look, but not to switch protection." }
            }
        }
    }
}
