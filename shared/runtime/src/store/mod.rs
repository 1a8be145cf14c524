//! The DynamoDB tables: the only place that names DynamoDB.
//!
//! One small type per capability, whose verbs are those of the function's IAM policy:
//! [`pin_writer::PinWriter`], [`status_reader::StatusReader`], [`port_out_store::PortOutStore`],
//! [`provisioner::Provisioner`], [`holds::HoldReader`], [`lifecycle::LifecycleStore`], and in [`webhook_sources`] a
//! registry and a reader. Below them: what several of them read or write alike (`reads`, `numbers`), keys and items (`key`,
//! `item`, `records`), and the verbs with their retries (`tables`, `write`, `expression`, `commit`, `conflict`).

pub mod commit;
pub mod conflict;
pub mod deliveries;
mod numbers;
mod reads;
mod tables;

// Public only for the bare functions of tests/bench, which make the same calls with the SDK.
#[doc(hidden)]
pub mod audit_event;
#[doc(hidden)]
pub mod expression;
#[doc(hidden)]
pub mod item;
#[doc(hidden)]
pub mod key;
#[doc(hidden)]
pub mod records;
#[doc(hidden)]
pub mod write;

pub mod holds;
pub mod lifecycle;
pub mod lists;
pub mod pin_writer;
pub mod port_out_store;
pub mod provisioner;
pub mod status_reader;
pub mod webhook_sources;

pub use records::account::AccountRecord;
pub use records::port_out::PortOutRecord;
pub use tables::{TRANSACTION, TableNames, Tables};
