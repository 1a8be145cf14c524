//! The one place that asks what time it is, so that tests can answer.

use std::sync::Arc;

pub use jiff::Timestamp;

/// Tells the time; handlers take it as a value.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[allow(clippy::disallowed_methods)] // This is the place that everybody else is sent to.
    pub fn system() -> Self {
        Self::from_fn(Timestamp::now)
    }

    /// A clock of a test's own.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time, in whole milliseconds, since nothing is stored or told any finer.
    pub fn now(&self) -> Timestamp {
        let now = (self.0)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
