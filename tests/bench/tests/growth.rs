//! `bench growth` on a small store: the copies are what the functions write, and every answer is the expected one.

use serde_json::Value;
use std::process::Command;

#[test]
fn a_small_store_is_filled_measured_and_reported() {
    let out = tempfile::tempdir().unwrap();
    let mut bench = Command::new(env!("CARGO_BIN_EXE_bench"));
    let bench = bench.args(["growth", "--accounts", "80", "--repetitions", "3", "--out"]).arg(out.path());
    let done = bench.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let report = std::fs::read(out.path().join("growth.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let store = &report["stores"][0];
    let counts = ["accounts", "port_outs", "of_largest_account", "items"].map(|name| store[name].as_u64());
    // An account has four items, a PON and its two port-outs are three, and the largest account has 3 + 3 * 40 events.
    assert_eq!(counts, [80, 800, 80, 80 * 4 + 400 * 3 + 123].map(Some));
    let measured = store["milliseconds"].as_object().unwrap();
    assert_eq!(measured.len(), 12, "{measured:?}");
    assert!(measured.values().all(|times| times["repetitions"] == 3), "{measured:?}");
}
