//! The one place that reads the time, so that tests can set it.

use std::sync::Arc;

pub use jiff::Timestamp;

/// A clock; handlers take it as a value.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// Creates the machine's clock.
    #[allow(clippy::disallowed_methods)] // The lint sends every other caller here.
    pub fn system() -> Self {
        Self::from_fn(Timestamp::now)
    }

    /// Creates a clock from a function, for tests.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Returns the time in whole milliseconds, the finest that is stored or sent.
    pub fn now(&self) -> Timestamp {
        let now = (self.0)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
