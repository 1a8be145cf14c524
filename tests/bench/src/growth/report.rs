//! The figures as tables and as JSON, and whether the target is met.

use super::measure::{Measured, OPERATIONS};
use super::store::{ROUNDS, Store};
use crate::report::{self, Part};
use crate::stats::Samples;
use crate::table::Table;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The target: the median at the largest size over the one at the smallest.
const TARGET: f64 = 1.3;

/// Prints the report, writes it as `growth.md` and `growth.json`, and returns whether the target is met.
pub fn write(out: &Path, stores: &[Store], measured: &Measured) -> Result<bool, String> {
    let (verdicts, met) = verdicts(stores, measured);
    let parts = [
        Part::Table(filled(stores)),
        Part::Text(explanation(measured)),
        Part::Table(times(stores, measured)),
        Part::Text(verdicts),
    ];
    report::write(out, "growth", &parts, &data(stores, measured, met))?;
    Ok(met)
}

fn filled(stores: &[Store]) -> Table {
    let headings = [
        "accounts",
        "items",
        "billed bytes an account",
        "engine's file, MB",
        "filled in, s",
        "items a second",
    ];
    let mut table = Table::new(0, &headings);
    for filled in stores.iter().map(|store| &store.filled) {
        let seconds = filled.time.as_secs_f64();
        table.row(vec![
            filled.accounts.to_string(),
            filled.items.to_string(),
            (filled.billed_bytes as u64 / filled.accounts).to_string(),
            (filled.file_bytes / 1_000_000).to_string(),
            format!("{seconds:.1}"),
            format!("{:.0}", filled.items as f64 / seconds),
        ]);
    }
    table
}

fn explanation(measured: &Measured) -> String {
    format!(
        "Milliseconds from the event to the answer, {} calls of each function at each size, in turns, each on another \
         account; every answer was compared with the expected one. The hash is made with {ROUNDS} rounds, the least \
         allowed, and alone takes {:.1} ms; status makes none.\n",
        measured.hash.count(),
        measured.hash.median(),
    )
}

fn times(stores: &[Store], measured: &Measured) -> Table {
    let headings = [
        "function",
        "accounts",
        "p50",
        "its 95 % range",
        "p90",
        "p99",
        "max",
        "p50 more than the smallest, ms",
        "times the smallest",
        "without the hash",
    ];
    let mut table = Table::new(1, &headings);
    for (place, operation) in OPERATIONS.iter().enumerate() {
        for (store, times) in stores.iter().zip(&measured.times) {
            let mut cells = vec![(*operation).to_owned(), store.filled.accounts.to_string()];
            cells.extend(cells_of(&times[place], &measured.times[0][place], hash_of(operation, measured)));
            table.row(cells);
        }
    }
    table
}

fn cells_of(times: &Samples, first: &Samples, hash: f64) -> Vec<String> {
    let range = times.median_range();
    let more = times.median() - first.median();
    let mut cells = vec![format!("{:.2}", range.middle), format!("{:.2}-{:.2}", range.least, range.most)];
    cells.extend([90, 99, 100].map(|percent| format!("{:.2}", times.percentile(percent))));
    cells.push(format!("{more:+.2}"));
    cells.extend(ratios(times, first, hash).map(|ratio| format!("{ratio:.2}")));
    cells
}

/// Returns the median over that of the smallest store, with the hash and without.
fn ratios(times: &Samples, first: &Samples, hash: f64) -> [f64; 2] {
    [0.0, hash].map(|hash| (times.median() - hash) / (first.median() - hash))
}

fn hash_of(operation: &str, measured: &Measured) -> f64 {
    if operation == "status" { 0.0 } else { measured.hash.median() }
}

fn verdicts(stores: &[Store], measured: &Measured) -> (String, bool) {
    let (first, last) = (&measured.times[0], measured.times.last().expect("a size"));
    let size = |store: Option<&Store>| store.map_or(0, |store| store.filled.accounts);
    let (smallest, largest) = (size(stores.first()), size(stores.last()));
    let (mut text, mut all_met) = (String::new(), true);
    for (place, operation) in OPERATIONS.iter().enumerate() {
        let [whole, bare] = ratios(&last[place], &first[place], hash_of(operation, measured));
        let met = whole <= TARGET;
        all_met &= met;
        let verdict = if met { "met" } else { "MISSED" };
        // Two spaces end the line in Markdown.
        text += &format!(
            "{verdict}: the median of {operation} with {largest} accounts is {whole:.2} times that with {smallest} \
             (target: {TARGET}); without the hash {bare:.2} times.  \n"
        );
    }
    (text, all_met)
}

fn data(stores: &[Store], measured: &Measured, met: bool) -> Value {
    let stores = stores.iter().zip(&measured.times).map(|(store, times)| {
        let filled = &store.filled;
        let operations =
            OPERATIONS.iter().zip(times).map(|(name, times)| ((*name).to_owned(), figures(times)));
        json!({"accounts": filled.accounts, "items": filled.items, "billed_bytes": filled.billed_bytes,
            "file_bytes": filled.file_bytes, "fill_seconds": filled.time.as_secs_f64(),
            "milliseconds": operations.collect::<Map<_, _>>()})
    });
    json!({"target": TARGET, "met": met, "rounds": ROUNDS, "hash_milliseconds": figures(&measured.hash),
        "stores": stores.collect::<Vec<_>>()})
}

fn figures(times: &Samples) -> Value {
    let range = times.median_range();
    json!({"repetitions": times.count(), "p50": range.middle, "p50_low": range.least, "p50_high": range.most,
        "p90": times.percentile(90), "p99": times.percentile(99), "max": times.max()})
}
