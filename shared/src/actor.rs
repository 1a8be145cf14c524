//! Who did something, as the audit trail records it.

/// The `sub` of a verified token, or `webhook:` and the id of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(pub String);
