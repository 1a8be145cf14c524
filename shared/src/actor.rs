//! Actors in the audit trail.

use crate::webhook_source::SourceId;

/// Author of a change, with its kind in front, which the rest of the text cannot imitate: `user:…` and `client:…` from a
/// verified token, `webhook:…` for a webhook source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// Returns a person, or what an identity provider takes for one.
    pub fn user(subject: &str) -> Self {
        Self(format!("user:{subject}"))
    }

    /// Returns a program that acts for itself.
    pub fn client(subject: &str) -> Self {
        Self(format!("client:{subject}"))
    }

    /// Returns a webhook source.
    pub fn webhook(source: &SourceId) -> Self {
        Self(format!("webhook:{source}"))
    }

    /// Returns the kind and the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
