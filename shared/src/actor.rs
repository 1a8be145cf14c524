//! Actors in the audit trail.

/// Author of a change: the `sub` of a verified token, or `webhook:` followed by the id of a webhook source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(pub String);
