//! Authenticates webhook sources by the secrets that are active for them.

use futures_util::future::join_all;
use runtime::clock::Timestamp;
use runtime::error::Error;
use runtime::pin_hash::webhook_secret::{WebhookSecret, WebhookSecrets};
use runtime::store::webhook_sources::SourceReader;
use shared::actor::Actor;
use shared::webhook_secret::SecretVersion;
use shared::webhook_source::{Source, SourceId, SourceKind};

/// Looks up webhook sources and checks that a caller knows one of their secrets.
pub struct WebhookAuthenticator {
    sources: SourceReader,
    secrets: WebhookSecrets,
}

/// Source that a request claims to come from. Nothing is proven yet.
pub struct ClaimedSource {
    id: Option<SourceId>,
    kind: SourceKind,
    /// Source with that id, if it exists and is of that kind.
    pub source: Option<Source>,
}

impl WebhookAuthenticator {
    /// Creates an authenticator backed by `sources`.
    pub fn new(sources: SourceReader, secrets: WebhookSecrets) -> Self {
        Self { sources, secrets }
    }

    /// Looks up the source in a request's path.
    pub async fn look_up(&self, source_id: &str, kind: SourceKind) -> Result<ClaimedSource, Error> {
        let Ok(id) = source_id.parse::<SourceId>() else {
            return Ok(ClaimedSource { id: None, kind, source: None });
        };
        let source = self.sources.source(&id).await?.filter(|source| source.kind == kind);
        Ok(ClaimedSource { id: Some(id), kind, source })
    }

    /// Returns whether `proves` accepts one of the source's active secrets.
    pub async fn authenticate(
        &self,
        claimed: &ClaimedSource,
        now: Timestamp,
        proves: impl Fn(&WebhookSecret) -> bool,
    ) -> Result<bool, Error> {
        let Some(id) = &claimed.id else { return Ok(false) };
        let Some(source) = &claimed.source else {
            // Derives a secret as for an existing source, so that the time does not reveal which sources exist.
            self.secrets.create(id, claimed.kind, SecretVersion::FIRST).await?;
            return Ok(false);
        };
        let secrets = source.active_secrets(now).map(|name| self.secrets.derive(id, claimed.kind, name));
        let (mut proven, mut failure) = (false, None);
        for secret in join_all(secrets).await {
            // All secrets are tried, so that the time does not reveal which one matched.
            match secret {
                Ok(secret) => proven |= proves(&secret),
                Err(error) => failure = Some(error),
            }
        }
        // A secret that cannot be derived, as its key is gone, does not matter if the other one proves the caller.
        match failure {
            Some(error) if !proven => Err(error),
            Some(_) | None => Ok(proven),
        }
    }
}

/// Returns the actor that is recorded for a source's port-outs.
pub fn actor(source: &Source) -> Actor {
    Actor::webhook(&source.id)
}
