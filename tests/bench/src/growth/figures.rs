//! Percentiles of times, and how sure a median is.

use std::time::Duration;

/// Times of one kind, in milliseconds, sorted.
#[derive(Clone, Default)]
pub struct Times(Vec<f64>);

impl Times {
    pub fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut all: Vec<_> = times.into_iter().map(|time| time.as_secs_f64() * 1e3).collect();
        all.sort_by(f64::total_cmp);
        Self(all)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The value under which this share of all lies, by nearest rank.
    pub fn percentile(&self, share: f64) -> f64 {
        self.at((share * self.0.len() as f64).ceil() - 1.0)
    }

    pub fn median(&self) -> f64 {
        self.percentile(0.5)
    }

    pub fn max(&self) -> f64 {
        self.percentile(1.0)
    }

    /// Between these two the median of endlessly many repetitions lies with 95 % confidence, by order statistics.
    pub fn median_range(&self) -> (f64, f64) {
        let (middle, reach) = (self.0.len() as f64 / 2.0, 0.98 * (self.0.len() as f64).sqrt());
        (self.at((middle - reach).floor() - 1.0), self.at((middle + reach).ceil()))
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list, clamped to it"
    )]
    fn at(&self, place: f64) -> f64 {
        self.0[(place.max(0.0) as usize).min(self.0.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let times = Times::of((1..=100).rev().map(Duration::from_millis));
        assert_eq!((times.median(), times.percentile(0.9), times.percentile(0.99)), (50.0, 90.0, 99.0));
        assert_eq!((times.max(), times.count()), (100.0, 100));
        assert_eq!(times.median_range(), (40.0, 61.0));
    }
}
