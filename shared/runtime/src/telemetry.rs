//! Logs: JSON lines on stdout, one per request.
//!
//! Never logged, in any form: PINs, digests, salts, fingerprints, keys, tokens, claims; telephone numbers, account
//! numbers, ZIP codes, names; bodies, headers, queries, raw paths; texts of dependencies' errors. A line holds
//! fixed words, the route's template, the request's id, a carrier's SPID, and numbers. Lines of other crates are dropped
//! at every level, since they promise none of this.

use std::panic;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging; a second start in one process changes nothing.
pub fn start(level: LevelFilter) {
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false);
    let _ = tracing_subscriber::registry().with(ours).with(lines).try_init();
    panic::set_hook(Box::new(|panic| {
        // Where, but not what: a panic's text may quote data.
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
        tracing::error!(place, "a panic was caught");
    }));
}
