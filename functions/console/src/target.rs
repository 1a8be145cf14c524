//! Pages of the console to which a sign-in may lead, and no other address.

use runtime::http::endpoint::{ConsoleEndpoint, Endpoint};
use runtime::http::routes;

/// Path of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(String);

impl Target {
    /// Returns the first page.
    pub fn panel() -> Self {
        Self("/console".to_owned())
    }

    /// Parses the path of a page; `None` for every other text, such as an address elsewhere.
    pub fn parse(path: &str) -> Option<Self> {
        let endpoint = routes::find("GET", path).ok()?.route.endpoint;
        let is_page = matches!(
            endpoint,
            Endpoint::Console(
                ConsoleEndpoint::Panel | ConsoleEndpoint::History | ConsoleEndpoint::ConfirmCancellation
            )
        );
        let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b));
        (is_page && plain).then(|| Self(path.to_owned()))
    }

    /// Returns the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the link that signs in and then leads here.
    pub fn sign_in_link(&self) -> String {
        format!("/console/sign-in?page={}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_a_page_of_the_console_and_nowhere_else() {
        for page in ["/console", "/console/", "/console/history", "/console/port-outs/1e6c/cancel"] {
            assert!(Target::parse(page).is_some(), "{page}");
        }
        for other in [
            "",
            "/",
            "//evil.example",
            "//evil.example/console",
            "https://evil.example/console",
            "/console/sign-in",
            "/console/callback",
            "/console/sign-out",
            "/console/pin",
            "/v1/port-outs",
            "/console?x=1",
            "/console#x",
            "/console/port-outs/a\r\nb/cancel",
            "/console/port-outs/%2e%2e/cancel",
            "/\\evil.example",
        ] {
            assert_eq!(Target::parse(other), None, "{other:?}");
        }
    }
}
