//! What the command is told.

use crate::accounts;
use std::path::{Path, PathBuf};

pub const HELP: &str = "\
Times status, set-pin and port-out as real processes on stores of different sizes, turn and turn about.

  growth            1,000, 100,000 and 1,000,000 accounts of ten numbers each: about 10 GB of disk, 5 minutes
  growth --quick    1,000, 10,000 and 100,000 accounts, fewer repetitions: a rehearsal
  growth --sizes    instead of times: the bytes that DynamoDB would bill for each item and operation

  --accounts N,N,…      other sizes, the smallest first
  --repetitions N       of each operation at each size (300; 100 with --quick)
  --binaries FOLDER     where the optimised functions are (target/release)
  --folder FOLDER       where the stores are while it runs (the system's folder for temporary files)
  --output FOLDER       where growth.md and growth.json go (target/bench)
";

/// The target: the median at the largest size over the one at the smallest.
pub const TARGET: f64 = 1.3;

pub struct Options {
    pub accounts: Vec<u64>,
    pub repetitions: u64,
    pub binaries: PathBuf,
    pub folder: PathBuf,
    pub output: PathBuf,
}

pub enum Command {
    Help,
    Sizes(Options),
    Growth(Options),
}

impl Command {
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options::usual();
        let mut sizes = false;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "-h" | "--help" => return Ok(Self::Help),
                "--quick" => {
                    (options.accounts, options.repetitions) = (vec![1_000, 10_000, 100_000], 100);
                }
                "--sizes" => sizes = true,
                "--accounts" => {
                    options.accounts = value()?.split(',').map(number).collect::<Result<_, _>>()?;
                }
                "--repetitions" => options.repetitions = number(&value()?)?,
                "--binaries" => options.binaries = value()?.into(),
                "--folder" => options.folder = value()?.into(),
                "--output" => options.output = value()?.into(),
                _ => return Err(format!("there is no option {word}")),
            }
        }
        options.check()?;
        Ok(if sizes { Self::Sizes(options) } else { Self::Growth(options) })
    }
}

impl Options {
    fn usual() -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        let target = Path::new(&target);
        Self {
            accounts: vec![1_000, 100_000, 1_000_000],
            repetitions: 300,
            binaries: target.join("release"),
            folder: std::env::temp_dir(),
            output: target.join("bench"),
        }
    }

    /// Every round needs an account that no other round touched, in the smallest store too.
    fn check(&self) -> Result<(), String> {
        if !self.accounts.is_sorted() || self.accounts.is_empty() {
            return Err("--accounts names sizes from the smallest to the largest".to_owned());
        }
        if self.accounts[0] < 2 * (self.repetitions + crate::measure::WARM_UP) {
            return Err("the smallest size must be twice the repetitions and more".to_owned());
        }
        if self.accounts.iter().any(|accounts| *accounts > accounts::MOST) {
            return Err(format!("there are telephone numbers for {} accounts only", accounts::MOST));
        }
        Ok(())
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| format!("{text} is no number"))
}
