//! Configuration of the console: its own address, that of the API, and who signs administrators in.

use lambda_http::http::Uri;
use zeroize::Zeroizing;

use crate::config::{ConfigError, Environment, error};
use crate::http::claims::ClaimNames;
use crate::http::identity::Scope;

/// What the console has to know.
pub struct ConsoleSettings {
    /// Scheme and host of the console, as browsers see them.
    pub url: WebUrl,
    /// Where the API is; its routes begin with `/v1`.
    pub api: WebUrl,
    /// Who signs administrators in.
    pub provider: ProviderSettings,
    /// Which claims of an access token say what it allows, and for which account.
    pub claims: ClaimNames,
}

/// The organization's identity provider, and how the console is registered there.
pub struct ProviderSettings {
    /// Identifier of the issuer, exactly as its tokens spell it.
    pub issuer: String,
    /// ID of the console as a client.
    pub client_id: String,
    /// Secret of a confidential client. Without one, PKCE alone binds a code to its sign-in.
    pub client_secret: Option<Zeroizing<String>>,
    /// Scopes to request, separated by spaces.
    pub scopes: String,
    /// The API for which some providers, such as Auth0, want to be asked.
    pub audience: Option<String>,
}

/// Address of a web service without a slash at its end: `https`, or `http` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl {
    text: String,
    is_loopback: bool,
}

impl WebUrl {
    /// Parses an address; `None` unless it is `https`, or `http` on this machine, and has neither user nor query.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        let is_loopback = ["127.0.0.1", "localhost", "[::1]"].contains(&authority.host());
        let is_secure = scheme == "https" || (scheme == "http" && is_loopback);
        let is_plain = uri.query().is_none() && !authority.as_str().contains('@') && !text.contains('#');
        (is_secure && is_plain).then(|| Self { text: text.trim_end_matches('/').to_owned(), is_loopback })
    }

    /// Returns the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether a browser reaches it without TLS, which only a local run does.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.is_loopback && self.text.starts_with("http://")
    }

    fn has_path(&self) -> bool {
        self.text.splitn(4, '/').nth(3).is_some()
    }
}

impl Environment {
    /// Reads `CONSOLE_URL`, `API_BASE_URL`, `OIDC_ISSUER`, and `OIDC_CLIENT_ID`, which are required, and
    /// `OIDC_CLIENT_SECRET`, `OIDC_SCOPES`, and `OIDC_AUDIENCE`.
    ///
    /// # Errors
    /// One is missing or cannot be used.
    pub fn console(&self) -> Result<ConsoleSettings, ConfigError> {
        let url = self.url("CONSOLE_URL")?;
        if url.has_path() {
            return Err(error("CONSOLE_URL", "must be the scheme and the host alone, without a path"));
        }
        let claims = self.claim_names()?;
        let provider = self.provider(&claims)?;
        Ok(ConsoleSettings { url, api: self.url("API_BASE_URL")?, provider, claims })
    }

    fn provider(&self, claims: &ClaimNames) -> Result<ProviderSettings, ConfigError> {
        self.url("OIDC_ISSUER")?;
        let needed = |name| self.get(name).ok_or_else(|| error(name, "must be set"));
        Ok(ProviderSettings {
            issuer: needed("OIDC_ISSUER")?.trim().to_owned(),
            client_id: needed("OIDC_CLIENT_ID")?.trim().to_owned(),
            client_secret: self.get("OIDC_CLIENT_SECRET").map(Zeroizing::new),
            scopes: self.get("OIDC_SCOPES").unwrap_or_else(|| owner_scopes(claims)),
            audience: self.get("OIDC_AUDIENCE").map(|audience| audience.trim().to_owned()),
        })
    }

    fn url(&self, name: &'static str) -> Result<WebUrl, ConfigError> {
        let text = self.get(name).ok_or_else(|| error(name, "must be set"))?;
        let refused = || error(name, "must be an https:// URL, or an http:// URL on this machine");
        WebUrl::parse(text.trim()).ok_or_else(refused)
    }
}

/// Returns what an administrator needs, as the provider spells it.
fn owner_scopes(claims: &ClaimNames) -> String {
    let scopes = [Scope::PinRead, Scope::PinWrite, Scope::Protection];
    let scopes = scopes.map(|scope| format!("{}{}", claims.scope_prefix, scope.as_str()));
    format!("openid {}", scopes.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: [(&str, &str); 4] = [
        ("CONSOLE_URL", "https://ports.example.com"),
        ("API_BASE_URL", "https://api.example.com"),
        ("OIDC_ISSUER", "https://login.example.com/"),
        ("OIDC_CLIENT_ID", "console"),
    ];

    fn read(more: &'static [(&'static str, &'static str)]) -> Result<ConsoleSettings, ConfigError> {
        let find = move |name: &str| {
            let mut all = more.iter().chain(&REQUIRED);
            all.find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Environment::from_fn(find).console()
    }

    #[test]
    fn the_scopes_of_an_administrator_are_requested_unless_others_are_named() {
        let owner = "openid p/port-out-pin:read p/port-out-pin:write p/port-protection:write";
        assert_eq!(read(&[("SCOPE_PREFIX", "p/")]).unwrap().provider.scopes, owner);
        assert_eq!(
            read(&[("OIDC_SCOPES", "openid api://x/all")]).unwrap().provider.scopes,
            "openid api://x/all"
        );
    }

    #[test]
    fn an_issuer_keeps_the_slash_at_its_end_and_an_address_does_not() {
        let settings = read(&[("API_BASE_URL", "https://api.example.com/stage/")]).unwrap();
        assert_eq!(settings.provider.issuer, "https://login.example.com/");
        assert_eq!(settings.api.as_str(), "https://api.example.com/stage");
    }

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        for good in ["https://a.example", "http://127.0.0.1:9000", "http://localhost/", "https://a.example/b"]
        {
            assert!(WebUrl::parse(good).is_some(), "{good}");
        }
        for bad in [
            "http://a.example",
            "a.example",
            "ftp://localhost",
            "https://user@a.example",
            "https://a.example/?b",
            "https://a.example/#b",
            "http://127.0.0.1.a.example",
            "",
        ] {
            assert!(WebUrl::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_error_names_the_variable() {
        for (variables, name) in [
            (&[("CONSOLE_URL", "https://a.example/console")][..], "CONSOLE_URL"),
            (&[("API_BASE_URL", "http://a.example")], "API_BASE_URL"),
            (&[("OIDC_ISSUER", "urn:issuer")], "OIDC_ISSUER"),
            (&[("OIDC_CLIENT_ID", " ")], "OIDC_CLIENT_ID"),
        ] {
            let message = read(variables).err().unwrap().to_string();
            assert!(message.starts_with(name) && !message.contains("a.example"), "{message}");
        }
    }
}
