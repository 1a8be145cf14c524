//! One trial: k6 at one rate for some seconds, and its figures.

use super::Options;
use super::accounts::MOST_ROUNDS;
use serde_json::Value;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// What is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    Status,
    Mixed,
}

impl Mix {
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Mixed => "mixed",
        }
    }
}

/// Calls of a round, of which each mix takes whole ones; as in `load.js`.
const ROUND: u64 = 20;

/// Virtual users: enough for answers of a second, which is far too slow anyway.
const SPARE_USERS: u64 = 20;
const MOST_USERS: u64 = 1_000;

/// Runs trials one after the other, none with the numbers and port-outs of another.
pub struct Trials {
    k6: PathBuf,
    data: PathBuf,
    folder: PathBuf,
    next_call: Cell<u64>,
}

/// The figures of a trial.
#[derive(Clone)]
pub struct Trial {
    pub rate: u64,
    pub seconds: u64,
    pub right: u64,
    pub wrong: u64,
    pub dropped: u64,
    pub median: f64,
    pub p99: f64,
    pub max: f64,
    /// Median and 99th percentile of each operation.
    pub operations: Vec<(String, f64, f64)>,
    /// The first message of k6 about a wrong answer.
    pub complaint: String,
}

impl Trials {
    pub fn new(options: &Options, folder: &Path, data: &Path) -> Self {
        let (folder, data) = (folder.to_owned(), data.to_owned());
        Self { k6: options.k6.clone(), data, folder, next_call: Cell::new(0) }
    }

    pub async fn run(&self, mix: Mix, rate: u64, seconds: u64) -> Result<Trial, String> {
        let first = self.next_call.get();
        if mix == Mix::Mixed {
            // One call more than the rate says may be sent.
            self.next_call.set((first + rate * seconds + 1).next_multiple_of(ROUND));
            if self.next_call.get() > MOST_ROUNDS as u64 * ROUND {
                return Err("this machine is too fast: there are no numbers left to port out".to_owned());
            }
        }
        let summary = self.folder.join("summary.json");
        let mut command = self.k6(mix, first, rate, seconds, &summary);
        let output = command.output().await.map_err(|error| format!("k6 does not run: {error}"))?;
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        let read = std::fs::read(&summary).ok().filter(|_| output.status.success());
        let metrics = read.and_then(|text| serde_json::from_slice(&text).ok());
        let metrics: Value = metrics.ok_or(format!("k6 failed: {log}"))?;
        std::fs::remove_file(&summary).map_err(|error| error.to_string())?;
        Ok(Trial::read(rate, seconds, &metrics, &log))
    }

    fn k6(&self, mix: Mix, first: u64, rate: u64, seconds: u64, summary: &Path) -> Command {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/load/load.js");
        let mut command = Command::new(&self.k6);
        command.args(["run", "--quiet", "--no-usage-report", "--no-color", script]);
        for (name, value) in [
            ("DATA", self.data.display().to_string()),
            ("SUMMARY", summary.display().to_string()),
            ("FIRST", first.to_string()),
            ("MIX", mix.name().to_owned()),
            ("RATE", rate.to_string()),
            ("SECONDS", seconds.to_string()),
            ("USERS", (rate + SPARE_USERS).min(MOST_USERS).to_string()),
        ] {
            command.args(["--env", &format!("{name}={value}")]);
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

impl Trial {
    fn read(rate: u64, seconds: u64, metrics: &Value, log: &str) -> Self {
        let count = |name: &str| metrics[name]["values"]["count"].as_u64().unwrap_or(0);
        let time = |name: &str, which: &str| metrics[name]["values"][which].as_f64().unwrap_or(f64::NAN);
        let operations = ["status", "set_pin", "confirmed", "rejected"].into_iter().filter_map(|operation| {
            let name = format!("time_{operation}");
            (count(&name) > 0).then(|| (operation.to_owned(), time(&name, "med"), time(&name, "p(99)")))
        });
        Self {
            rate,
            seconds,
            right: count("right"),
            wrong: count("wrong"),
            dropped: count("dropped_iterations"),
            median: time("http_req_duration", "med"),
            p99: time("http_req_duration", "p(99)"),
            max: time("http_req_duration", "max"),
            operations: operations.collect(),
            complaint: log.lines().find(|line| line.contains("wrong answer")).unwrap_or_default().to_owned(),
        }
    }

    /// Whether every call was sent on time and answered rightly.
    pub fn is_clean(&self) -> bool {
        self.wrong == 0 && self.dropped == 0 && self.right >= self.rate * self.seconds
    }
}
