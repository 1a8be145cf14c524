//! The HTTP edge: from a gateway's event to a parsed request, and from a response or a problem back.
//!
//! No rule lives here, and nothing of the store. `service` takes a request through these stations: `gateway_event`
//! (is it HTTP?), `routes` (what for?), `authentication` (from whom?), then the function's handler, which asks the identity
//! for permission, reads the body with `json_body`, and answers with a `response` or a `problem`.

pub mod address_ranges;
pub mod authentication;
pub mod claims;
mod duplicate_fields;
pub mod endpoint;
pub mod event_view;
pub mod field;
pub mod field_error;
pub mod gateway_event;
pub mod identity;
pub mod json_body;
pub mod jwt;
pub mod number_view;
pub mod port_out_view;
pub mod problem;
mod problem_code;
pub mod request;
pub mod request_log;
pub mod response;
pub mod response_meta;
pub mod routes;
pub mod service;
pub mod telephone_numbers_field;
pub mod time_field;
pub mod views;
