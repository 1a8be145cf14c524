//! `bench growth`: what a thousand times more accounts and port-outs do to the time that an answer takes.

mod accounts;
mod billing;
mod event_pages;
mod fill;
mod history;
mod largest;
mod measure;
mod pages;
mod pattern;
mod plan;
mod recording;
mod report;
mod sizes;
mod store;
mod template;

use crate::args::{beside_this_program, target};
use crate::call;
use std::path::PathBuf;

pub const HELP: &str = "\
Times the functions as real processes on stores of different sizes, in turns: status, set-pin and port-out on accounts
that nothing has touched, and lists, look-ups, events and port-outs of the account with a tenth of all port-outs.

usage: bench growth [options]

  --quick           1,000 and 10,000 accounts, fewer repetitions: a rehearsal
  --sizes           instead of times: the bytes that DynamoDB would bill for each item and operation
  --accounts N,N    the sizes, the smallest first (default: 1,000, 10,000 and 1,000,000 accounts with two numbers and
                    on average ten port-outs each, which takes 35 GB of disk and half an hour)
  --repetitions N   of each operation at each size (default: 300; 100 with --quick)
  --binaries DIR    the folder of the functions (default: beside this program)
  --folder DIR      the folder for the stores while it runs (default: the system's folder for temporary files)
  --out DIR         the folder for growth.md and growth.json (default: target/bench)
";

/// What to measure.
#[derive(Debug)]
pub struct Options {
    pub accounts: Vec<u64>,
    pub repetitions: u64,
    pub sizes: bool,
    pub binaries: PathBuf,
    pub folder: PathBuf,
    pub out: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            accounts: vec![1_000, 10_000, 1_000_000],
            repetitions: 300,
            sizes: false,
            binaries: beside_this_program(),
            folder: std::env::temp_dir(),
            out: target().join("bench"),
        }
    }
}

/// Sizes and repetitions of a rehearsal.
pub fn quick() -> (Vec<u64>, u64) {
    (vec![1_000, 10_000], 100)
}

impl Options {
    /// Fails with the rule that an option breaks.
    pub fn check(&self) -> Result<(), String> {
        let smallest = self.accounts.first().copied().unwrap_or_default();
        // Every round needs an account that no other round touched, in the smallest store too.
        let most = (smallest.saturating_sub(1) / 2).saturating_sub(measure::WARM_UP);
        if !self.accounts.is_sorted() {
            return Err("--accounts must list sizes from the smallest to the largest".to_owned());
        }
        if self.accounts.iter().any(|accounts| *accounts > accounts::MOST) {
            return Err(format!(
                "--accounts must be at most {}: no more have names and numbers",
                accounts::MOST
            ));
        }
        if smallest < largest::least_accounts() {
            return Err(format!("--accounts must be at least {}", largest::least_accounts()));
        }
        if self.repetitions == 0 {
            return Err("--repetitions must be at least 1".to_owned());
        }
        if self.repetitions > most {
            return Err(format!("--repetitions must be at most {most} with {smallest} accounts"));
        }
        Ok(())
    }
}

/// Measures and reports; fails if a target is missed.
pub async fn run(options: &Options) -> Result<(), String> {
    if options.sizes {
        sizes::print(options).await;
        return Ok(());
    }
    let due = call::due_date();
    let mut stores = store::all(options, &due).await?;
    let measured = measure::run(&mut stores, options.repetitions, &due).await?;
    if report::write(&options.out, &stores, &measured)? {
        Ok(())
    } else {
        Err("a target is missed".to_owned())
    }
}
