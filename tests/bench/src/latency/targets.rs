//! The targets, and how they are met.

use super::results::{Figures, Results};
use super::sizes::Size;
use super::subject::{HASHING, Implementation, OPERATIONS, OURS_ALONE, Operation, Subject};
use std::collections::BTreeMap;

/// A measured value and its limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The engine's name; `any` where that does not matter.
    pub engine: &'static str,
    pub name: String,
    pub measured: f64,
    pub limit: f64,
}

impl Target {
    /// What was not measured is NaN, and not met.
    pub fn is_met(&self) -> bool {
        self.measured <= self.limit
    }

    pub fn verdict(&self) -> &'static str {
        if self.is_met() { "met" } else { "missed" }
    }
}

const INIT_OF_NODE: f64 = 0.1;
const INIT_OF_PYTHON: f64 = 0.05;
/// Lambda scales processor time with memory, so a start takes the longer the more of it there is.
const INIT_CPU_OF_NODE: f64 = 1.0 / 15.0;
const INIT_CPU_OF_PYTHON: f64 = 1.0 / 30.0;
const WARM_OF_BARE: f64 = 1.2;
const FIRST_OF_WARM: f64 = 1.5;
const MANY_NUMBERS_OF_ONE: f64 = 6.0;

/// Millions of bytes.
fn peak_rss_limit(operation: Operation) -> f64 {
    if operation == Operation::Console { 12.0 } else { 8.0 }
}

/// Millions of bytes.
fn zip_limit(operation: Operation) -> f64 {
    match operation {
        Operation::Status => 2.2,
        Operation::Console => 4.0,
        Operation::SetPin | Operation::PortOut | Operation::Provision => 2.5,
    }
}

/// Millions of bytes.
pub fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Returns the targets that depend on the engine.
pub fn on(results: &Results) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut target = |operation: Operation, name, measured, limit| {
        let name = format!("{}: {name}", operation.name());
        targets.push(Target { engine: results.engine, name, measured, limit });
    };
    for operation in OPERATIONS {
        let init = |by| results.figure(operation, by, |figures| figures.init.median());
        let service = init(Implementation::Service);
        target(operation, "init, of Node's", service / init(Implementation::Node), INIT_OF_NODE);
        target(operation, "init, of Python's", service / init(Implementation::Python), INIT_OF_PYTHON);
        let cpu = |by| results.figure(operation, by, |figures| figures.init_cpu.median());
        let service = cpu(Implementation::Service);
        target(operation, "init CPU, of Node's", service / cpu(Implementation::Node), INIT_CPU_OF_NODE);
        target(operation, "init CPU, of Python's", service / cpu(Implementation::Python), INIT_CPU_OF_PYTHON);
    }
    for operation in OPERATIONS {
        let warm = |by| results.figure(operation, by, |figures| figures.warm.median());
        let (service, name) = if HASHING.contains(&operation) {
            (results.less_the_hash(operation, true).median(), "warm p50 less the hash, of the bare one's")
        } else {
            (warm(Implementation::Service), "warm p50, of the bare one's")
        };
        target(operation, name, service / warm(Implementation::Bare), WARM_OF_BARE);
    }
    let service = Implementation::Service;
    for operation in OPERATIONS {
        let of_warm = |figures: &Figures| figures.first.median() / figures.before_first.median();
        let first = results.figure(operation, service, of_warm);
        target(operation, "first invoke, of the warm ones before it", first, FIRST_OF_WARM);
    }
    let (name, many) = ("CPU of 90 numbers less the hash, of one", results.many_numbers_of_one());
    target(Operation::PortOut, name, many, MANY_NUMBERS_OF_ONE);
    for operation in OPERATIONS.into_iter().chain(OURS_ALONE) {
        let peak = results.figure(operation, service, |figures| mb(figures.peak_rss));
        target(operation, "peak RSS, MB", peak, peak_rss_limit(operation));
    }
    targets
}

/// Returns the targets that do not depend on the engine.
pub fn of_sizes(sizes: &BTreeMap<Subject, Size>) -> Vec<Target> {
    let service = sizes.iter().filter(|(subject, _)| subject.by == Implementation::Service);
    service
        .map(|(subject, size)| Target {
            engine: "any",
            name: format!("{}: zip, MB", subject.operation.name()),
            measured: mb(size.zip),
            limit: zip_limit(subject.operation),
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
        let verdicts = [2.4, 2.5, 2.51, f64::NAN].map(|measured| target(measured).verdict());
        assert_eq!(verdicts, ["met", "met", "missed", "missed"]);
    }

    #[test]
    fn every_target_is_judged_by_ratios_of_medians() {
        let mut results = Results::new("engine");
        for (by, init, warm) in [
            (Implementation::Service, 5.0, 109.0),
            (Implementation::Bare, 5.0, 1.25),
            (Implementation::Node, 100.0, 130.0),
            (Implementation::Python, 200.0, 130.0),
        ] {
            let figures = results.of(Subject::new(Operation::SetPin, by));
            (figures.init, figures.warm) = ([init].into_iter().collect(), [warm].into_iter().collect());
            figures.init_cpu = [0.8 * init].into_iter().collect();
            figures.first = [2.0 * warm].into_iter().collect();
            figures.before_first = [1.6 * warm].into_iter().collect();
        }
        results.of(Subject::cheap(Operation::SetPin)).warm = [19.0, 20.5].into_iter().collect();
        results.cheap_hash.insert(Operation::SetPin, [18.0, 18.0].into_iter().collect());
        let targets = on(&results);
        let measured = |name: &str| {
            targets.iter().find(|target| target.name.contains(name)).map(|target| target.measured)
        };
        for init in ["init", "init CPU"] {
            assert_eq!(measured(&format!("set-pin: {init}, of Node's")), Some(0.05));
            assert_eq!(measured(&format!("set-pin: {init}, of Python's")), Some(0.025));
        }
        assert_eq!(measured("set-pin: warm p50 less the hash"), Some(0.8));
        assert_eq!(measured("set-pin: first invoke"), Some(1.25));
        assert!(
            targets
                .iter()
                .filter(|target| target.name.starts_with("port-out"))
                .all(|target| !target.is_met())
        );
    }
}
