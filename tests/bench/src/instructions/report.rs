//! The counts as tables and as JSON.

use super::{Measured, record};
use crate::latency::subject::Operation;
use crate::report::{self, Part};
use crate::table::Table;
use serde_json::{Value, json};
use std::path::Path;

/// Functions that are named for each operation.
const NAMED: usize = 10;
/// Longer names lose their middle.
const NAME: usize = 100;

/// The most that an operation may take, as a multiple of the bare function.
fn limit(operation: Operation) -> f64 {
    if operation == Operation::Status { 1.1 } else { 1.15 }
}

/// Prints the report and writes it as `instructions.md` and `instructions.json`.
pub fn write(out: &Path, valgrind: &str, all: &[Measured]) -> Result<(), String> {
    let notes = format!(
        "Instructions of one warm request, by {valgrind}: the mean over requests to one process, without the slow hash. \
         Bare Rust makes the same DynamoDB calls and nothing else. Below: the functions that take the most by themselves.\n"
    );
    let parts = [Part::Table(judged(all)), Part::Text(notes), Part::Table(hottest(all))];
    report::write(out, "instructions", &parts, &data(valgrind, all))
}

fn judged(all: &[Measured]) -> Table {
    let mut table = Table::new(1, &["operation", "this service", "bare Rust", "times", "at most", "verdict"]);
    for measured in all {
        let (ratio, limit) = (ratio(measured), limit(measured.operation));
        table.row(vec![
            measured.operation.name().to_owned(),
            format!("{:.0}", measured.service.total()),
            format!("{:.0}", measured.bare.total()),
            format!("{ratio:.3}"),
            limit.to_string(),
            if ratio <= limit { "met" } else { "missed" }.to_owned(),
        ]);
    }
    table
}

fn ratio(measured: &Measured) -> f64 {
    measured.service.total() / measured.bare.total()
}

fn hottest(all: &[Measured]) -> Table {
    let mut table = Table::new(2, &["operation", "function", "instructions", "%"]);
    for measured in all {
        for (name, count) in measured.service.hottest(NAMED) {
            let share = 100.0 * count / measured.service.total();
            let name = format!("`{}`", short(name));
            table.row(vec![
                measured.operation.name().to_owned(),
                name,
                format!("{count:.0}"),
                format!("{share:.1}"),
            ]);
        }
    }
    table
}

fn short(name: &str) -> String {
    let letters: Vec<_> = name.chars().collect();
    if letters.len() <= NAME {
        return name.to_owned();
    }
    let (start, end) = (&letters[..NAME / 2], &letters[letters.len() - NAME / 2..]);
    format!("{}…{}", start.iter().collect::<String>(), end.iter().collect::<String>())
}

fn data(valgrind: &str, all: &[Measured]) -> Value {
    let bare = all
        .iter()
        .map(|measured| (measured.operation.name().to_owned(), json!(measured.bare.total().round())));
    let hottest = all.iter().map(|measured| {
        let named = measured.service.hottest(NAMED).iter();
        let named = named.map(|(name, count)| json!({"function": name, "instructions": count.round()}));
        (measured.operation.name().to_owned(), named.collect::<Value>())
    });
    json!({
        "valgrind": valgrind,
        "service": record::of(all),
        "bare": bare.collect::<Value>(),
        "hottest": hottest.collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::profile::Profile;
    use super::*;

    fn measured(operation: Operation, service: u64, bare: u64) -> Measured {
        let request = |cost| Profile::parse(&format!("fn=read\n0 {cost}\n")).since(&Profile::default(), 1);
        Measured { operation, service: request(service), bare: request(bare) }
    }

    #[test]
    fn each_operation_is_judged_by_its_own_limit() {
        let all = [measured(Operation::Status, 112, 100), measured(Operation::SetPin, 112, 100)];
        let expected = "operation  this service  bare Rust  times  at most  verdict\n\
                        status              112        100  1.120      1.1   missed\n\
                        set-pin             112        100  1.120     1.15      met\n";
        assert_eq!(judged(&all).text(), expected);
        assert_eq!(data("v", &all)["service"], json!({"status": 112.0, "set-pin": 112.0}));
    }

    #[test]
    fn a_long_name_keeps_its_ends() {
        let name = format!("<{}>::poll", "a".repeat(200));
        let short = short(&name);
        assert_eq!(short.chars().count(), NAME + 1);
        assert!(short.starts_with("<a") && short.ends_with(">::poll"), "{short}");
    }
}
