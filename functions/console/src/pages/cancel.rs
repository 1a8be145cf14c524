//! The page that asks whether a port-out is to be cancelled.

use maud::{Markup, html};
use shared::cancellation::Statement;

use crate::api::answers::PortOut;
use crate::pages::layout::{FormError, Page, breadcrumb, error_summary, field_error, is_wrong};
use crate::pages::port_outs::details;

/// Returns the page. What was chosen stays chosen if the form comes back with errors; the name has to be typed again.
pub fn page(port_out: &PortOut, chosen: Option<Statement>, errors: &[FormError]) -> Page {
    let content = html! {
        (breadcrumb("This was not us"))
        (error_summary(errors))
        h1 { "Stop this request?" }
        (details(port_out))
        @if port_out.status == "confirmed" {
            (form(&port_out.id, chosen, errors))
        } @else {
            p.inset { "This request is no longer open, so there is nothing to stop." }
            p { a href="/console" { "Back to port orders" } }
        }
    };
    Page { has_errors: !errors.is_empty(), ..Page::new("Stop this request?", content) }
}

fn form(id: &str, chosen: Option<Statement>, errors: &[FormError]) -> Markup {
    html! {
        form method="post" action={ "/console/port-outs/" (id) "/cancel" } novalidate {
            fieldset.field.wrong[is_wrong(errors, "not_authorized")] aria-describedby="statement-hint" {
                legend { "What happened?" }
                p.hint #statement-hint { "Your statement is recorded as the authority to cancel." }
                (field_error(errors, "not_authorized"))
                (choice(
                    Statement::NotAuthorized,
                    chosen,
                    "This was not us",
                    "Its sender knew your PIN. The PIN is locked at once, and you set a new one next.",
                ))
                (choice(
                    Statement::ChangedMind,
                    chosen,
                    "We asked for it, but want to stay",
                    "The PIN stays as it is.",
                ))
            }
            (name(errors))
            button.danger type="submit" { "Cancel the request" }
            " "
            a href="/console" { "Leave it open" }
        }
    }
}

fn choice(statement: Statement, chosen: Option<Statement>, label: &str, hint: &str) -> Markup {
    let id = statement.as_str();
    html! {
        div.choice {
            input #(id) type="radio" name="statement" value=(id) required checked[chosen == Some(statement)]
                aria-describedby={ (id) "-hint" };
            label for=(id) { (label) }
            p.hint id={ (id) "-hint" } { (hint) }
        }
    }
}

fn name(errors: &[FormError]) -> Markup {
    let wrong = is_wrong(errors, "name");
    html! {
        div.field.wrong[wrong] {
            label for="name" { "Your full name" }
            (field_error(errors, "name"))
            input #name name="name" type="text" autocomplete="name" maxlength="100" required
                aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("name-error")];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::port_outs::tests::port_out;

    #[test]
    fn the_page_says_that_the_pin_will_be_locked_before_it_is() {
        let text = page(&port_out(), Some(Statement::NotAuthorized), &[]).content.into_string();
        assert!(text.contains("The PIN is locked at once"), "{text}");
        assert!(text.contains(r#"value="not_authorized" required checked"#), "{text}");
    }

    #[test]
    fn a_request_that_is_over_cannot_be_stopped() {
        let over = PortOut { status: "completed".to_owned(), ..port_out() };
        let text = page(&over, None, &[]).content.into_string();
        assert!(!text.contains("<form") && text.contains("no longer open"), "{text}");
    }
}
