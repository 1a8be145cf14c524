//! What was measured, as tables for the terminal and a document, as JSON, and as a plot.

use crate::args::Options;
use crate::results::{Figures, Results};
use crate::sizes::Size;
use crate::subject::{OPERATIONS, Subject, What, Who};
use crate::verdict::{self, Target, mb};
use bench_kit::chart::{self, Panel, figure};
use bench_kit::stats::{Samples, Spread};
use bench_kit::table::Table;
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Sizes = BTreeMap<Subject, Size>;

const HEADINGS: [&str; 13] = [
    "engine",
    "operation",
    "by",
    "init ms",
    "first ms",
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
work) and of the first invocation over n new processes; of p50 over five parts of the run. Peak RSS is that of one warm
process after all of its invocations. MB are millions of bytes. Node's zip is its bundle, Python's its own code: Lambda
has boto3. Bare Rust makes the same DynamoDB calls, and no hash. Targets of set-pin and port-out less the hash are
judged with 100,000 rounds, each invocation less the hash made right before it, as there the hash blurs least.
";

/// Prints the tables, and writes `bench.md`, `bench.json` and `bench.svg`.
pub fn write(options: &Options, machine: &str, all: &[Results], sizes: &Sizes) -> Result<(), String> {
    let targets: Vec<_> = all.iter().flat_map(verdict::on).chain(verdict::of_sizes(sizes)).collect();
    let tables = [subjects(all, sizes), alone(all), judged(&targets)];
    let text = |form: fn(&Table) -> String| tables.iter().map(form).collect::<Vec<_>>().join("\n");
    let notes = notes(machine, all);
    println!("\n{}\n{notes}", text(Table::text));
    std::fs::create_dir_all(&options.out).map_err(|error| format!("{}: {error}", options.out.display()))?;
    let document = format!("{}\n{notes}", text(Table::markdown));
    let data = format!("{:#}\n", data(machine, all, sizes, &targets));
    for (file, content) in [("bench.md", document), ("bench.json", data), ("bench.svg", plot(all))] {
        let path = options.out.join(file);
        std::fs::write(&path, content).map_err(|error| format!("{}: {error}", path.display()))?;
        eprintln!("written: {}", path.display());
    }
    Ok(())
}

/// The machine, how to read the tables, and whether the hash costs in a function what it costs alone.
fn notes(machine: &str, all: &[Results]) -> String {
    let linear = all.iter().map(|results| {
        let [set_pin, port_out] = [What::SetPin, What::PortOut].map(|what| results.linearity(what));
        let engine = results.engine;
        format!("On {engine} 500,000 more rounds cost set-pin {set_pin:.2} and port-out {port_out:.2} times what they cost alone.\n")
    });
    format!("{machine}.\n{NOTES}{}", linear.collect::<String>())
}

fn subjects(all: &[Results], sizes: &Sizes) -> Table {
    let mut table = Table::new(3, &HEADINGS);
    for results in all {
        let listed = results.figures.iter().filter(|(subject, _)| !subject.least);
        for (subject, figures) in listed {
            table.row(row(results.engine, *subject, figures, sizes.get(subject)));
        }
    }
    table
}

fn row(engine: &str, subject: Subject, figures: &Figures, size: Option<&Size>) -> Vec<String> {
    let mut cells = vec![engine.to_owned(), subject.what.name().to_owned(), subject.who.to_string()];
    cells.extend([spread(&figures.init, Samples::spread), spread(&figures.first, Samples::spread)]);
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

/// What stands beside the functions: the SDK alone, the hash alone, and what is left without the hash.
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
    all.push(("PBKDF2, 100,000 rounds".to_owned(), results.least_hash[0].clone()));
    for what in [What::SetPin, What::PortOut] {
        for (least, rounds) in [(false, "600,000"), (true, "100,000")] {
            all.push((
                format!("our {} less the hash of {rounds} rounds", what.name()),
                results.less_the_hash(what, least),
            ));
        }
    }
    all
}

fn judged(targets: &[Target]) -> Table {
    let mut table = Table::new(2, &["engine", "target", "measured", "at most", "verdict"]);
    for target in targets {
        let verdict = if target.is_met() { "met" } else { "missed" };
        let (measured, limit) = (format!("{:.3}", target.measured), target.limit.to_string());
        table.row(vec![target.engine.to_owned(), target.name.clone(), measured, limit, verdict.to_owned()]);
    }
    table
}

