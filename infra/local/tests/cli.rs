//! The command line of `local`: its help, and the errors of a wrong call.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program in the repository, with a temporary data folder and no other setting.
fn local(arguments: &[&str]) -> Output {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    for name in ["ROLE", "ACCOUNT", "SPID", "PORT", "DYNAMODB_ENDPOINT", "CONCURRENCY", "CARGO_LAMBDA"] {
        command.env_remove(name);
    }
    command.env("DATA_DIR", data.path()).output().unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = local(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_is_printed_wherever_it_is_asked_for() {
    let help = stdout(&["--help"]);
    assert!(help.starts_with("Runs the service on this machine."), "{help}");
    let calls: [&[&str]; 6] =
        [&[], &["help"], &["-h"], &["run", "--help"], &["token", "-h"], &["token", "--role", "--help"]];
    for arguments in calls {
        assert_eq!(stdout(arguments), help, "{arguments:?}");
    }
}

#[test]
fn the_calls_of_token_in_the_help_print_tokens() {
    let help = stdout(&["--help"]);
    let calls: Vec<_> = help.lines().filter_map(|line| line.strip_prefix("  local token ")).collect();
    assert_eq!(calls.len(), 4, "{help}");
    for call in calls {
        let (options, _) = call.split_once("  ").unwrap();
        let arguments: Vec<_> = ["token"].into_iter().chain(options.split(' ')).collect();
        let token = stdout(&arguments);
        assert_eq!((token.lines().count(), token.split('.').count()), (1, 3), "{options}: {token}");
    }
}

#[test]
fn a_wrong_call_is_one_line_that_names_the_help_and_exit_code_2() {
    let command = "error: unknown command: `local --help` lists the commands\n";
    let option = "error: unknown or incomplete option of `token`: `local --help` lists the options\n";
    let cases: [(&[&str], &str); 5] = [
        (&["start"], command),
        (&["run", "now"], command),
        (&["token", "--role"], option),
        (&["token", "--name", "CONTOSO"], option),
        (&["token", "--role", "operator", "CONTOSO"], option),
    ];
    for (arguments, expected) in cases {
        let output = local(arguments);
        assert_eq!(String::from_utf8(output.stderr).unwrap(), expected, "{arguments:?}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
}
