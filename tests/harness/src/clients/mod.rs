//! What callers send: a carrier's port-out, a signed delivery, Bandwidth's validation request.

pub mod bandwidth;
pub mod carrier;
pub mod standard_webhooks;
