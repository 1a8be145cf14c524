//! The edges that several functions share: HTTP, DynamoDB, PIN hashing, AWS clients, configuration and logs.
//!
//! Edges use the rules of `shared`; `shared` does not depend on anything here.

#![cfg_attr(
    test,
    allow(clippy::arithmetic_side_effects, reason = "tests compute with small numbers of their own")
)]

pub mod aws;
pub mod bootstrap;
pub mod clock;
pub mod config;
pub mod connector;
pub mod error;
pub mod http;
pub mod pin_hash;
pub mod random;
pub mod store;
pub mod telemetry;
pub mod timestamp;
pub mod timings;
