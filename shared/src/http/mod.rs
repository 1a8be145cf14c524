//! The HTTP edge: from a gateway's event to a parsed call, and from an answer or a problem back.
//!
//! No rule lives here. A call passes these stations in order: `event` (is it HTTP?), `identity` (who calls?),
//! `routes` (what for?), then the function's handler, which asks `identity` (may they?) and `fields` (what do
//! they say?), and answers with `answer` or `problem`.

pub mod answer;
pub mod basic;
pub mod call;
pub mod cursor;
pub mod event;
pub mod fields;
pub mod identity;
pub mod jwt;
pub mod problem;
pub mod routes;
pub mod serve;
pub mod standard_webhooks;
pub mod views;
