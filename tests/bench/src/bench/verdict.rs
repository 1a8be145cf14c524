//! The targets, and how they are met.

use crate::results::Results;
use crate::sizes::Size;
use crate::subject::{OPERATIONS, Subject, What, Who};
use std::collections::BTreeMap;

/// Something measured and the most it may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// On which engine; none where that does not matter.
    pub engine: &'static str,
    /// What is measured.
    pub name: String,
    /// What it is.
    pub measured: f64,
    /// What it may be.
    pub limit: f64,
}

impl Target {
    /// Whether it is.
    pub fn is_met(&self) -> bool {
        self.measured <= self.limit
    }
}

const INIT_OF_NODE: f64 = 0.1;
const INIT_OF_PYTHON: f64 = 0.05;
const WARM_OF_BARE: f64 = 1.2;
const FIRST_OF_WARM: f64 = 2.0;

fn peak_rss_limit(what: What) -> f64 {
    if what == What::Status { 10.0 } else { 12.0 }
}

fn zip_limit(what: What) -> f64 {
    if what == What::Status { 2.5 } else { 3.0 }
}

/// Millions of bytes.
pub fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Those that depend on the engine.
pub fn on(results: &Results) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut target = |name: String, measured, limit| {
        targets.push(Target { engine: results.engine, name, measured, limit });
    };
    for what in OPERATIONS {
        let name = what.name();
        let init = |who| results.get(what, who).map_or(f64::NAN, |figures| figures.init.median());
        target(format!("{name}: init, of Node's"), init(Who::Ours) / init(Who::Node), INIT_OF_NODE);
        target(format!("{name}: init, of Python's"), init(Who::Ours) / init(Who::Python), INIT_OF_PYTHON);
    }
    for what in OPERATIONS {
        let warm = |who| results.get(what, who).map_or(f64::NAN, |figures| figures.warm.median());
        let (ours, name) = match what {
            What::Status | What::Provision => (warm(Who::Ours), "warm p50, of the bare one's"),
            What::SetPin | What::PortOut => {
                (results.less_the_hash(what, true).median(), "warm p50 less the hash, of the bare one's")
            }
        };
        target(format!("{}: {name}", what.name()), ours / warm(Who::Bare), WARM_OF_BARE);
    }
    for what in OPERATIONS {
        let first = results.get(what, Who::Ours).map_or(f64::NAN, |it| it.first.median() / it.warm.median());
        target(format!("{}: first invoke, of a warm one", what.name()), first, FIRST_OF_WARM);
    }
    for what in OPERATIONS.into_iter().chain([What::Provision]) {
        let peak = results.get(what, Who::Ours).map_or(f64::NAN, |figures| mb(figures.peak_rss));
        target(format!("{}: peak RSS, MB", what.name()), peak, peak_rss_limit(what));
    }
    targets
}

/// Those that do not.
pub fn of_sizes(sizes: &BTreeMap<Subject, Size>) -> Vec<Target> {
    let ours = sizes.iter().filter(|(subject, _)| subject.who == Who::Ours);
    ours.map(|(subject, size)| Target {
        engine: "any",
        name: format!("{}: zip, MB", subject.what.name()),
        measured: mb(size.zip),
        limit: zip_limit(subject.what),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(measured: f64) -> Target {
        Target { engine: "any", name: "zip".to_owned(), measured, limit: 2.5 }
    }

    #[test]
    fn a_target_is_met_up_to_its_limit_and_what_was_not_measured_is_missed() {
        assert_eq!([2.4, 2.5, 2.51, f64::NAN].map(|it| target(it).is_met()), [true, true, false, false]);
    }

    #[test]
    fn every_target_is_judged_by_ratios_of_medians() {
        let mut results = Results::new("engine");
        for (what, who, init, warm) in [
            (What::SetPin, Who::Ours, 5.0, 109.0),
            (What::SetPin, Who::Bare, 5.0, 1.25),
            (What::SetPin, Who::Node, 100.0, 130.0),
            (What::SetPin, Who::Python, 200.0, 130.0),
        ] {
            let figures = results.of(Subject::new(what, who));
            (figures.init, figures.warm) = ([init].into_iter().collect(), [warm].into_iter().collect());
            figures.first = [2.0 * warm].into_iter().collect();
        }
        results.of(Subject::least(What::SetPin)).warm = [19.0, 20.5].into_iter().collect();
        results.least_hash[0] = [18.0, 18.0].into_iter().collect();
        let targets = on(&results);
        let measured = |name: &str| targets.iter().find(|it| it.name.contains(name)).map(|it| it.measured);
        assert_eq!(measured("set-pin: init, of Node's"), Some(0.05));
        assert_eq!(measured("set-pin: init, of Python's"), Some(0.025));
        assert_eq!(measured("set-pin: warm p50 less the hash"), Some(0.8));
        assert_eq!(measured("set-pin: first invoke"), Some(2.0));
        assert!(targets.iter().filter(|it| it.name.starts_with("port-out")).all(|it| !it.is_met()));
    }
}
