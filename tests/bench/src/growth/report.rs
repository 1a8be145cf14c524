//! The figures as a table, for people, and as JSON, for whoever draws them; and the verdict.

use crate::args::{Options, TARGET};
use crate::figures::Times;
use crate::measure::{Measured, OPERATIONS};
use crate::subject::{ROUNDS, Subject};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;

/// Prints and writes everything; whether the target is met.
pub fn write(options: &Options, subjects: &[Subject], measured: &Measured) -> bool {
    let mut text = stores(subjects);
    text += &times(subjects, measured);
    let (verdicts, met) = verdicts(subjects, measured);
    text += &verdicts;
    println!("\n{text}");
    fs::create_dir_all(&options.output).expect("no folder for the report");
    fs::write(options.output.join("growth.md"), &text).expect("no growth.md");
    let json = json(subjects, measured, met);
    fs::write(options.output.join("growth.json"), format!("{json:#}\n")).expect("no growth.json");
    println!("written to {}/growth.md and growth.json", options.output.display());
    met
}

fn stores(subjects: &[Subject]) -> String {
    let mut text = String::from(
        "| accounts | items | billed bytes an account | engine's file, MB | filled in, s | items a second |\n\
         |---:|---:|---:|---:|---:|---:|\n",
    );
    for filled in subjects.iter().map(|subject| &subject.filled) {
        let seconds = filled.time.as_secs_f64();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {seconds:.1} | {:.0} |",
            filled.accounts,
            filled.items,
            filled.billed_bytes as u64 / filled.accounts,
            filled.file_bytes / 1_000_000,
            filled.items as f64 / seconds
        );
    }
    text
}

fn times(subjects: &[Subject], measured: &Measured) -> String {
    let hash = measured.hash.median();
    let mut text = format!(
        "\nMilliseconds from the event to the answer, {} calls of each function at each size, taken in turn, each on \
         another account; every answer was compared with the expected one. The hash is made with {ROUNDS} rounds, the \
         least allowed, and alone takes {hash:.1} ms; status makes none.\n\n\
         | function | accounts | p50 | its 95 % range | p90 | p99 | max | p50 more than the smallest, ms | times the smallest | without the hash |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        measured.hash.count(),
    );
    for (place, operation) in OPERATIONS.iter().enumerate() {
        for (subject, times) in subjects.iter().zip(&measured.times) {
            let (times, first) = (&times[place], &measured.times[0][place]);
            let (low, high) = times.median_range();
            let (p90, p99, max) = (times.percentile(0.9), times.percentile(0.99), times.max());
            let [whole, bare] = ratios(times, first, hash_of(operation, hash));
            let _ = writeln!(
                text,
                "| {operation} | {} | {:.2} | {low:.2}-{high:.2} | {p90:.2} | {p99:.2} | {max:.2} | {:+.2} | {whole:.2} | {bare:.2} |",
                subject.filled.accounts,
                times.median(),
                times.median() - first.median(),
            );
        }
    }
    text
}

/// The median over that of the smallest store; with the hash, and without.
fn ratios(times: &Times, first: &Times, hash: f64) -> [f64; 2] {
    [0.0, hash].map(|hash| (times.median() - hash) / (first.median() - hash))
}

fn hash_of(operation: &str, hash: f64) -> f64 {
    if operation == "status" { 0.0 } else { hash }
}

fn verdicts(subjects: &[Subject], measured: &Measured) -> (String, bool) {
    let mut text = String::from("\n");
    let mut all = true;
    let (first, last) = (&measured.times[0], measured.times.last().expect("a size"));
    let largest = subjects.last().map_or(0, |subject| subject.filled.accounts);
    for (place, operation) in OPERATIONS.iter().enumerate() {
        let [whole, bare] = ratios(&last[place], &first[place], hash_of(operation, measured.hash.median()));
        let met = whole <= TARGET;
        all &= met;
        let _ = writeln!(
            text,
            "{}: the median of {operation} with {largest} accounts is {whole:.2} times that with {} (target: {TARGET}); \
             without the hash {bare:.2} times.  ",
            if met { "met" } else { "MISSED" },
            subjects[0].filled.accounts,
        );
    }
    (text, all)
}

fn json(subjects: &[Subject], measured: &Measured, met: bool) -> Value {
    let stores = subjects.iter().zip(&measured.times).map(|(subject, times)| {
        let filled = &subject.filled;
        let operations =
            OPERATIONS.iter().zip(times).map(|(name, times)| ((*name).to_owned(), figures(times)));
        json!({"accounts": filled.accounts, "items": filled.items, "billed_bytes": filled.billed_bytes,
            "file_bytes": filled.file_bytes, "fill_seconds": filled.time.as_secs_f64(),
            "milliseconds": operations.collect::<serde_json::Map<_, _>>()})
    });
    json!({"target": TARGET, "met": met, "rounds": ROUNDS, "hash_milliseconds": figures(&measured.hash),
        "stores": stores.collect::<Vec<_>>()})
}

fn figures(times: &Times) -> Value {
    let (low, high) = times.median_range();
    json!({"repetitions": times.count(), "p50": times.median(), "p50_low": low, "p50_high": high,
        "p90": times.percentile(0.9), "p99": times.percentile(0.99), "max": times.max()})
}
