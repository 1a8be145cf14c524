//! The HTTP edge: from a gateway's event to a parsed call, and from an answer or a problem back.
//!
//! No rule lives here. A call passes these stations in order: `event` (is it HTTP?), `identity` (who calls?),
//! `routes` (what for?), then the function's handler, which asks `identity` (may they?) and `fields` (what do
//! they say?), and answers with `answer` or `problem`.

pub mod endpoint;
pub mod gateway_event;
pub mod identity;
pub mod json_body;
pub mod jwt;
pub mod problem;
pub mod request;
pub mod response;
pub mod routes;
pub mod service;
pub mod views;
