//! Lets webhook sources in: looks a source up and derives the secrets that are good now.

use shared::clock::Timestamp;
use shared::digest::webhook_secret::{WebhookSecret, WebhookSecrets};
use shared::rules::webhook_source::{Source, SourceId, SourceKind};
use shared::store::Actor;
use shared::store::webhook_sources::SourceReader;
use shared::trouble::Trouble;

/// Knows sources and derives their secrets.
pub struct Doorkeeper {
    sources: SourceReader,
    secrets: WebhookSecrets,
}

impl Doorkeeper {
    /// A doorkeeper for the sources there.
    pub fn new(sources: SourceReader, secrets: WebhookSecrets) -> Self {
        Self { sources, secrets }
    }

    /// The source, if it is one of this kind and a good secret of its proves it. For an unknown one a secret is
    /// derived too, so that the work does not tell which sources there are.
    pub async fn admit(
        &self,
        source_id: &str,
        kind: SourceKind,
        now: Timestamp,
        proves: impl Fn(&WebhookSecret) -> bool,
    ) -> Result<Option<Source>, Trouble> {
        let Ok(id) = source_id.parse::<SourceId>() else { return Ok(None) };
        let Some(source) = self.sources.source(&id).await?.filter(|source| source.kind == kind) else {
            self.secrets.create(&id, kind, 0).await?;
            return Ok(None);
        };
        let mut proven = false;
        for name in source.good_secrets(now) {
            proven |= proves(&self.secrets.derive(&id, kind, name).await?);
        }
        Ok(proven.then_some(source))
    }
}

/// Who a source's port-outs are recorded as.
pub fn actor(source: &Source) -> Actor {
    Actor(format!("webhook:{}", source.id))
}
