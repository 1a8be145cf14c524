//! The frame of every page.

use maud::{DOCTYPE, Markup, html};
use runtime::http::response::Response;

use crate::assets;
use crate::security_headers::secured;

const HTML: &str = "text/html; charset=utf-8";

/// A page without its frame.
pub struct Page {
    /// What the tab and the history call it.
    pub title: &'static str,
    /// Whether the form was sent back with errors, which the title says first.
    pub has_errors: bool,
    /// Whether there is a session to end.
    pub signed_in: bool,
    /// The content.
    pub content: Markup,
}

impl Page {
    /// Creates a page for an administrator who is signed in.
    pub fn new(title: &'static str, content: Markup) -> Self {
        Self { title, has_errors: false, signed_in: true, content }
    }

    /// Creates the response.
    pub fn response(&self, status: u16) -> Response {
        secured(Response::text(status, HTML, document(self).into_string()))
    }
}

fn document(page: &Page) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-US" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                title { @if page.has_errors { "Error: " } (page.title) " – Port-out PIN" }
                link rel="stylesheet" href=(assets::style_path());
                // Without this, browsers ask for an icon that is not there.
                link rel="icon" href=(assets::icon_path()) type="image/svg+xml";
                script src=(assets::script_path()) defer {}
            }
            body {
                a.skip href="#main" { "Skip to main content" }
                (header(page.signed_in))
                main #main tabindex="-1" { (page.content) }
                footer { p { "A PIN is never shown, sent by mail, or asked for on the phone." } }
            }
        }
    }
}

fn header(signed_in: bool) -> Markup {
    html! {
        header.site {
            p.product { "Port-out PIN" }
            @if signed_in {
                nav aria-label="Console" {
                    a href="/console" { "Port orders" }
                    a href="/console/history" { "History" }
                }
                form method="post" action="/console/sign-out" {
                    button.quiet type="submit" { "Sign out" }
                }
            }
        }
    }
}

/// Returns where the page is.
pub fn breadcrumb(here: &str) -> Markup {
    html! {
        nav.breadcrumb aria-label="Breadcrumb" {
            ol {
                li { "Voice" }
                @if here == "Port orders" {
                    li aria-current="page" { (here) }
                } @else {
                    li { a href="/console" { "Port orders" } }
                    li aria-current="page" { (here) }
                }
            }
        }
    }
}

/// An error of a form: which field, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// ID of the field.
    pub field: &'static str,
    /// The rule, and the way out.
    pub text: String,
}

/// Returns the summary of a form's errors, which gets the focus, with a link to each field.
pub fn error_summary(errors: &[FormError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.error-summary role="alert" aria-labelledby="error-title" tabindex="-1" autofocus {
                h2 #error-title { "There is a problem" }
                ul {
                    @for error in errors { li { a href={ "#" (error.field) } { (error.text) } } }
                }
            }
        }
    }
}

/// Returns the message at a field.
pub fn field_error(errors: &[FormError], field: &str) -> Markup {
    html! {
        @for error in errors.iter().filter(|error| error.field == field) {
            p.error id={ (field) "-error" } { span.hidden { "Error: " } (error.text) }
        }
    }
}

/// Returns whether a field has an error.
pub fn is_wrong(errors: &[FormError], field: &str) -> bool {
    errors.iter().any(|error| error.field == field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_page_shows_is_escaped() {
        let page = Page::new("Port orders", html! { p { ("<script>alert(1)</script>") } });
        let text = document(&page).into_string();
        assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{text}");
    }

    #[test]
    fn a_page_has_nothing_inline() {
        let page = Page { has_errors: true, ..Page::new("Port orders", breadcrumb("History")) };
        let text = document(&page).into_string();
        assert!(text.contains("<title>Error: Port orders – Port-out PIN</title>"), "{text}");
        for inline in ["<style", " style=", " onclick=", " onload=", "javascript:", "<script>"] {
            assert!(!text.contains(inline), "{inline}");
        }
        assert_eq!(text.matches("<script").count(), 1);
    }

    #[test]
    fn an_error_links_to_its_field() {
        let errors = [FormError { field: "pin", text: "Enter <6> digits.".to_owned() }];
        let text = error_summary(&errors).into_string();
        assert!(text.contains(r##"<a href="#pin">Enter &lt;6&gt; digits.</a>"##), "{text}");
        assert!(field_error(&errors, "pin").into_string().contains(r#"id="pin-error""#));
        assert_eq!(field_error(&errors, "pin_again").into_string(), "");
        assert_eq!(error_summary(&[]).into_string(), "");
    }
}
