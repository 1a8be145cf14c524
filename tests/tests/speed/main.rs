//! Prewarming before the first call, and concurrent calls that must not slow each other down.

mod one_core;
mod prewarm;
mod prewarm_failures;
mod tls_front;
