//! The end-to-end harness: real function processes, a real DynamoDB API, faults in between, nothing left behind.
//!
//! Start with [`fixture::Fixture`]; every test has its own [`stack::Stack`].

pub mod answer;
pub mod api;
pub mod assertions;
pub mod authorizer;
pub mod chromium;
pub mod client;
pub mod clients;
pub mod corrupt_records;
pub mod engine;
pub mod faults;
pub mod fixture;
pub mod gateway;
pub mod guard;
pub mod iam;
mod in_process;
pub mod invariants;
pub mod kms;
pub mod lambda_host;
pub mod leak_scan;
pub mod links;
pub mod prelude;
pub mod process;
pub mod random;
pub mod records;
pub mod rsa_issuer;
pub mod runtime_api;
pub mod stack;
pub mod start;
pub mod template;
pub mod tokens;
pub mod wire;

/// `bytes` random bytes in lower-case hex, for names that no other test uses.
pub fn random_hex(bytes: usize) -> String {
    random_bytes(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `count` random bytes.
pub fn random_bytes(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes).expect("no randomness");
    bytes
}
