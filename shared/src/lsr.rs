//! The other standard fields of a local service request (47 CFR 52.36(b)): kept as evidence, never a reason to reject.

use std::collections::BTreeMap;

use crate::intake::Reference;

/// Names of the fields, as the API and the table write them.
pub const FIELDS: [&str; 8] =
    ["company_code", "new_provider", "npdi", "ccna", "req_type", "activity", "initiator_phone", "agauth"];

/// Those of the fields that a request gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lsr(BTreeMap<&'static str, Reference>);

impl Lsr {
    /// Adds a field; one without a value or of an unknown name is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<Reference>) -> Self {
        if let Some((known, value)) = FIELDS.into_iter().find(|known| *known == name).zip(value) {
            self.0.insert(known, value);
        }
        self
    }

    /// Returns the fields with their values, by name.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}
