//! Signs administrators in: an OpenID Connect client with the authorization code flow, PKCE, `state`, and `nonce`.
//!
//! What is sent and what is believed are pure functions in the other files; this one makes the calls. Signatures are
//! verified by `jsonwebtoken`, as those of the API's tokens are. The `openidconnect` crate would bring a hundred others,
//! among them `rsa`, whose timing attack has no fix (RUSTSEC-2023-0071).

pub mod attempt;
mod authorization;
pub mod callback;
mod id_token;
mod metadata;
mod token;

use std::sync::Arc;

use runtime::clock::Timestamp;
use runtime::config::ProviderSettings;
use runtime::error::Error;
use tokio::sync::Mutex;

use crate::http_client::HttpClient;
use attempt::Attempt;
use callback::{CallbackQuery, CallbackRefusal};
use metadata::Metadata;
use token::Tokens;

/// Seconds for which the provider's description of itself is kept.
const METADATA_SECONDS: i64 = 600;

/// Why a sign-in failed.
#[derive(Debug)]
pub enum SignInFailure {
    /// The browser's answer is not one that leads to a session.
    Refused(CallbackRefusal),
    /// The provider does not answer as it should.
    Provider(Error),
}

/// The organization's identity provider.
pub struct Provider {
    settings: ProviderSettings,
    redirect_uri: String,
    http: Arc<HttpClient>,
    known: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
}

impl Provider {
    /// Creates a client of the provider.
    pub fn new(settings: ProviderSettings, redirect_uri: String, http: Arc<HttpClient>) -> Self {
        Self { settings, redirect_uri, http, known: Mutex::new(None) }
    }

    /// Returns the address with which a sign-in begins.
    ///
    /// # Errors
    /// The provider does not describe itself.
    pub async fn sign_in_address(&self, attempt: &Attempt, now: Timestamp) -> Result<String, Error> {
        let metadata = self.metadata(now).await?;
        let endpoint = &metadata.authorization_endpoint;
        Ok(authorization::address(endpoint, &self.settings, &self.redirect_uri, attempt))
    }

    /// Returns where administrators end their session with the provider, if it has such a page.
    pub async fn sign_out_address(&self, now: Timestamp) -> Option<String> {
        self.metadata(now).await.ok()?.end_session_endpoint.clone()
    }

    /// Exchanges the browser's answer for tokens, and verifies who signed in.
    ///
    /// # Errors
    /// The answer does not fit the sign-in, or the provider does not do its part.
    pub async fn finish(
        &self,
        query: &CallbackQuery,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<Tokens, SignInFailure> {
        let metadata = self.metadata(now).await.map_err(SignInFailure::Provider)?;
        let (issuer, names_issuer) =
            (&self.settings.issuer, metadata.authorization_response_iss_parameter_supported);
        let code = query.code(attempt, issuer, names_issuer, now).map_err(SignInFailure::Refused)?;
        let tokens = self.exchange(&metadata, code, attempt).await?;
        let keys = self.keys(&metadata).await.map_err(SignInFailure::Provider)?;
        let client_id = &self.settings.client_id;
        if id_token::is_good(&tokens.id, &keys, issuer, client_id, attempt, now) {
            return Ok(tokens);
        }
        Err(SignInFailure::Provider(Error::unavailable("the identity provider's ID token is not valid")))
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        attempt: &Attempt,
    ) -> Result<Tokens, SignInFailure> {
        let call = token::request(metadata, &self.settings, &self.redirect_uri, code, attempt);
        let answer = self.http.send(call).await.map_err(SignInFailure::Provider)?;
        match answer.status {
            200 => Tokens::read(&answer.body).ok_or_else(|| {
                SignInFailure::Provider(Error::unavailable("the identity provider sent no usable tokens"))
            }),
            // The code was used before, or is too old (RFC 6749, section 5.2).
            400 if is_invalid_grant(&answer.body) => Err(SignInFailure::Refused(CallbackRefusal::Foreign)),
            _ => Err(SignInFailure::Provider(Error::unavailable("the identity provider gave no tokens"))),
        }
    }

    /// Asked at each sign-in, so that a provider may change its keys at any time.
    async fn keys(&self, metadata: &Metadata) -> Result<String, Error> {
        let answer = self.http.get(&metadata.jwks_uri).await?;
        let keys = String::from_utf8(answer.body.to_vec()).ok().filter(|_| answer.status == 200);
        keys.ok_or_else(|| Error::unavailable("the identity provider does not show its keys"))
    }

    async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Error> {
        let mut known = self.known.lock().await;
        let is_fresh = |at: &Timestamp| now.as_second().saturating_sub(at.as_second()) < METADATA_SECONDS;
        if let Some((_, metadata)) = known.as_ref().filter(|(at, _)| is_fresh(at)) {
            return Ok(Arc::clone(metadata));
        }
        let answer = self.http.get(&metadata::address(&self.settings.issuer)).await?;
        let metadata = Metadata::read(&answer.body, &self.settings.issuer).filter(|_| answer.status == 200);
        let unusable = || Error::unavailable("the identity provider does not describe itself as it should");
        let metadata = Arc::new(metadata.ok_or_else(unusable)?);
        *known = Some((now, Arc::clone(&metadata)));
        Ok(metadata)
    }
}

fn is_invalid_grant(body: &[u8]) -> bool {
    let body: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    body.is_some_and(|body| body.get("error").is_some_and(|error| error == "invalid_grant"))
}
