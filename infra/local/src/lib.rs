//! The parts of the local stack, as a library, so that tests use the same table, engine, keys, and tokens.

pub mod children;
mod data_key;
pub mod demo;
pub mod engine;
pub mod error;
pub mod functions;
mod key_file;
pub mod keys;
pub mod run;
pub mod settings;
mod signer;
pub mod table;
pub mod token;
