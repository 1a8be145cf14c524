//! What was measured on one engine.

use crate::subject::{Subject, What, Who};
use bench_kit::stats::Samples;
use std::collections::BTreeMap;

/// Of one subject.
#[derive(Debug, Default)]
pub struct Figures {
    /// From the start of the process to its first request for work.
    pub init: Samples,
    /// The first invocation of a process.
    pub first: Samples,
    /// Invocations of a process that had some before.
    pub warm: Samples,
    /// The most memory that the warm process ever had, in bytes.
    pub peak_rss: u64,
}

/// On one engine.
#[derive(Debug, Default)]
pub struct Results {
    /// The engine's name.
    pub engine: &'static str,
    /// Of each subject.
    pub figures: BTreeMap<Subject, Figures>,
    /// Calls by the SDK alone, by their names.
    pub sdk: BTreeMap<&'static str, Samples>,
    /// The hash alone, beside each round of set-PIN and port-out.
    pub hash: Samples,
    /// The hash alone with the fewest rounds, beside set-PIN and beside port-out.
    pub least_hash: [Samples; 2],
}

impl Results {
    /// Of an engine on which nothing was measured yet.
    pub fn new(engine: &'static str) -> Self {
        Self { engine, ..Self::default() }
    }

    /// To be added to.
    pub fn of(&mut self, subject: Subject) -> &mut Figures {
        self.figures.entry(subject).or_default()
    }

    /// To be looked at.
    pub fn get(&self, what: What, who: Who) -> Option<&Figures> {
        self.figures.get(&Subject::new(what, who))
    }

    /// What set-PIN or port-out takes beside the hash: with the fewest rounds, or with as many as in production. Each
    /// invocation is compared with the hash that was made right before it.
    pub fn less_the_hash(&self, what: What, least: bool) -> Samples {
        let [set_pin, port_out] = &self.least_hash;
        let hash = match (least, what) {
            (false, _) => &self.hash,
            (true, What::PortOut) => port_out,
            (true, _) => set_pin,
        };
        let subject = Subject { what, who: Who::Ours, least };
        self.figures.get(&subject).map(|figures| figures.warm.less(hash)).unwrap_or_default()
    }

    /// How much longer 600,000 rounds take than 100,000, in the function, as a multiple of the same alone.
    pub fn linearity(&self, what: What) -> f64 {
        let median = |least| {
            let subject = Subject { what, who: Who::Ours, least };
            self.figures.get(&subject).map_or(0.0, |figures| figures.warm.median())
        };
        let least_hash: &Samples =
            if what == What::PortOut { &self.least_hash[1] } else { &self.least_hash[0] };
        (median(false) - median(true)) / (self.hash.median() - least_hash.median())
    }
}
