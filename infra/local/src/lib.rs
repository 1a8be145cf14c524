//! The parts of the local stack, as a library, so that tests use the same table, engine, keys, and tokens.

pub mod children;
pub mod demo;
pub mod engine;
pub mod error;
pub mod functions;
mod hmac_key;
mod key_file;
pub mod keys;
pub mod run;
pub mod settings;
pub mod sign_in;
mod signer;
pub mod table;
pub mod token;
