//! The history: what happened, the newest first, with wrong PINs by carrier above it.

use maud::{Markup, html};

use crate::api::answers::Event;
use crate::event_text::{is_wrong_pin, sentence, wrong_pins};
use crate::history::{DAYS, Window};
use crate::pages::layout::{Page, breadcrumb};
use crate::words;

/// What the page shows.
pub struct History {
    /// Which days.
    pub window: Window,
    /// What happened, the oldest first.
    pub events: Vec<Event>,
    /// Whether these are all events of the window.
    pub is_complete: bool,
}

/// Returns the page.
pub fn page(history: &History, reader: &str) -> Page {
    let History { window, events, is_complete } = history;
    let content = html! {
        (breadcrumb("History"))
        h1 { "History" }
        p {
            @if window.is_latest { "The last " (DAYS) " days. " }
            @else { (words::time(window.from)) " to " (words::time(window.until)) ". " }
            "What happened within the last half minute may not be here yet."
        }
        @if !is_complete {
            p.inset { "So much happened that not all of it fits here. The API lists every event." }
        }
        (failed(events))
        (table(events, reader))
        nav.pages aria-label="Pages" {
            a href=(window.earlier()) { "Earlier" }
            @if !window.is_latest { a href="/console/history" { "Latest" } }
        }
    };
    Page::new("History", content)
}

fn failed(events: &[Event]) -> Markup {
    let counts = wrong_pins(events);
    html! {
        section.panel aria-labelledby="failed-title" {
            h2 #failed-title { "Wrong PINs" }
            @if counts.is_empty() {
                p { "No carrier sent a wrong PIN in this time." }
            } @else {
                ul {
                    @for (spid, count) in &counts {
                        li { "Carrier " (spid) ": " (words::count(*count, "wrong PIN", "wrong PINs")) }
                    }
                }
            }
        }
    }
}

fn table(events: &[Event], reader: &str) -> Markup {
    html! {
        section.panel aria-labelledby="events-title" {
            h2 #events-title { "Events" }
            @if events.is_empty() {
                p { "Nothing happened in this time." }
            } @else {
                ol.events {
                    @for event in events.iter().rev() {
                        li.alarming[is_wrong_pin(event)] {
                            p { (sentence(event)) }
                            p.hint {
                                time datetime=(event.occurred_at) { (words::time(event.occurred_at)) }
                                ", by " (words::actor(&event.actor, reader))
                            }
                        }
                    }
                }
            }
        }
    }
}
