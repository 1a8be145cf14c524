//! Figures of samples in milliseconds: percentiles by nearest rank, and how far they spread.

use std::time::Duration;

/// The number of parts that a run is cut into to see how far its median moves.
const PARTS: usize = 5;

/// Samples in the order they were taken.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

/// The middle of something measured more than once, and its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub middle: f64,
    pub least: f64,
    pub most: f64,
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(samples: I) -> Self {
        Self(samples.into_iter().collect())
    }
}

impl Samples {
    /// Adds one that took this long.
    pub fn add(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64() * 1000.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the least value that this share of the samples does not exceed; 0 without samples.
    pub fn percentile(&self, percent: usize) -> f64 {
        let sorted = self.sorted();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// Returns the median by nearest rank.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    pub fn max(&self) -> f64 {
        self.percentile(100)
    }

    /// Returns the median with the least and the most sample.
    pub fn spread(&self) -> Spread {
        let least = self.0.iter().copied().min_by(f64::total_cmp).unwrap_or_default();
        Spread { middle: self.median(), least, most: self.max() }
    }

    /// Returns the median with the least and the most median of five parts of the run, one after the other.
    pub fn drift(&self) -> Spread {
        let part = self.0.len().div_ceil(PARTS).max(1);
        let parts: Self =
            self.0.chunks(part).map(|part| part.iter().copied().collect::<Self>().median()).collect();
        Spread { middle: self.median(), ..parts.spread() }
    }

    /// Returns the range in which the median of endlessly many samples lies with 95 % confidence, by order statistics.
    pub fn median_range(&self) -> Spread {
        let (count, sorted) = (self.0.len() as f64, self.sorted());
        let (middle, reach) = (count / 2.0, 0.98 * count.sqrt());
        let last = sorted.len().max(1);
        let at = |rank: f64| sorted.get((rank as usize).clamp(1, last) - 1).copied();
        let [least, most] = [(middle - reach).floor(), (middle + reach).ceil() + 1.0].map(at);
        Spread { middle: self.median(), least: least.unwrap_or_default(), most: most.unwrap_or_default() }
    }

    /// Subtracts from each sample the one that was taken beside it.
    pub fn less(&self, beside: &Self) -> Self {
        self.0.iter().zip(&beside.0).map(|(one, other)| one - other).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: impl IntoIterator<Item = u32>) -> Samples {
        values.into_iter().map(f64::from).collect()
    }

    #[test]
    fn percentiles_are_samples_by_nearest_rank_whatever_the_order() {
        let hundred = samples((1..=100).rev());
        let at = [0, 1, 50, 90, 99, 100].map(|percent| hundred.percentile(percent));
        assert_eq!(at, [1.0, 1.0, 50.0, 90.0, 99.0, 100.0]);
        let three = samples([30, 10, 20]);
        assert_eq!([50, 90, 99].map(|percent| three.percentile(percent)), [20.0, 30.0, 30.0]);
        assert_eq!(Samples::default().percentile(50), 0.0);
    }

    #[test]
    fn the_spread_is_of_samples_and_the_drift_of_medians_of_parts() {
        let steps = samples([1, 1, 9, 2, 2, 9, 3, 3, 9, 4, 4, 9, 5, 5, 9]);
        assert_eq!(steps.spread(), Spread { middle: 4.0, least: 1.0, most: 9.0 });
        assert_eq!(steps.drift(), Spread { middle: 4.0, least: 1.0, most: 5.0 });
    }

    #[test]
    fn the_range_of_the_median_narrows_with_the_count() {
        let ends = |count| {
            let range = samples(1..=count).median_range();
            (range.least, range.middle, range.most)
        };
        assert_eq!([ends(4), ends(100)], [(1.0, 2.0, 4.0), (40.0, 50.0, 61.0)]);
    }

    #[test]
    fn what_was_taken_beside_is_subtracted_pair_by_pair() {
        let rest = samples([110, 125, 118]).less(&samples([100, 120, 110]));
        assert_eq!((rest.count(), rest.median(), rest.max()), (3, 8.0, 10.0));
    }

    #[test]
    fn durations_count_in_milliseconds() {
        let mut one = Samples::default();
        one.add(Duration::from_micros(1500));
        assert_eq!((one.count(), one.median()), (1, 1.5));
    }
}
