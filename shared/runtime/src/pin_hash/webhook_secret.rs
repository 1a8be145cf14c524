//! The secrets of webhook sources: derived from the key, stored nowhere.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::pin_hash::pepper::{Pepper, PepperedPin};
use shared::webhook_source::{SecretName, SourceId, SourceKind};

/// Domain tag: a MAC made for a secret can never be taken for one made for a PIN with the same key.
const TAG: &[u8] = b"webhook-secret/v1";

/// Derives secrets.
#[derive(Clone)]
pub struct WebhookSecrets(Arc<Pepper>);

/// A secret: 32 bytes, wiped from memory when dropped.
pub struct WebhookSecret {
    kind: SourceKind,
    peppered: PepperedPin,
}

impl WebhookSecrets {
    /// Secrets of this key.
    pub fn new(peppered: impl Into<Arc<Pepper>>) -> Self {
        Self(peppered.into())
    }

    /// A secret under the key in use, with the name under which it can be derived again.
    pub async fn create(
        &self,
        source: &SourceId,
        kind: SourceKind,
        version: u32,
    ) -> Result<(WebhookSecret, SecretName), Error> {
        let peppered = self.0.current(&message(source, kind, version)).await?;
        let name = SecretName { version, key: peppered.key_id().as_str().to_owned() };
        Ok((WebhookSecret { kind, peppered }, name))
    }

    /// The secret of this name.
    pub async fn derive(
        &self,
        source: &SourceId,
        kind: SourceKind,
        name: &SecretName,
    ) -> Result<WebhookSecret, Error> {
        let key_id = name.key.parse().map_err(|_| Error::corrupt("secret_key_id"))?;
        let peppered = self.0.under(&key_id, &message(source, kind, name.version)).await?;
        Ok(WebhookSecret { kind, peppered })
    }
}

fn message(source: &SourceId, kind: SourceKind, version: u32) -> Vec<u8> {
    let version = version.to_string();
    [TAG, source.as_str().as_bytes(), kind.as_str().as_bytes(), version.as_bytes()].join(&0)
}

impl WebhookSecret {
    /// The text for whoever sends: `whsec_…` for Standard Webhooks, a password for HTTP Basic.
    pub fn expose_text(&self) -> Zeroizing<String> {
        let bytes = self.peppered.expose_mac();
        Zeroizing::new(match self.kind {
            SourceKind::StandardWebhooks => format!("whsec_{}", STANDARD.encode(bytes)),
            SourceKind::Bandwidth => URL_SAFE_NO_PAD.encode(bytes),
        })
    }

    /// Whether `tag` is the HMAC-SHA256 of `message` under this secret; compared in constant time.
    pub fn signed(&self, message: &[u8], tag: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.peppered.expose_mac());
        hmac::verify(&key, message, tag).is_ok()
    }

    /// Whether `text` is this secret; compared in constant time, by way of MACs of both.
    pub fn is(&self, text: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.peppered.expose_mac());
        let ours = hmac::sign(&key, self.expose_text().as_bytes());
        hmac::verify(&key, text.as_bytes(), ours.as_ref()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin_hash::pepper::LocalKey;

    fn secrets() -> WebhookSecrets {
        WebhookSecrets::new(Pepper::Local {
            current: Box::new(LocalKey::new(&[1; 32]).unwrap()),
            previous: None,
        })
    }

    async fn text(source: &str, kind: SourceKind, version: u32) -> String {
        let (secret, _) = secrets().create(&source.parse().unwrap(), kind, version).await.unwrap();
        secret.expose_text().to_string()
    }

    #[tokio::test]
    async fn source_kind_and_version_each_make_another_secret_in_the_form_of_its_kind() {
        let standard = text("acme", SourceKind::StandardWebhooks, 1).await;
        assert!(standard.starts_with("whsec_") && standard.len() == 6 + 44, "{}", standard.len());
        let basic = text("acme", SourceKind::Bandwidth, 1).await;
        assert!(basic.len() == 43 && !basic.contains([':', '/', '+', '=']));
        assert!(basic != text("acme", SourceKind::Bandwidth, 2).await);
        assert!(basic != text("acm", SourceKind::Bandwidth, 1).await);
    }

    #[tokio::test]
    async fn a_secret_is_derived_again_by_its_name_and_compares_to_itself_only() {
        let id = "acme".parse().unwrap();
        let (secret, name) = secrets().create(&id, SourceKind::Bandwidth, 7).await.unwrap();
        let again = secrets().derive(&id, SourceKind::Bandwidth, &name).await.unwrap();
        let text = secret.expose_text();
        assert!(again.is(&text) && !again.is("") && !again.is(&text.to_lowercase()));
        let lost = SecretName { version: 7, key: "local-0000000000000000".into() };
        assert!(secrets().derive(&id, SourceKind::Bandwidth, &lost).await.is_err());
    }
}
