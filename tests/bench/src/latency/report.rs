//! The figures as tables and as JSON.

use super::results::{Figures, Results};
use super::sizes::Size;
use super::subject::{HASHING, Operation, Subject};
use super::targets::{self, Target, mb};
use crate::report::{self, Part};
use crate::stats::{Samples, Spread};
use crate::table::{Table, figure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

type Sizes = BTreeMap<Subject, Size>;

const HEADINGS: [&str; 15] = [
    "engine",
    "operation",
    "by",
    "init ms",
    "init CPU ms",
    "first ms",
    "before it ms",
    "n",
    "p50 ms",
    "p90",
    "p99",
    "max",
    "n",
    "peak RSS MB",
    "code / zip MB",
];

const NOTES: &str = "\
Times in milliseconds, with the least and the most in brackets: of init (start of the process to its first request for
work), its processor time (user and system), and the first invocation over n new processes; of p50 over five parts of the
run. Right before each first invocation, a process that is warm gets 20 of the same, or one with the hash of production:
the first one is compared with those, which find the engine and the machine as it does. Peak RSS is that of one warm
process after all of its invocations. MB are millions of bytes. Node's zip is its bundle, Python's its own code: Lambda has
boto3. Bare Rust makes the same DynamoDB calls, and no hash. The console's page is the one without a session, which calls
nothing; the others wait for calls of the API on top. Targets of set-pin and port-out less the hash are judged with 100,000
rounds, each invocation less the hash made right before it, as there the hash blurs least. The processor time of a request
is the mean of those that follow 300 others, with user and system time of the function's process alone; this service hashes
in threads that are not counted, the hash of Node and Python has one round, and bare Rust has none.
";

/// Prints the report and writes it as `latency.md` and `latency.json`.
pub fn write(out: &Path, machine: &str, all: &[Results], sizes: &Sizes) -> Result<(), String> {
    let targets: Vec<_> = all.iter().flat_map(targets::on).chain(targets::of_sizes(sizes)).collect();
    let tables = [subjects(all, sizes), demands(all), alone(all), judged(&targets)].map(Part::Table);
    let parts: Vec<_> = tables.into_iter().chain([Part::Text(notes(machine, all))]).collect();
    report::write(out, "latency", &parts, &data(machine, all, sizes, &targets))
}

/// Names the machine, explains the tables, and says whether the hash costs in a function what it costs alone.
fn notes(machine: &str, all: &[Results]) -> String {
    let linear = all.iter().map(|results| {
        let [set_pin, port_out] = HASHING.map(|operation| results.linearity(operation));
        let engine = results.engine;
        format!("On {engine} 500,000 more rounds cost set-pin {set_pin:.2} and port-out {port_out:.2} times what they cost alone.\n")
    });
    format!("{machine}.\n{NOTES}{}", linear.collect::<String>())
}

fn subjects(all: &[Results], sizes: &Sizes) -> Table {
    let mut table = Table::new(3, &HEADINGS);
    for results in all {
        let listed = results.figures.iter().filter(|(subject, _)| !subject.cheap);
        for (subject, figures) in listed {
            table.row(row(results.engine, *subject, figures, sizes.get(subject)));
        }
    }
    table
}

fn row(engine: &str, subject: Subject, figures: &Figures, size: Option<&Size>) -> Vec<String> {
    let mut cells = vec![engine.to_owned(), subject.operation.name().to_owned(), subject.by.to_string()];
    let starts = [&figures.init, &figures.init_cpu, &figures.first, &figures.before_first];
    cells.extend(starts.map(|samples| spread(samples, Samples::spread)));
    cells.push(figures.init.count().to_string());
    cells.extend(warm(&figures.warm));
    cells.push(format!("{:.1}", mb(figures.peak_rss)));
    cells.push(size.map_or(String::new(), |size| format!("{:.2} / {:.2}", mb(size.code), mb(size.zip))));
    cells
}

fn warm(samples: &Samples) -> Vec<String> {
    let at =
        |percent| if samples.count() == 0 { "–".to_owned() } else { figure(samples.percentile(percent)) };
    vec![spread(samples, Samples::drift), at(90), at(99), at(100), samples.count().to_string()]
}

fn spread(samples: &Samples, of: fn(&Samples) -> Spread) -> String {
    if samples.count() == 0 {
        return "–".to_owned();
    }
    let Spread { middle, least, most } = of(samples);
    format!("{} ({}-{})", figure(middle), figure(least), figure(most))
}

/// What one core answers.
fn demands(all: &[Results]) -> Table {
    let headings = ["engine", "operation less the hash", "by", "CPU ms a request", "requests a CPU second"];
    let mut table = Table::new(3, &headings);
    for results in all {
        for ((operation, by), demand) in &results.demands {
            let (engine, rate) = (results.engine.to_owned(), 1000.0 / demand.mean());
            let figures = [format!("{:.3}", demand.mean()), format!("{rate:.0}")];
            table.row([engine, operation.clone(), by.to_string()].into_iter().chain(figures).collect());
        }
    }
    table
}

/// The SDK alone, the hash alone, and what is left without the hash.
fn alone(all: &[Results]) -> Table {
    let mut table = Table::new(2, &["engine", "alone", "p50 ms", "p90", "p99", "max", "n"]);
    for results in all {
        for (name, samples) in measured_alone(results) {
            let mut cells = vec![results.engine.to_owned(), name];
            cells.extend(warm(&samples));
            table.row(cells);
        }
    }
    table
}

