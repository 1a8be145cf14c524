//! The sustained rates as tables and as JSON.

use super::Options;
use super::search::{Found, TARGET};
use super::trial::Trial;
use crate::report::{self, Part, cores};
use crate::table::Table;
use runtime::pin_hash::hasher::DEFAULT_ROUNDS;
use serde_json::{Value, json};

/// Prints the report and writes it as `load.md` and `load.json`.
pub fn write(options: &Options, found: &[Found]) -> Result<(), String> {
    let tables = [mixes(found), operations(found), overload(found)].map(Part::Table);
    let parts: Vec<_> = [Part::Text(explanation(options))].into_iter().chain(tables).collect();
    let data = json!({"target": TARGET, "processes": options.all_processes(), "cores": cores(),
        "mixes": found.iter().map(mix).collect::<Vec<_>>()});
    report::write(&options.out, "load", &parts, &data)
}

fn explanation(options: &Options) -> String {
    format!(
        "The highest rate that {} processes ({} each of status, set-pin, port-out, and provision, which gets no requests) \
         sustained for {} s on {} cores, shared with k6, the gateway, and the embedded engine: 99th percentile under \
         {TARGET} times the unloaded one, no request dropped, every answer compared with the expected one. The mix: of 20 \
         requests, 14 read a status, 2 set a PIN, 3 submit a port-out that is confirmed, and 1 submits one that is \
         rejected; six of them hash a PIN, with {DEFAULT_ROUNDS} rounds. The overload is twice the sustained rate for {} \
         s: requests queue for a free process, and k6 skips a request when all of its users are waiting. The unloaded \
         rate follows at once.\n",
        options.all_processes(),
        options.processes,
        options.seconds.sustained,
        cores(),
        options.seconds.trial
    )
}

fn mixes(found: &[Found]) -> Table {
    let headings = [
        "requests",
        "sustained, a second",
        "answers",
        "wrong",
        "dropped",
        "p50 ms",
        "p99 ms",
        "unloaded p50 ms",
        "unloaded p99 ms",
    ];
    let mut table = Table::new(1, &headings);
    for found in found {
        let mut cells = vec![found.mix.name().to_owned()];
        match (&found.sustained, &found.unloaded) {
            (Some(trial), Some(unloaded)) => {
                let counts = [trial.rate, trial.right, trial.wrong, trial.dropped];
                cells.extend(counts.map(|count| count.to_string()));
                let times = [trial.median, trial.p99, unloaded.median, unloaded.p99];
                cells.extend(times.map(|time| format!("{time:.1}")));
            }
            _ => {
                cells.push("none".to_owned());
                cells.resize(headings.len(), String::new());
            }
        }
        table.row(cells);
    }
    table
}

fn operations(found: &[Found]) -> Table {
    let headings = ["operation", "p50 ms", "p99 ms", "unloaded p50 ms", "unloaded p99 ms"];
    let mut table = Table::new(1, &headings);
    for (trial, unloaded) in
        found.iter().filter_map(|found| found.sustained.as_ref().zip(found.unloaded.as_ref()))
    {
        for ((name, median, p99), (_, low, low99)) in trial.operations.iter().zip(&unloaded.operations) {
            let mut cells = vec![format!("{name} at {} a second in all", trial.rate)];
            cells.extend([median, p99, low, low99].map(|time| format!("{time:.1}")));
            table.row(cells);
        }
    }
    table
}

fn overload(found: &[Found]) -> Table {
    let headings =
        ["overload", "rate", "answers", "wrong", "not sent", "p50 ms", "p99 ms", "max ms", "p99 ms after it"];
    let mut table = Table::new(1, &headings);
    for (mix, (trial, after)) in found.iter().filter_map(|found| Some((found.mix, found.overload.as_ref()?)))
    {
        let counts = [trial.rate, trial.right, trial.wrong, trial.dropped].map(|count| count.to_string());
        let times = [trial.median, trial.p99, trial.max, after.p99].map(|time| format!("{time:.1}"));
        table.row([mix.name().to_owned()].into_iter().chain(counts).chain(times).collect());
    }
    table
}

fn mix(found: &Found) -> Value {
    let trials = found.trials.iter().map(|(trial, sustained)| {
        let mut trial = figures(trial);
        trial["sustained"] = (*sustained).into();
        trial
    });
    json!({"requests": found.mix.name(), "unloaded": found.unloaded.as_ref().map(figures),
        "sustained": found.sustained.as_ref().map(figures), "trials": trials.collect::<Vec<_>>(),
        "overload": found.overload.as_ref().map(|(overload, after)| [figures(overload), figures(after)])})
}

fn figures(trial: &Trial) -> Value {
    let operation =
        |(name, median, p99): &(String, f64, f64)| json!({"operation": name, "p50": median, "p99": p99});
    json!({"rate": trial.rate, "seconds": trial.seconds, "right": trial.right, "wrong": trial.wrong,
        "dropped": trial.dropped, "p50": trial.median, "p99": trial.p99, "max": trial.max,
        "operations": trial.operations.iter().map(operation).collect::<Vec<_>>()})
}
