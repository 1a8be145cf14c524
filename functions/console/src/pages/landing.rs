//! The pages without a session: before a sign-in, and after a sign-out.

use maud::html;

use crate::pages::layout::Page;
use crate::target::Target;

/// Returns the page that leads to the identity provider.
pub fn sign_in(target: &Target) -> Page {
    let content = html! {
        h1 { "Protect your numbers" }
        p.lead {
            "A port-out PIN keeps your telephone numbers from being moved to another provider without your permission."
        }
        p { "Administrators sign in with their organization's account." }
        p { a.button href=(target.sign_in_link()) { "Sign in" } }
    };
    Page { signed_in: false, ..Page::new("Sign in", content) }
}

/// Returns the page after a sign-out. The identity provider may still know the administrator.
pub fn signed_out(provider: Option<&str>) -> Page {
    let content = html! {
        h1 { "You are signed out" }
        p { "This browser no longer has access to your account here." }
        @if let Some(address) = provider {
            p {
                "Your organization may still have you signed in. On a shared computer, "
                a href=(address) rel="noreferrer" { "sign out there too" }
                "."
            }
        }
        p { a.button href=(Target::panel().sign_in_link()) { "Sign in again" } }
    };
    Page { signed_in: false, ..Page::new("Signed out", content) }
}
