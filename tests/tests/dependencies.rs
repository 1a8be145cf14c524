//! What the functions depend on: one TLS stack, one HTTP stack without HTTP/2, and nothing that belongs to tests or the
//! local stack.
//!
//! `deny.toml` covers the rest: licenses, sources, and crates that nothing in the workspace may use.

use std::collections::BTreeSet;
use std::process::Command;

use runtime::http::endpoint::BINARIES;

fn cargo(arguments: &[&str]) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the crates of a build with their features.
fn built(packages: &[&str], edges: &str) -> BTreeSet<String> {
    let tree = ["tree", "--locked", "-e", edges, "--prefix", "none", "-f", "{p} {f}"];
    let tree = cargo(&[&tree, packages].concat());
    tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

#[test]
fn builds_of_the_functions_of_all_tests_and_of_one_suite_share_their_crates() {
    let all = built(&["--workspace"], "normal,build,dev");
    for build in [built(&["--workspace"], "normal,build"), built(&["-p", "tests"], "normal,build")] {
        assert_eq!(build.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}

#[test]
fn the_functions_carry_one_tls_stack_and_one_http_stack() {
    let functions = BINARIES;
    let selected: Vec<_> = functions.iter().flat_map(|name| ["-p", name]).collect();
    let arguments =
        [["tree", "--locked", "-e", "normal", "--prefix", "none", "-f", "{p}"].as_slice(), &selected];
    let tree = cargo(&arguments.concat());
    let crates: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("ring") && crates.contains("rustls"), "{tree}");
    for unwanted in ["dynoxide-rs", "axum", "reqwest", "h2"] {
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
