//! The plain pages for everything that can go wrong: what happened, and the way out.

use maud::{Markup, html};

use crate::failure::Failure;
use crate::pages::layout::Page;
use crate::target::Target;

/// A way out.
enum Way {
    SignIn(Target),
    SignOut,
    Home,
    None,
}

/// Status, title, and sentences of a failure.
struct Text {
    status: u16,
    title: &'static str,
    lines: &'static [&'static str],
    way: Way,
}

/// Returns the status and the page of a failure.
pub fn page(failure: &Failure) -> (u16, Page) {
    let Text { status, title, lines, way } = text(failure);
    let signed_in = matches!(way, Way::Home);
    let content = html! {
        h1 { (title) }
        @for line in lines { p { (line) } }
        @if let Failure::Wait(seconds) = failure { p { "You can try again in " (duration(*seconds)) "." } }
        (way_out(&way))
    };
    (status, Page { signed_in, ..Page::new(title, content) })
}

fn way_out(way: &Way) -> Markup {
    html! {
        @match way {
            Way::SignIn(target) => p { a.button href=(target.sign_in_link()) { "Sign in" } },
            Way::SignOut => form method="post" action="/console/sign-out" {
                button type="submit" { "Sign out" }
            },
            Way::Home => p { a href="/console" { "Go to port orders" } },
            Way::None => {}
        }
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn text(failure: &Failure) -> Text {
    let (status, title, lines, way): (u16, _, &'static [&'static str], _) = match failure {
        Failure::Expired(target) => (403, "Your session has expired", EXPIRED, Way::SignIn(target.clone())),
        Failure::NoScope => (403, "Your sign-in does not allow this", NO_SCOPE, Way::Home),
        Failure::NotOwner => (403, "You are not an administrator here", NO_SCOPE, Way::SignOut),
        Failure::NoAccount => (403, "No account belongs to your sign-in", NO_ACCOUNT, Way::SignOut),
        Failure::SignInForeign => (400, "The sign-in was not completed", FOREIGN_SIGN_IN, again()),
        Failure::SignInDenied => (403, "The sign-in was refused", DENIED, again()),
        Failure::TokenTooLong => (403, "Your sign-in is too large", TOO_LONG, Way::None),
        Failure::ProviderDown(_) => (503, "Signing in is not possible now", PROVIDER_DOWN, again()),
        Failure::ApiDown(_) => (503, "The service cannot be reached now", API_DOWN, Way::Home),
        Failure::Internal(_) => (500, "Something went wrong", INTERNAL, Way::Home),
        Failure::Wait(_) => (429, "Too many requests", WAIT, Way::Home),
        Failure::ForeignForm => (403, "The form did not come from this page", FOREIGN_FORM, Way::Home),
        Failure::FormTooLarge => (413, "The form could not be read", FOREIGN_FORM, Way::Home),
        Failure::NotFound => (404, "There is no such page", NOT_FOUND, Way::Home),
    };
    Text { status, title, lines, way }
}

fn again() -> Way {
    Way::SignIn(Target::panel())
}

const EXPIRED: &[&str] = &[
    "For your security, a session lasts an hour at the most. What you sent was not saved.",
    "Sign in again to go on.",
];
const NO_SCOPE: &[&str] = &[
    "Your organization signed you in, but without permission for this.",
    "Ask the administrators of your organization's sign-in to give you access to the port-out PIN.",
];
const NO_ACCOUNT: &[&str] = &[
    "Your organization signed you in, but did not say which account is yours.",
    "Ask the administrators of your organization's sign-in to add the account number to your profile.",
];
const FOREIGN_SIGN_IN: &[&str] = &[
    "It took too long, was begun in another window, or was not begun here.",
    "Nothing was changed. Sign in again.",
];
const DENIED: &[&str] = &[
    "Your organization did not sign you in, or the sign-in was cancelled.",
    "Try again, or ask the administrators of your organization's sign-in.",
];
const TOO_LONG: &[&str] = &[
    "Your organization sends more about you than a browser can keep, often a long list of groups.",
    "Ask the administrators of your organization's sign-in to send less to this service.",
];
const PROVIDER_DOWN: &[&str] = &[
    "Your organization's sign-in does not answer as it should.",
    "Your PIN and your protection keep working. Try again in a few minutes.",
];
const API_DOWN: &[&str] = &[
    "Your PIN and your protection keep working. If you were saving a change, it may not have been saved: check before you \
     send it again.",
    "Try again in a few minutes.",
];
const INTERNAL: &[&str] =
    &["The error was recorded. If you were saving a change, check before you send it again."];
const WAIT: &[&str] = &["What you sent was not saved."];
const FOREIGN_FORM: &[&str] = &[
    "For your security, only forms of this page are accepted, and this one may have come from another site.",
    "Nothing was changed.",
];
const NOT_FOUND: &[&str] = &["The address may be mistyped, or what it named is not yours to see."];

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::error::Error;
    use std::collections::BTreeSet;

    #[test]
    fn each_failure_has_a_page_of_its_own_that_shows_nothing_of_the_inside() {
        let secret = || Error::internal("a cause that no page shows");
        let failures = [
            Failure::Expired(Target::panel()),
            Failure::NoScope,
            Failure::NotOwner,
            Failure::NoAccount,
            Failure::SignInForeign,
            Failure::SignInDenied,
            Failure::TokenTooLong,
            Failure::ProviderDown(secret()),
            Failure::ApiDown(secret()),
            Failure::Internal(secret()),
            Failure::Wait(5),
            Failure::ForeignForm,
            Failure::FormTooLarge,
            Failure::NotFound,
        ];
        let count = failures.len();
        let pages: Vec<_> = failures.iter().map(|failure| page(failure).1).collect();
        let titles: BTreeSet<_> = pages.iter().map(|page| page.title).collect();
        assert_eq!(titles.len(), count);
        assert!(pages.iter().all(|page| !page.content.0.contains("inside")));
    }

    #[test]
    fn an_expired_session_leads_back_to_its_page() {
        let target = Target::parse("/console/history").unwrap();
        let (status, page) = page(&Failure::Expired(target));
        assert_eq!(status, 403);
        assert!(page.content.0.contains(r#"href="/console/sign-in?page=/console/history""#));
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_minutes() {
        for (seconds, text) in [(1, "a second"), (60, "60 seconds"), (121, "3 minutes")] {
            assert_eq!(duration(seconds), text);
        }
    }
}