fn measured_alone(results: &Results) -> Vec<(String, Samples)> {
    let sdk = results.sdk.iter().map(|(name, samples)| (format!("SDK: {name}"), samples.clone()));
    let mut all: Vec<_> = sdk.collect();
    all.push(("PBKDF2, 600,000 rounds".to_owned(), results.hash.clone()));
    let cheap_hash = results.cheap_hash.get(&Operation::SetPin).cloned().unwrap_or_default();
    all.push(("PBKDF2, 100,000 rounds".to_owned(), cheap_hash));
    for operation in HASHING {
        for (cheap, rounds) in [(false, "600,000"), (true, "100,000")] {
            let name = format!("{} less the hash of {rounds} rounds", operation.name());
            all.push((name, results.less_the_hash(operation, cheap)));
        }
    }
    all
}

fn judged(targets: &[Target]) -> Table {
    let mut table = Table::new(2, &["engine", "target", "measured", "at most", "verdict"]);
    for target in targets {
        let (measured, limit) = (format!("{:.3}", target.measured), thousandths(target.limit).to_string());
        let (engine, name) = (target.engine.to_owned(), target.name.clone());
        table.row(vec![engine, name, measured, limit, target.verdict().to_owned()]);
    }
    table
}

fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn data(machine: &str, all: &[Results], sizes: &Sizes, targets: &[Target]) -> Value {
    let targets = targets.iter().map(|target| {
        json!({"engine": target.engine, "target": target.name, "measured": target.measured, "limit": target.limit,
               "met": target.is_met()})
    });
    let sizes = sizes.iter().map(|(subject, size)| {
        json!({"operation": subject.operation.name(), "by": subject.by.to_string(), "code_bytes": size.code,
               "zip_bytes": size.zip})
    });
    json!({
        "machine": machine,
        "engines": all.iter().map(of_engine).collect::<Vec<_>>(),
        "sizes": sizes.collect::<Vec<_>>(),
        "targets": targets.collect::<Vec<_>>(),
    })
}

fn of_engine(results: &Results) -> Value {
    let functions = results.figures.iter().map(|(subject, figures)| {
        json!({
            "operation": subject.operation.name(),
            "by": subject.by.to_string(),
            "rounds": if subject.cheap { 100_000 } else { 600_000 },
            "init_ms": numbers(&figures.init),
            "init_cpu_ms": numbers(&figures.init_cpu),
            "first_ms": numbers(&figures.first),
            "before_first_ms": numbers(&figures.before_first),
            "warm_ms": numbers(&figures.warm),
            "peak_rss_bytes": figures.peak_rss,
        })
    });
    let alone = measured_alone(results).into_iter().map(|(name, samples)| (name, numbers(&samples)));
    let demands = results.demands.iter().map(|((operation, by), demand)| {
        json!({"operation": operation, "by": by.to_string(), "cpu_ms": demand.mean()})
    });
    let linearity = HASHING.map(|operation| (operation.name(), results.linearity(operation)));
    json!({
        "engine": results.engine,
        "functions": functions.collect::<Vec<_>>(),
        "cpu_of_a_warm_request_less_the_hash": demands.collect::<Vec<_>>(),
        "alone_ms": alone.collect::<BTreeMap<_, _>>(),
        "time_of_500000_more_rounds_as_multiple_of_the_hash_alone": BTreeMap::from(linearity),
    })
}

fn numbers(samples: &Samples) -> Value {
    let Spread { middle, least, most } = samples.spread();
    let drift = samples.drift();
    json!({"n": samples.count(), "p50": middle, "p90": samples.percentile(90), "p99": samples.percentile(99),
           "min": least, "max": most, "p50_of_fifths": [drift.least, drift.most]})
}

#[cfg(test)]
mod tests {
    use super::super::subject::Implementation;
    use super::*;

    fn results() -> Results {
        let mut results = Results::new("embedded");
        for by in [Implementation::Service, Implementation::Node] {
            let figures = results.of(Subject::new(Operation::Status, by));
            figures.warm = [0.3, 0.25, 0.5].into_iter().collect();
            figures.init = [5.0, 7.0].into_iter().collect();
            figures.init_cpu = [4.0].into_iter().collect();
            figures.peak_rss = 9_540_000;
        }
        results
    }

    #[test]
    fn a_row_has_medians_with_their_spread_and_leaves_out_what_was_not_measured() {
        let results = results();
        let subject = Subject::new(Operation::Status, Implementation::Service);
        let size = Size { code: 5_970_000, zip: 2_770_000 };
        let row = row("embedded", subject, &results.figures[&subject], Some(&size));
        let expected = [
            "embedded",
            "status",
            "this service",
            "5.00 (5.00-7.00)",
            "4.00 (4.00-4.00)",
            "–",
            "–",
            "2",
            "0.30 (0.25-0.50)",
            "0.50",
            "0.50",
            "0.50",
            "3",
            "9.5",
            "5.97 / 2.77",
        ];
        assert_eq!(row, expected);
        assert_eq!(row.len(), HEADINGS.len());
    }

    #[test]
    fn verdicts_are_words() {
        let target = |measured| Target { engine: "any", name: "zip, MB".to_owned(), measured, limit: 3.0 };
        let expected = "engine  target   measured  at most  verdict\n\
                        any     zip, MB     2.770        3      met\n\
                        any     zip, MB     3.100        3   missed\n";
        assert_eq!(judged(&[target(2.77), target(3.1)]).text(), expected);
    }

    #[test]
    fn the_data_has_every_subject() {
        let data = data("a machine", &[results()], &Sizes::new(), &[]);
        assert_eq!(data["engines"][0]["functions"].as_array().map(Vec::len), Some(2));
        assert_eq!(data["engines"][0]["functions"][0]["warm_ms"]["p50"], 0.3);
    }
}