fn data(machine: &str, all: &[Results], sizes: &Sizes, targets: &[Target]) -> Value {
    let targets = targets.iter().map(|target| {
        json!({"engine": target.engine, "target": target.name, "measured": target.measured, "limit": target.limit,
               "met": target.is_met()})
    });
    let sizes = sizes.iter().map(|(subject, size)| {
        json!({"operation": subject.what.name(), "by": subject.who.to_string(), "code_bytes": size.code, "zip_bytes": size.zip})
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
            "operation": subject.what.name(),
            "by": subject.who.to_string(),
            "rounds": if subject.least { 100_000 } else { 600_000 },
            "init_ms": numbers(&figures.init),
            "first_ms": numbers(&figures.first),
            "warm_ms": numbers(&figures.warm),
            "peak_rss_bytes": figures.peak_rss,
        })
    });
    let alone = measured_alone(results).into_iter().map(|(name, samples)| (name, numbers(&samples)));
    let linearity = |what| results.linearity(what);
    json!({
        "engine": results.engine,
        "functions": functions.collect::<Vec<_>>(),
        "alone_ms": alone.collect::<BTreeMap<_, _>>(),
        "time_of_500000_more_rounds_as_multiple_of_the_hash_alone":
            {"set-pin": linearity(What::SetPin), "port-out": linearity(What::PortOut)},
    })
}

fn numbers(samples: &Samples) -> Value {
    let Spread { middle, least, most } = samples.spread();
    let drift = samples.drift();
    json!({"n": samples.count(), "p50": middle, "p90": samples.percentile(90), "p99": samples.percentile(99),
           "min": least, "max": most, "p50_of_fifths": [drift.least, drift.most]})
}

/// Of the first engine only: what one looks at before the tables.
fn plot(all: &[Results]) -> String {
    let Some(results) = all.first() else { return String::new() };
    let peers = [Who::Ours, Who::Node, Who::Python];
    let panel = |title: String, what, figure: fn(&Figures) -> f64| {
        let bar = |who| results.get(what, who).map(|figures| (label(who), figure(figures)));
        Panel { title, bars: peers.into_iter().filter_map(bar).collect() }
    };
    let mut panels = vec![panel("Init of set-pin, ms".to_owned(), What::SetPin, |it| it.init.median())];
    let warm = |it: &Figures| it.warm.median();
    panels.extend(OPERATIONS.map(|what| panel(format!("Warm {}, p50, ms", what.name()), what, warm)));
    panels.push(panel("Peak memory of set-pin, MB".to_owned(), What::SetPin, |it| mb(it.peak_rss)));
    chart::svg("The functions beside plain ones in Node and Python", &panels, &label(Who::Ours))
}

fn label(who: Who) -> String {
    match who {
        Who::Ours => "this service".to_owned(),
        Who::Bare | Who::Node | Who::Python => who.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Results {
        let mut results = Results::new("embedded");
        for who in [Who::Ours, Who::Node] {
            let figures = results.of(Subject::new(What::Status, who));
            figures.warm = [0.3, 0.25, 0.5].into_iter().collect();
            figures.init = [5.0, 7.0].into_iter().collect();
            figures.peak_rss = 9_540_000;
        }
        results
    }

    #[test]
    fn a_row_tells_medians_with_their_spread_and_leaves_out_what_was_not_measured() {
        let results = results();
        let subject = Subject::new(What::Status, Who::Ours);
        let row = row(
            "embedded",
            subject,
            &results.figures[&subject],
            Some(&Size { code: 5_970_000, zip: 2_770_000 }),
        );
        let expected = [
            "embedded",
            "status",
            "ours",
            "5.00 (5.00-7.00)",
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
    fn the_plot_has_ours_first_and_the_data_every_subject() {
        let all = [results()];
        assert!(plot(&all).contains(">this service</text>") && plot(&all).contains(">Node</text>"));
        let data = data("a machine", &all, &Sizes::new(), &[]);
        assert_eq!(data["engines"][0]["functions"].as_array().map(Vec::len), Some(2));
        assert_eq!(data["engines"][0]["functions"][0]["warm_ms"]["p50"], 0.3);
    }
}
