//! Authenticates webhook sources: looks a source up and derives its active secrets.

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

impl WebhookAuthenticator {
    /// Creates an authenticator backed by `sources`.
    pub fn new(sources: SourceReader, secrets: WebhookSecrets) -> Self {
        Self { sources, secrets }
    }

    /// The source, if it is one of this kind and a good secret of its proves it. For an unknown one a secret is
    /// derived too, so that the work does not tell which sources there are.
    pub async fn authenticate(
        &self,
        source_id: &str,
        kind: SourceKind,
        now: Timestamp,
        proves: impl Fn(&WebhookSecret) -> bool,
    ) -> Result<Option<Source>, Error> {
        let Ok(id) = source_id.parse::<SourceId>() else { return Ok(None) };
        let Some(source) = self.sources.source(&id).await?.filter(|source| source.kind == kind) else {
            self.secrets.create(&id, kind, 0).await?;
            return Ok(None);
        };
        let mut proven = false;
        for name in source.active_secrets(now) {
            proven |= proves(&self.secrets.derive(&id, kind, name).await?);
        }
        Ok(proven.then_some(source))
    }
}

/// Who a source's port-outs are recorded as.
pub fn actor(source: &Source) -> Actor {
    Actor(format!("webhook:{}", source.id))
}
