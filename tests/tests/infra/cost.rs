//! What `infra/README.md` says that it costs.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::alarms::watched;
use crate::expanded_template::{EXPANDED, root};
use crate::filters::emitted;
use crate::routes::deployed;

#[test]
fn the_readme_shows_what_its_script_computes() {
    let output = Command::new("python3").arg(root().join("infra/cost.py")).output().expect("python3");
    let computed = String::from_utf8_lossy(&output.stdout).into_owned();
    let readme = fs::read_to_string(root().join("infra/README.md")).expect("the README");
    assert!(output.status.success() && computed.lines().count() > 15, "{computed}");
    assert!(readme.contains(&format!("$ python3 infra/cost.py\n{computed}")), "{computed}");
}

#[test]
fn what_is_paid_by_the_month_is_counted_in_the_template() {
    let output =
        Command::new("python3").arg(root().join("infra/cost.py")).arg("--counts").output().expect("python3");
    let counted: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let of = |kind: &str| EXPANDED.json.of_type(kind);
    let alarms = of("AWS::CloudWatch::Alarm");
    let metrics: BTreeSet<_> = emitted(&EXPANDED.json).into_iter().collect();
    let rotated = |(_, key): &&(&str, &Value)| key["Properties"]["EnableKeyRotation"] == true;
    let expected = json!({
        "alarm metrics": alarms.iter().map(|(_, alarm)| watched(&alarm["Properties"]).len()).sum::<usize>(),
        "metrics": metrics.len(),
        "routes": deployed(&EXPANDED).len(),
        "keys": of("AWS::KMS::Key").len(),
        "rotated keys": of("AWS::KMS::Key").iter().filter(rotated).count(),
        "dashboards": of("AWS::CloudWatch::Dashboard").len(),
        "pipes": of("AWS::Pipes::Pipe").len(),
    });
    assert_eq!(counted, expected);
}
