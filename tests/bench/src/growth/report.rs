//! The figures as tables and as JSON, and whether the target is met.

use super::measure::{Measured, operations};
use super::store::{ROUNDS, Store};
use crate::report::{self, Part};
use crate::stats::Samples;
use crate::table::Table;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The target: the median at the largest size over the one at the smallest.
const TARGET: f64 = 1.3;

/// Operations that make one hash.
const HASHING: [&str; 3] = ["set-pin", "port-out", "largest account: port-out"];

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
        "port-outs",
        "of the largest account",
        "items",
        "billed, MB",
        "engine's file, MB",
        "filled in, s",
        "items a second",
    ];
    let mut table = Table::new(0, &headings);
    for filled in stores.iter().map(|store| &store.filled) {
        let ([all, largest], seconds) = (filled.port_outs(), filled.time.as_secs_f64());
        table.row(vec![
            filled.plan.accounts.to_string(),
            all.to_string(),
            largest.to_string(),
            filled.items.to_string(),
            (filled.billed_bytes / 1_000_000).to_string(),
            (filled.file_bytes / 1_000_000).to_string(),
            format!("{seconds:.1}"),
            format!("{:.0}", filled.items as f64 / seconds),
        ]);
    }
    table
}

fn explanation(measured: &Measured) -> String {
    format!(
        "Milliseconds from the event to the answer, {} calls of each operation at each size, in turns; every answer was \
         compared with the expected one. Status, set-pin and port-out are each on an account that nothing has touched \
         before. The largest account has a tenth of all port-outs, and one carrier made them all. The hash is made with \
         {ROUNDS} rounds, the least allowed, and alone takes {:.1} ms; only set-pin and port-outs make one.\n",
        measured.hash.count(),
        measured.hash.median(),
    )
}

fn times(stores: &[Store], measured: &Measured) -> Table {
    let headings = [
        "operation",
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
    for (place, operation) in operations().enumerate() {
        for (store, times) in stores.iter().zip(&measured.times) {
            let mut cells = vec![operation.to_owned(), store.filled.plan.accounts.to_string()];
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
    if HASHING.contains(&operation) { measured.hash.median() } else { 0.0 }
}

fn verdicts(stores: &[Store], measured: &Measured) -> (String, bool) {
    let (first, last) = (&measured.times[0], measured.times.last().expect("a size"));
    let size = |store: Option<&Store>| store.map_or(0, |store| store.filled.plan.accounts);
    let (smallest, largest) = (size(stores.first()), size(stores.last()));
    let (mut text, mut all_met) = (String::new(), true);
    for (place, operation) in operations().enumerate() {
        let [whole, bare] = ratios(&last[place], &first[place], hash_of(operation, measured));
        let met = whole <= TARGET;
        all_met &= met;
        let verdict = if met { "met" } else { "MISSED" };
        // Two spaces end the line in Markdown.
        text += &format!(
            "{verdict}: {operation}: the median with {largest} accounts is {whole:.2} times that with {smallest} \
             (target: {TARGET}); without the hash {bare:.2} times.  \n"
        );
    }
    (text, all_met)
}

fn data(stores: &[Store], measured: &Measured, met: bool) -> Value {
    let stores = stores.iter().zip(&measured.times).map(|(store, times)| {
        let filled = &store.filled;
        let operations =
            operations().zip(times).map(|(name, times)| (name.to_owned(), figures(times)));
        let [port_outs, largest] = filled.port_outs();
        json!({"accounts": filled.plan.accounts, "port_outs": port_outs, "of_largest_account": largest,
            "items": filled.items, "billed_bytes": filled.billed_bytes, "file_bytes": filled.file_bytes, "fill_seconds": filled.time.as_secs_f64(),
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
