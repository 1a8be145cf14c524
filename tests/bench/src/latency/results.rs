//! What was measured on one engine.

use super::subject::{Implementation, Operation, Subject};
use crate::stats::Samples;
use std::collections::BTreeMap;
use std::time::Duration;

/// Figures of one subject.
#[derive(Debug, Default)]
pub struct Figures {
    /// From the start of the process to its first request for work.
    pub init: Samples,
    /// Processor time of that, user and system, of all threads.
    pub init_cpu: Samples,
    /// The first invocation of a process.
    pub first: Samples,
    /// Those of a warm process right before each first one of another.
    pub before_first: Samples,
    /// Later invocations.
    pub warm: Samples,
    /// The most memory that the warm process ever had, in bytes.
    pub peak_rss: u64,
}

/// The processor time of some requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Demand {
    spent: Duration,
    requests: u32,
}

impl Demand {
    /// Adds a request.
    pub fn add(&mut self, spent: Duration) {
        self.spent += spent;
        self.requests += 1;
    }

    /// Returns the milliseconds of one request: the mean, as what collects garbage now and then is a part of the price.
    pub fn mean(&self) -> f64 {
        self.spent.as_secs_f64() * 1000.0 / f64::from(self.requests)
    }
}

/// Figures on one engine.
#[derive(Debug, Default)]
pub struct Results {
    /// The engine's name.
    pub engine: &'static str,
    /// By subject.
    pub figures: BTreeMap<Subject, Figures>,
    /// Calls by the SDK alone, by name.
    pub sdk: BTreeMap<&'static str, Samples>,
    /// The processor time of warm requests, by operation and who implements it.
    pub demands: BTreeMap<(String, Implementation), Demand>,
    /// That of this service's port-outs of one number, and of 90, in turns.
    pub numbers: [Demand; 2],
    /// The hash of production alone, once a round of `set-pin` and `port-out`.
    pub hash: Samples,
    /// The cheapest hash alone, right before each invocation of these.
    pub cheap_hash: BTreeMap<Operation, Samples>,
}

impl Results {
    /// Creates empty results of an engine.
    pub fn new(engine: &'static str) -> Self {
        Self { engine, ..Self::default() }
    }

    /// Returns the figures of a subject, to be added to.
    pub fn of(&mut self, subject: Subject) -> &mut Figures {
        self.figures.entry(subject).or_default()
    }

    /// Returns a figure, or NaN if the subject was not measured.
    pub fn figure(&self, operation: Operation, by: Implementation, figure: fn(&Figures) -> f64) -> f64 {
        self.figures.get(&Subject::new(operation, by)).map_or(f64::NAN, figure)
    }

    /// Returns what the service takes beside the hash: each invocation less the hash that was made with it.
    pub fn less_the_hash(&self, operation: Operation, cheap: bool) -> Samples {
        let hash = if cheap { self.cheap_hash(operation) } else { self.hash.clone() };
        self.warm(operation, cheap).less(&hash)
    }

    /// Returns how much longer 600,000 rounds take than 100,000 in the function, as a multiple of the same alone.
    pub fn linearity(&self, operation: Operation) -> f64 {
        let in_function = self.warm(operation, false).median() - self.warm(operation, true).median();
        in_function / (self.hash.median() - self.cheap_hash(operation).median())
    }

    /// Returns the processor time of a port-out of 90 numbers, as a multiple of that of one number.
    pub fn many_numbers_of_one(&self) -> f64 {
        let [one, many] = self.numbers;
        many.mean() / one.mean()
    }

    fn warm(&self, operation: Operation, cheap: bool) -> Samples {
        let subject = Subject { operation, by: Implementation::Service, cheap };
        self.figures.get(&subject).map(|figures| figures.warm.clone()).unwrap_or_default()
    }

    fn cheap_hash(&self, operation: Operation) -> Samples {
        self.cheap_hash.get(&operation).cloned().unwrap_or_default()
    }
}
