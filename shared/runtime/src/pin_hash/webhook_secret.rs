//! Secrets of webhook sources: derived with the webhook key, from random bytes that the source's record keeps, and never
//! stored.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use shared::webhook_secret::{SecretName, SecretSalt, SecretVersion};
use shared::webhook_source::{SourceId, SourceKind};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::pin_hash::pepper::{Pepper, PepperedPin};
use crate::random;

/// Domain tag, so that the MAC of a secret is never mistaken for one of a PIN, even if both had the same key.
///
/// Every secret depends on it, so it never changes.
const TAG: &[u8] = b"webhook-secret/v1";

/// Derives the secrets of webhook sources.
#[derive(Clone)]
pub struct WebhookSecrets(Arc<Pepper>);

/// Secret of a webhook source: 32 bytes. It is wiped from memory when dropped.
pub struct WebhookSecret {
    kind: SourceKind,
    peppered: PepperedPin,
}

impl WebhookSecrets {
    /// Creates a deriver of secrets with the webhook key.
    pub fn new(key: impl Into<Arc<Pepper>>) -> Self {
        Self(key.into())
    }

    /// Makes a secret that never was before, with the current key, and returns it with the name that derives it again.
    ///
    /// # Errors
    /// If there are no random bytes, or KMS does not answer.
    pub async fn create(
        &self,
        source: &SourceId,
        kind: SourceKind,
        version: SecretVersion,
    ) -> Result<(WebhookSecret, SecretName), Error> {
        let salt = SecretSalt::new(random::bytes()?);
        let peppered = self.0.current(&message(source, kind, &salt)).await?;
        let name = SecretName { version, key: peppered.key_id().as_str().to_owned(), salt };
        Ok((WebhookSecret { kind, peppered }, name))
    }

    /// Derives the secret with this name.
    ///
    /// # Errors
    /// If its key is not configured or KMS does not answer.
    pub async fn derive(
        &self,
        source: &SourceId,
        kind: SourceKind,
        name: &SecretName,
    ) -> Result<WebhookSecret, Error> {
        let key_id = name.key.parse().map_err(|_| Error::corrupt("secret_key_id"))?;
        let peppered = self.0.with_key(&key_id, &message(source, kind, &name.salt)).await?;
        Ok(WebhookSecret { kind, peppered })
    }
}

fn message(source: &SourceId, kind: SourceKind, salt: &SecretSalt) -> Vec<u8> {
    // Only the last part, whose length is fixed, can contain the separator, so different secrets never have the same
    // message.
    [TAG, source.as_str().as_bytes(), kind.as_str().as_bytes(), salt.as_bytes()].join(&0)
}

impl WebhookSecret {
    /// Returns the text to give to the sender: `whsec_…` for Standard Webhooks, a password for HTTP Basic.
    pub fn expose_text(&self) -> Zeroizing<String> {
        let bytes = self.peppered.expose_mac();
        Zeroizing::new(match self.kind {
            SourceKind::StandardWebhooks => format!("whsec_{}", STANDARD.encode(bytes)),
            SourceKind::Bandwidth => URL_SAFE_NO_PAD.encode(bytes),
        })
    }

    /// Returns whether one of `tags` is the HMAC-SHA256 of `message` under this secret. The message is hashed once, and
    /// each tag compared in constant time.
    pub fn verifies_any(&self, message: &[u8], tags: &[Vec<u8>]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.peppered.expose_mac());
        let ours = hmac::sign(&key, message);
        tags.iter().any(|tag| ours.as_ref().ct_eq(tag).into())
    }

    /// Returns whether `text` is this secret, compared in constant time.
    pub fn matches(&self, text: &str) -> bool {
        // MACs of both are compared, so the time does not reveal where the texts differ.
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

    async fn text(source: &str, kind: SourceKind, salt: u8) -> String {
        let (id, salt) = (source.parse().unwrap(), SecretSalt::new([salt; SecretSalt::BYTES]));
        let (_, name) = secrets().create(&id, kind, SecretVersion::FIRST).await.unwrap();
        let secret = secrets().derive(&id, kind, &SecretName { salt, ..name }).await.unwrap();
        secret.expose_text().to_string()
    }

    // python3 -c 'import base64, hmac; print(base64.b64encode(hmac.new(bytes([1])*32,
    //     b"webhook-secret/v1\0acme\0standard-webhooks\0" + bytes([7])*16, "sha256").digest()).decode())'
    #[tokio::test]
    async fn source_kind_and_salt_each_make_another_secret_in_the_form_of_its_kind() {
        let standard = text("acme", SourceKind::StandardWebhooks, 7).await;
        assert_eq!(standard, "whsec_5NNxq0Uf1oQxql1TmXknUOQjpPTIU3u5KHmyC31IWVU=");
        let basic = text("acme", SourceKind::Bandwidth, 7).await;
        assert!(basic.len() == 43 && !basic.contains([':', '/', '+', '=']));
        assert!(basic != text("acme", SourceKind::Bandwidth, 8).await);
        assert!(basic != text("acm", SourceKind::Bandwidth, 7).await);
    }

    #[tokio::test]
    async fn a_secret_is_derived_again_by_its_name_and_is_never_made_again() {
        let (id, version) = ("acme".parse().unwrap(), SecretVersion::FIRST.next());
        let (secret, name) = secrets().create(&id, SourceKind::Bandwidth, version).await.unwrap();
        let again = secrets().derive(&id, SourceKind::Bandwidth, &name).await.unwrap();
        let text = secret.expose_text();
        assert!(again.matches(&text) && !again.matches("") && !again.matches(&text.to_lowercase()));
        let (another, _) = secrets().create(&id, SourceKind::Bandwidth, version).await.unwrap();
        assert!(!another.matches(&text), "the same version has another secret");
        let lost = SecretName { key: "local-0000000000000000".into(), ..name };
        assert!(secrets().derive(&id, SourceKind::Bandwidth, &lost).await.is_err());
    }
}
