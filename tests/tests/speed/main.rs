//! What is done ahead of the first call, and what many calls at once may not do to each other.

mod one_core;
mod prewarm;
mod prewarm_failures;
mod tls_front;
