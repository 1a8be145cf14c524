//! A small part of IAM: whether a role of the template may do something. What it does not know is an error, never a yes.

pub mod access;
mod condition;
mod expression;
mod policy;

pub use policy::{Effect, Policy, Statement};

use std::collections::BTreeMap;

/// Condition keys with their values; a key that is not there is absent from the request.
pub type Context = BTreeMap<&'static str, Vec<String>>;

/// One request that IAM allows or denies.
#[derive(Clone, Debug)]
pub struct Request {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// Such as `${Table.Arn}`; see [`crate::template::symbol`].
    pub resource: String,
    /// What AWS may make of the request; where its documentation leaves a choice, there are several.
    pub contexts: Vec<Context>,
}

/// `*` for any text and `?` for any character, as IAM has it.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
    matches_at(&pattern, &text)
}

fn matches_at(pattern: &[char], text: &[char]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some('*'), _) => (0..=text.len()).any(|skipped| matches_at(&pattern[1..], &text[skipped..])),
        (Some('?'), Some(_)) => matches_at(&pattern[1..], &text[1..]),
        (Some(wanted), Some(found)) if wanted == found => matches_at(&pattern[1..], &text[1..]),
        (None | Some(_), _) => false,
    }
}
