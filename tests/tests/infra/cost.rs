//! What `infra/README.md` says that it costs.

use std::fs;
use std::process::Command;

use crate::expanded_template::root;

#[test]
fn the_readme_shows_what_its_script_computes() {
    let output = Command::new("python3").arg(root().join("infra/cost.py")).output().expect("python3");
    let computed = String::from_utf8_lossy(&output.stdout).into_owned();
    let readme = fs::read_to_string(root().join("infra/README.md")).expect("the README");
    assert!(output.status.success() && computed.lines().count() > 15, "{computed}");
    assert!(readme.contains(&format!("$ python3 infra/cost.py\n{computed}")), "{computed}");
}
