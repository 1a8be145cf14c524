//! What the console asks of the local sign-in, and where the answer goes.

use form_urlencoded::Serializer;

/// Fields of a query or a form.
#[derive(Debug, Clone)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a query or a form.
    pub fn read(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// Returns a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns every field.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A request for a code (RFC 6749, section 4.1.1; RFC 7636).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    redirect_uri: String,
    state: String,
    /// What the ID token repeats.
    pub nonce: String,
    /// Hash of what the exchange has to prove.
    pub challenge: String,
}

impl AuthorizationRequest {
    /// Reads a request of this client with this address.
    ///
    /// # Errors
    /// A sentence for the developer: a request that is not right is never answered at the address that it names.
    pub fn read(fields: &Fields, client_id: &str, redirect_uri: &str) -> Result<Self, &'static str> {
        let is = |name: &str, value: &str| fields.get(name) == Some(value);
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        if !is("client_id", client_id) || !is("redirect_uri", redirect_uri) {
            return Err("client_id or redirect_uri is not that of this stack's console.");
        }
        if !is("response_type", "code") || !is("code_challenge_method", "S256") {
            return Err("Only response_type=code with code_challenge_method=S256 is supported.");
        }
        if !text("scope").split(' ').any(|scope| scope == "openid") {
            return Err("The scope openid is missing.");
        }
        let request = Self {
            redirect_uri: redirect_uri.to_owned(),
            state: text("state"),
            nonce: text("nonce"),
            challenge: text("code_challenge"),
        };
        let complete = ![&request.state, &request.nonce, &request.challenge].iter().any(|it| it.is_empty());
        if complete { Ok(request) } else { Err("state, nonce, or code_challenge is missing.") }
    }

    /// Returns the address of the console with an answer.
    pub fn answer(&self, pairs: &[(&str, &str)]) -> String {
        let state = ("state", self.state.as_str());
        let query = Serializer::new(String::new()).extend_pairs(pairs.iter().chain([&state])).finish();
        format!("{}?{query}", self.redirect_uri)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const CALLBACK: &str = "http://127.0.0.1:9000/console/callback";
    /// The challenge is that of RFC 7636, appendix B.
    pub const QUERY: &str = "response_type=code&client_id=c&redirect_uri=http%3A%2F%2F127.0.0.1%3A9000%2Fconsole%2Fcallback\
                             &scope=openid+x&state=s%2F&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                             &code_challenge_method=S256";

    pub fn read(query: &str) -> Result<AuthorizationRequest, &'static str> {
        AuthorizationRequest::read(&Fields::read(query), "c", CALLBACK)
    }

    #[test]
    fn an_answer_goes_to_the_console_with_its_state() {
        let answer = read(QUERY).unwrap().answer(&[("code", "a b")]);
        assert_eq!(answer, format!("{CALLBACK}?code=a+b&state=s%2F"));
    }

    #[test]
    fn a_request_without_pkce_or_for_another_address_is_refused() {
        for (part, other) in [
            ("client_id=c", "client_id=d"),
            ("127.0.0.1", "evil.example"),
            ("S256", "plain"),
            ("response_type=code", "response_type=token"),
            ("scope=openid", "scope=email"),
            ("nonce=n", "nonce="),
            ("state=", "x="),
        ] {
            assert!(read(&QUERY.replace(part, other)).is_err(), "{other}");
        }
    }
}
