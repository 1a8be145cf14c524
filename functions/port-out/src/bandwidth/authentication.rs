//! Authenticates Bandwidth by a source's user name and password.

use runtime::clock::Timestamp;
use runtime::error::Error;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::pin_hash::webhook_secret::WebhookSecret;
use shared::webhook_source::{Source, SourceKind};

use super::basic_auth::Basic;
use crate::webhook_auth::{ClaimedSource, WebhookAuthenticator};

/// Credentials of a request, and the source that they are for. Nothing is proven yet.
pub struct Claim {
    basic: Basic,
    claimed: ClaimedSource,
}

/// Reads a request's credentials and looks up its source; `None` if they are of no use.
///
/// # Errors
/// The challenge (RFC 7235), only if there is no `Authorization` header: Bandwidth sends a first request without one,
/// and takes a second challenge for an approval.
pub async fn read(request: &Request, webhooks: &WebhookAuthenticator) -> Result<Option<Claim>, Problem> {
    let Some(header) = request.header("authorization") else { return Err(Problem::basic_required()) };
    let source_id = request.parameter("source_id");
    let Some(basic) = Basic::parse(header).filter(|basic| basic.user == source_id) else { return Ok(None) };
    let claimed = webhooks.look_up(source_id, SourceKind::Bandwidth).await?;
    Ok(Some(Claim { basic, claimed }))
}

impl Claim {
    /// Returns the claimed source, if it exists.
    pub fn source(&self) -> Option<&Source> {
        self.claimed.source.as_ref()
    }

    /// Returns whether the password is one of the source's.
    pub async fn is_proven(&self, webhooks: &WebhookAuthenticator, now: Timestamp) -> Result<bool, Error> {
        let matches = |secret: &WebhookSecret| secret.matches(&self.basic.password);
        webhooks.authenticate(&self.claimed, now, matches).await
    }
}
