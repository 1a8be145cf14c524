//! What is done ahead of the first call, and what many calls at once may not do to each other.

mod one_core;
mod opening;
mod opening_trouble;
mod tls_front;
