//! The record of an earlier run, which later ones must not exceed by much.

use super::Measured;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The most that an operation may take, as a multiple of the record.
const MOST: f64 = 1.05;

/// Instructions of this service by operation.
#[derive(Debug)]
pub struct Record(Map<String, Value>);

/// Returns this service's instructions, to be recorded.
pub fn of(all: &[Measured]) -> Value {
    all.iter()
        .map(|measured| (measured.operation.name().to_owned(), json!(measured.service.total().round())))
        .collect()
}

/// Reads a record.
pub fn read(path: &Path) -> Result<Record, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let json = serde_json::from_str::<Value>(&text).ok();
    let record = json.and_then(|mut json| Some(Record(json["service"].as_object_mut().map(std::mem::take)?)));
    record.ok_or_else(|| format!("{} is not a record of instructions", path.display()))
}

impl Record {
    /// Fails if an operation takes over 5 % more than recorded, and names each one.
    pub fn check(&self, all: &[Measured]) -> Result<(), String> {
        let measured = all.iter().map(|measured| (measured.operation.name(), measured.service.total()));
        let failures: Vec<_> = measured.filter_map(|(name, now)| self.failure(name, now)).collect();
        if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
    }

    fn failure(&self, name: &str, now: f64) -> Option<String> {
        let Some(before) = self.0.get(name).and_then(Value::as_f64) else {
            return Some(format!("{name} is not in the record; `make bench-instructions` records it"));
        };
        let ratio = now / before;
        println!("{name}: {now:.0} instructions, {ratio:.3} times the record");
        (ratio > MOST).then(|| {
            format!("{name} takes {now:.0} instructions, {ratio:.3} times the record of {before:.0}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_percent_more_is_allowed_and_no_more_than_that() {
        let record = Record(json!({"status": 1000}).as_object().cloned().unwrap());
        assert_eq!([900.0, 1050.0].map(|now| record.failure("status", now)), [None, None]);
        let expected = "status takes 1051 instructions, 1.051 times the record of 1000";
        assert_eq!(record.failure("status", 1051.0).as_deref(), Some(expected));
        let missing = "set-pin is not in the record; `make bench-instructions` records it";
        assert_eq!(record.failure("set-pin", 1.0).as_deref(), Some(missing));
    }
}
