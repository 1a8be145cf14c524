//! Who makes a request: verified by the gateway, or by this service. The two modes exclude each other.

use crate::clock::Timestamp;
use crate::http::claims::ClaimNames;
use crate::http::gateway_event::HttpEvent;
use crate::http::identity::Identity;
use crate::http::jwt::TokenVerifier;
use crate::http::problem::Problem;

/// How bearer tokens are verified, and how their claims are read.
#[derive(Clone)]
pub struct Authentication {
    /// `None` where the gateway verifies.
    tokens: Option<TokenVerifier>,
    names: ClaimNames,
}

impl Authentication {
    /// Trusts the claims that the gateway's JWT authorizer verified, and nothing else.
    pub fn by_gateway(names: ClaimNames) -> Self {
        Self { tokens: None, names }
    }

    /// Verifies the token of each request, and ignores claims in the event: where no gateway is, anyone may have put
    /// them there.
    pub fn by_token(tokens: TokenVerifier, names: ClaimNames) -> Self {
        Self { tokens: Some(tokens), names }
    }

    /// Returns the bearer of the token.
    ///
    /// # Errors
    /// 401 without a verified token.
    pub fn identify(&self, event: &HttpEvent, now: Timestamp) -> Result<Identity, Problem> {
        let verified = match &self.tokens {
            None => event.verified_claims().cloned(),
            Some(tokens) => bearer(event).and_then(|token| tokens.verify(token, now)),
        };
        match verified {
            Some(claims) => Identity::from_claims(&claims, &self.names).ok_or_else(Problem::bearer_invalid),
            None if bearer(event).is_some() => Err(Problem::bearer_invalid()),
            None => Err(Problem::bearer_required()),
        }
    }
}

fn bearer(event: &HttpEvent) -> Option<&str> {
    let (scheme, token) = event.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
