//! Names and attributes of the cookies.
//!
//! `__Host-` binds a cookie to this host and to TLS (RFC 6265bis, section 4.1.3). A local run has no TLS, so there the
//! names have no prefix. `Lax` and not `Strict`: the identity provider's answer is a navigation from another site.

use runtime::config::WebUrl;

/// A cookie of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// A sign-in that has begun.
    SignIn,
    /// The session's first part.
    Session,
    /// The session's second part, if its token is long.
    SessionRest,
    /// What the next page confirms.
    Notice,
}

/// How cookies are named and sent at the console's address.
#[derive(Debug, Clone, Copy)]
pub struct CookieRules {
    secure: bool,
}

impl CookieRules {
    /// Creates the rules of an address.
    pub fn of(url: &WebUrl) -> Self {
        Self { secure: !url.is_plain_http() }
    }

    /// Returns the name of a cookie.
    pub fn name(self, cookie: Cookie) -> String {
        let name = match cookie {
            Cookie::SignIn => "console-sign-in",
            Cookie::Session => "console-session",
            Cookie::SessionRest => "console-session-2",
            Cookie::Notice => "console-notice",
        };
        format!("{}{name}", if self.secure { "__Host-" } else { "" })
    }

    /// Sets a cookie for these seconds, or until the browser is closed.
    pub fn set(self, cookie: Cookie, value: &str, seconds: Option<u32>) -> String {
        let max_age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{max_age}", self.name(cookie))
    }

    /// Removes a cookie.
    pub fn remove(self, cookie: Cookie) -> String {
        self.set(cookie, "", Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(url: &str) -> CookieRules {
        CookieRules::of(&WebUrl::parse(url).unwrap())
    }

    #[test]
    fn a_cookie_is_bound_to_its_host_and_to_tls() {
        assert_eq!(
            rules("https://ports.example.com").set(Cookie::Session, "v", None),
            "__Host-console-session=v; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn only_a_local_run_has_cookies_without_tls() {
        assert_eq!(
            rules("http://127.0.0.1:9000").set(Cookie::SignIn, "v", Some(600)),
            "console-sign-in=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"
        );
        assert!(rules("https://localhost").set(Cookie::SignIn, "v", None).ends_with("; Secure"));
    }

    #[test]
    fn a_cookie_is_removed_with_the_attributes_that_it_was_set_with() {
        assert_eq!(
            rules("https://ports.example.com").remove(Cookie::Notice),
            "__Host-console-notice=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
        );
    }
}
