//! The parts of the local stack, so that tests can use the same table, engine, keys and tokens.

pub mod children;
pub mod demo;
pub mod engine;
pub mod error;
pub mod functions;
pub mod keys;
pub mod run;
pub mod settings;
pub mod table;
pub mod token;
