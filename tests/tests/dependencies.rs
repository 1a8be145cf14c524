//! What we depend on: licences that anybody may ship, one crypto library in the functions, and everything locked.

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// Permissive licences; an expression is fine if one of its alternatives consists of these.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn cargo(arguments: &[&str]) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// AND binds tighter than OR, unless parentheses say otherwise; no licence text nests them.
fn is_permissive(licence: &str) -> bool {
    let one = |name: &str| LICENCES.contains(&name.trim_matches(['(', ')', ' ']));
    let licence = licence.replace('/', " OR ");
    if licence.contains('(') {
        licence.split(" AND ").all(|part| part.split(" OR ").any(one))
    } else {
        licence.split(" OR ").any(|choice| choice.split(" AND ").all(one))
    }
}

#[test]
fn every_dependency_has_a_permissive_licence() {
    let metadata = cargo(&["metadata", "--locked", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "only {} packages", packages.len());
    let bad = |package: &&Value| !package["license"].as_str().is_some_and(is_permissive);
    let bad: Vec<_> =
        packages.iter().filter(bad).map(|p| format!("{} {}", p["name"], p["license"])).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn an_expression_is_permissive_only_if_one_whole_alternative_is() {
    assert!(is_permissive("MIT OR GPL-3.0") && is_permissive("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(!is_permissive("GPL-3.0") && !is_permissive("MIT AND GPL-3.0"));
    assert!(!is_permissive("(MIT OR Apache-2.0) AND GPL-3.0"));
}

#[test]
fn the_functions_carry_one_crypto_library_and_one_http_stack() {
    let functions = ["set-pin", "status", "port-out", "provision"];
    let selected: Vec<_> = functions.iter().flat_map(|name| ["-p", name]).collect();
    let arguments =
        [["tree", "--locked", "-e", "normal", "--prefix", "none", "-f", "{p}"].as_slice(), &selected];
    let tree = cargo(&arguments.concat());
    let crates: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("ring") && crates.contains("rustls"), "{tree}");
    for unwanted in
        ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls", "dynoxide-rs", "axum", "reqwest"]
    {
        assert!(!crates.contains(unwanted), "{unwanted}");
    }
    for single in ["hyper v", "rustls v", "http v"] {
        let versions: BTreeSet<_> = tree
            .lines()
            .filter(|line| line.starts_with(single))
            .map(|line| line.trim_end_matches(" (*)"))
            .collect();
        assert_eq!(versions.len(), 1, "{versions:?}");
    }
}
