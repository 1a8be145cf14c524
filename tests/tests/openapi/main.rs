//! `infra/openapi.yaml`: it says what the code says, its examples are real answers, the running
//! service keeps to it, linters accept it, and the clients that it generates work.

mod clients;
mod examples;
mod file;
mod linters;
mod pins;
mod play;
mod routes;
mod schemathesis;
mod script;
mod script_api;
mod script_lifecycle;
mod script_push;
mod script_refused;
mod service;
mod tools;
mod words;
