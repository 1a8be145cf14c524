//! The API contract, end to end: every route, every caller, every refusal, asserted to the last byte of the body.

mod accounts;
mod assign;
mod bad_input;
mod bad_types;
mod bodies;
mod body_limits;
mod callers;
mod claims;
mod events;
mod gateway_claims;
mod identity_providers;
mod if_match;
mod numbers;
mod pin;
mod routes;
mod targets;
mod tokens;
mod weak_pin;
