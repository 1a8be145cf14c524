//! The DynamoDB table: the only place that names DynamoDB.
//!
//! One small type per capability, whose verbs are those of the function's IAM policy:
//! [`pin_writer::PinWriter`], [`status_reader::StatusReader`], [`port_out_desk::PortOutStore`] and
//! [`provisioner::Provisioner`], and [`webhook_sources`] for those who register or look up sources. Below them: keys and
//! items (`key`, `item`, `records`), and the verbs with their retries (`table`, `write`).

mod audit_event;
pub mod commit;
pub mod deliveries;
mod item;
mod key;
mod records;
mod table;
mod write;

pub mod pin_writer;
pub mod port_out_store;
pub mod provisioner;
pub mod status_reader;
pub mod webhook_sources;

pub use records::{ACCOUNT_ATTRIBUTES, AccountRecord, PortOutRecord, SNAPSHOT_ATTRIBUTES};
pub use table::Table;
