//! The rates that were held, as a table and as JSON.

use crate::args::{Options, TARGET};
use crate::search::Found;
use crate::trial::Trial;
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;

pub fn write(options: &Options, found: &[Found]) {
    let text = table(options, found);
    println!("\n{text}");
    fs::create_dir_all(&options.output).expect("no folder for the report");
    fs::write(options.output.join("load.md"), &text).expect("no load.md");
    let json = json!({"target": TARGET, "processes": options.processes, "cores": cores(),
        "mixes": found.iter().map(mix).collect::<Vec<_>>()});
    fs::write(options.output.join("load.json"), format!("{json:#}\n")).expect("no load.json");
    println!("written to {}/load.md and load.json", options.output.display());
}

fn table(options: &Options, found: &[Found]) -> String {
    let mut text = format!(
        "The highest rate held for {} s by the local stack on {} cores, which k6 shares, with up to {} processes a \
         function: 99th percentile under {TARGET} times the unloaded one, no call dropped, every answer compared with \
         the expected one. Mixed are 14 status reads, 2 set-pin, 3 confirmed and 1 rejected port-out of 20 calls; six \
         of them hash a PIN.\n\n\
         | calls | held, a second | answers | wrong | dropped | p50 ms | p99 ms | unloaded p50 ms | unloaded p99 ms |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        options.hold,
        cores(),
        options.processes
    );
    for found in found {
        let name = found.mix.name();
        match (&found.held, &found.unloaded) {
            (Some(held), Some(unloaded)) => row(&mut text, name, held, unloaded),
            _ => drop(writeln!(text, "| {name} | none | | | | | | | |")),
        }
    }
    text +=
        "\n| operation | p50 ms | p99 ms | unloaded p50 ms | unloaded p99 ms |\n|---|---:|---:|---:|---:|\n";
    for (held, unloaded) in found.iter().filter_map(|found| found.held.as_ref().zip(found.unloaded.as_ref()))
    {
        for ((name, median, p99), (_, low, low99)) in held.operations.iter().zip(&unloaded.operations) {
            let rate = held.rate;
            let _ = writeln!(
                text,
                "| {name} at {rate} a second in all | {median:.1} | {p99:.1} | {low:.1} | {low99:.1} |"
            );
        }
    }
    text
}

fn row(text: &mut String, name: &str, held: &Trial, unloaded: &Trial) {
    let Trial { rate, right, wrong, dropped, median, p99, .. } = held;
    let _ = writeln!(
        text,
        "| {name} | {rate} | {right} | {wrong} | {dropped} | {median:.1} | {p99:.1} | {:.1} | {:.1} |",
        unloaded.median, unloaded.p99
    );
}

fn mix(found: &Found) -> Value {
    let trials = found.trials.iter().map(|(trial, held)| {
        let mut trial = figures(trial);
        trial["held"] = (*held).into();
        trial
    });
    json!({"calls": found.mix.name(), "unloaded": found.unloaded.as_ref().map(figures),
        "held": found.held.as_ref().map(figures), "trials": trials.collect::<Vec<_>>()})
}

fn figures(trial: &Trial) -> Value {
    let operation =
        |(name, median, p99): &(String, f64, f64)| json!({"operation": name, "p50": median, "p99": p99});
    json!({"rate": trial.rate, "seconds": trial.seconds, "right": trial.right, "wrong": trial.wrong,
        "dropped": trial.dropped, "p50": trial.median, "p99": trial.p99,
        "operations": trial.operations.iter().map(operation).collect::<Vec<_>>()})
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
