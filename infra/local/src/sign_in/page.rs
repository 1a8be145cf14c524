//! Whom the local sign-in offers, and the page on which one is chosen.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use crate::demo::ACCOUNT;
use crate::error::CliError;
use crate::sign_in::request::Fields;
use crate::token::Caller;

/// An administrator of the demo.
#[derive(Debug)]
pub struct Person {
    /// ID in the form.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// What this administrator may do.
    pub may: &'static str,
}

/// The administrators of the demo.
pub const PEOPLE: [Person; 3] = [
    Person { id: "ada", name: "Ada Lovelace", may: "administrator of CONTOSO" },
    Person { id: "grace", name: "Grace Hopper", may: "may look at CONTOSO, and change nothing" },
    Person { id: "alan", name: "Alan Turing", may: "administrator without an account" },
];

impl Person {
    /// Returns whom this person's tokens identify.
    ///
    /// # Errors
    /// Never: the demo's account number is valid.
    pub fn caller(&self) -> Result<Caller, CliError> {
        let account = || ACCOUNT.parse().map_err(|e| CliError::failed("the demo's account", e));
        match self.id {
            "ada" => account().map(Caller::Owner),
            "grace" => account().map(Caller::Viewer),
            _ => Ok(Caller::Nobody),
        }
    }
}

/// Returns the page on which one is chosen. It sends the request's own fields back with the choice.
pub fn choose(fields: &Fields) -> Markup {
    let content = html! {
        p { "This sign-in belongs to the local stack and asks for no password." }
        form method="post" action="/authorize" {
            @for (name, value) in fields.all() { input type="hidden" name=(name) value=(value); }
            @for person in &PEOPLE {
                p {
                    button type="submit" name="person" value=(person.id) { "Sign in as " (person.name) }
                    ": " (person.may)
                }
            }
            p { button type="submit" name="person" value="" { "Do not sign in" } }
        }
    };
    document("Sign in", &content)
}

/// Shows that the session with the provider ended; it keeps none.
pub async fn signed_out() -> Html<String> {
    Html(document("Signed out", &html! { p { "The local sign-in keeps no session." } }).into_string())
}

fn document(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-US" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – local stack" }
            }
            body { main { h1 { (title) } (content) } }
        }
    }
}
