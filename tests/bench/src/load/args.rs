//! What the command is told.

use crate::trial::Mix;
use std::path::{Path, PathBuf};

pub const HELP: &str = "\
Finds the highest rate that the local stack (`local run`, 8 processes a function at most) holds for a minute: 99th
percentile under three times that of an unloaded stack, no call dropped, no answer wrong.

  load            status reads alone, then a mix with set-pin and port-outs: about 15 minutes
  load --quick    shorter trials: a rehearsal

  --only MIX           status or mixed, not both
  --processes N        of each function, at most (8)
  --k6 FILE            the load generator (.tools/bench/bin/k6)
  --output FOLDER      where load.md and load.json go (target/bench)

Call it in the repository. The stack is the one of CARGO_TARGET_DIR, or of target, and has a data folder and a port of
its own. With CARGO_PROFILE_DEV_OPT_LEVEL=3 and another CARGO_TARGET_DIR it is an optimised one.
";

/// The target: the loaded 99th percentile over the unloaded one.
pub const TARGET: f64 = 3.0;

pub struct Options {
    pub mixes: Vec<Mix>,
    pub processes: u16,
    pub k6: PathBuf,
    pub output: PathBuf,
    /// `local`, and cargo-lambda to run it with.
    pub local: PathBuf,
    pub cargo_lambda: PathBuf,
    /// Seconds of the unloaded measurement, of a trial, and of the last word.
    pub unloaded: u64,
    pub trial: u64,
    pub hold: u64,
}

pub enum Command {
    Help,
    Load(Options),
}

impl Command {
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options::usual();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "-h" | "--help" => return Ok(Self::Help),
                "--quick" => (options.unloaded, options.trial, options.hold) = (15, 5, 15),
                "--processes" => {
                    options.processes = value()?.parse().map_err(|_| "--processes takes a number")?;
                }
                "--only" => {
                    let name = value()?;
                    options.mixes.retain(|mix| mix.name() == name);
                }
                "--k6" => options.k6 = value()?.into(),
                "--output" => options.output = value()?.into(),
                _ => return Err(format!("there is no option {word}")),
            }
        }
        options.check()?;
        Ok(Self::Load(options))
    }
}

impl Options {
    fn usual() -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        let target = Path::new(&target);
        let cargo_lambda = std::env::var_os("CARGO_LAMBDA").map(PathBuf::from);
        Self {
            mixes: vec![Mix::Status, Mix::Mixed],
            processes: 8,
            k6: ".tools/bench/bin/k6".into(),
            output: target.join("bench"),
            local: target.join("debug/local"),
            cargo_lambda: cargo_lambda.unwrap_or_else(|| ".venv/bin/cargo-lambda".into()),
            unloaded: 60,
            trial: 15,
            hold: 60,
        }
    }

    fn check(&mut self) -> Result<(), String> {
        if self.mixes.is_empty() {
            return Err("--only takes status or mixed".to_owned());
        }
        for (program, remedy) in [
            (&mut self.k6, "make .tools/bench/ok"),
            (&mut self.local, "cargo build --bin local"),
            (&mut self.cargo_lambda, "make cargo-lambda"),
        ] {
            let missing = |_| format!("{} is missing: `{remedy}` makes it", program.display());
            *program = program.canonicalize().map_err(missing)?;
        }
        Ok(())
    }
}
