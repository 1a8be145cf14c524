//! Authenticates webhook sources: looks a source up, derives its active secrets, and has one of them prove the caller.

use futures_util::future::join_all;
use runtime::clock::Timestamp;
use runtime::error::Error;
use runtime::pin_hash::webhook_secret::{WebhookSecret, WebhookSecrets};
use runtime::store::webhook_sources::SourceReader;
use shared::actor::Actor;
use shared::webhook_source::{Source, SourceId, SourceKind};

/// Authenticates webhook sources by their secrets.
pub struct WebhookAuthenticator {
    sources: SourceReader,
    secrets: WebhookSecrets,
}

/// Who a request claims to come from; nothing about it is proven yet.
pub struct Claimed {
    id: Option<SourceId>,
    kind: SourceKind,
    /// The source of that id, if it exists and is of that kind.
    pub source: Option<Source>,
}

impl WebhookAuthenticator {
    /// Creates an authenticator backed by `sources`.
    pub fn new(sources: SourceReader, secrets: WebhookSecrets) -> Self {
        Self { sources, secrets }
    }

    /// Looks up the source that a path names.
    pub async fn look_up(&self, source_id: &str, kind: SourceKind) -> Result<Claimed, Error> {
        let Ok(id) = source_id.parse::<SourceId>() else {
            return Ok(Claimed { id: None, kind, source: None });
        };
        let source = self.sources.source(&id).await?.filter(|source| source.kind == kind);
        Ok(Claimed { id: Some(id), kind, source })
    }

    /// Returns the source if one of its active secrets proves the caller.
    pub async fn authenticate<'a>(
        &self,
        claimed: &'a Claimed,
        now: Timestamp,
        proves: impl Fn(&WebhookSecret) -> bool,
    ) -> Result<Option<&'a Source>, Error> {
        let Some(id) = &claimed.id else { return Ok(None) };
        let Some(source) = &claimed.source else {
            // The same work as for a known source, so that time does not tell which sources exist.
            self.secrets.create(id, claimed.kind, 0).await?;
            return Ok(None);
        };
        let secrets = source.active_secrets(now).map(|name| self.secrets.derive(id, claimed.kind, name));
        let mut proven = false;
        for secret in join_all(secrets).await {
            // Every secret is tried, so that time does not tell which one matched.
            proven |= proves(&secret?);
        }
        Ok(proven.then_some(source))
    }
}

/// Returns who a source's port-outs are recorded as.
pub fn actor(source: &Source) -> Actor {
    Actor(format!("webhook:{}", source.id))
}
