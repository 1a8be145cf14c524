//! What the command line asks for.

use std::path::{Path, PathBuf};

/// What `--help` prints.
pub const HELP: &str = "\
Measures the functions beside plain ones in Python and Node, bare ones and the SDK alone, in one run, on the embedded
engine and, if DYNAMODB_ENDPOINT names one, on that engine too. Prints a table and how the targets are met, and writes
both with a plot into a folder. A wrong answer ends the run.

usage: bench [options]
  --out DIR         where bench.md, bench.json and bench.svg go (default: target/bench)
  --binaries DIR    where the functions and the bare ones are, as DIR/NAME/bootstrap or DIR/NAME (default: beside
                    this program)
  --python FILE     a Python that has boto3 and awslambdaric (default: .tools/bench/bin/python)
  --node FILE       Node 20 or later (default: node)
  --quick           few repetitions, under a minute: a look, not a measurement
  --help            this text
";

/// How often things are done; every round has each subject once, or once in a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Of starts with one invocation.
    pub inits: usize,
    /// Of status.
    pub status: usize,
    /// Invocations of one subject in a round of status.
    pub burst: usize,
    /// Of set-PIN and port-out with every round of the hash.
    pub hashed: usize,
    /// Of set-PIN and port-out with the fewest rounds of the hash.
    pub least: usize,
}

const FULL: Rounds = Rounds { inits: 25, status: 100, burst: 10, hashed: 80, least: 200 };
const QUICK: Rounds = Rounds { inits: 2, status: 5, burst: 4, hashed: 3, least: 10 };

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// The measurement.
    Measure(Options),
    /// The embedded engine, for the measurement, until its input ends.
    Engine,
    /// The help.
    Help,
}

/// How to measure.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Where results go.
    pub out: PathBuf,
    /// Where the functions are, and the bare ones.
    pub binaries: PathBuf,
    /// Python.
    pub python: PathBuf,
    /// Node.
    pub node: PathBuf,
    /// How often.
    pub rounds: Rounds,
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

impl Command {
    /// Reads arguments; `beside` is the folder of this program.
    pub fn read(args: impl IntoIterator<Item = String>, beside: &Path) -> Result<Self, String> {
        let mut options = Options {
            out: root().join("target/bench"),
            binaries: beside.to_owned(),
            python: root().join(".tools/bench/bin/python"),
            node: "node".into(),
            rounds: FULL,
        };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let place = match arg.as_str() {
                "engine" => return Ok(Self::Engine),
                "--help" | "-h" => return Ok(Self::Help),
                "--quick" => {
                    options.rounds = QUICK;
                    continue;
                }
                "--out" => &mut options.out,
                "--binaries" => &mut options.binaries,
                "--python" => &mut options.python,
                "--node" => &mut options.node,
                other => return Err(format!("{other} is no option")),
            };
            *place = args.next().ok_or(format!("{arg} lacks its value"))?.into();
        }
        Ok(Self::Measure(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Result<Command, String> {
        Command::read(args.iter().map(|&arg| arg.to_owned()), Path::new("/bin"))
    }

    #[test]
    fn functions_are_looked_for_beside_this_program_and_everything_can_be_elsewhere() {
        let Ok(Command::Measure(usual)) = read(&[]) else { panic!("no measurement") };
        assert_eq!((usual.binaries, usual.rounds), (PathBuf::from("/bin"), FULL));
        let Ok(Command::Measure(quick)) = read(&["--quick", "--out", "x", "--binaries", "y"]) else {
            panic!()
        };
        assert_eq!((quick.out, quick.binaries), (PathBuf::from("x"), PathBuf::from("y")));
        assert_eq!(quick.rounds, QUICK);
    }

    #[test]
    fn help_is_asked_for_and_anything_else_is_refused_by_name() {
        assert_eq!(read(&["--out", "x", "--help"]), Ok(Command::Help));
        assert_eq!(read(&["--fast"]), Err("--fast is no option".to_owned()));
        assert_eq!(read(&["--out"]), Err("--out lacks its value".to_owned()));
        for option in ["--out", "--binaries", "--python", "--node", "--quick"] {
            assert!(HELP.contains(&format!("\n  {option} ")), "{option}");
        }
    }
}
