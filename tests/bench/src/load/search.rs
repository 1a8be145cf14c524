//! The search for the highest sustained rate: the rate doubles until it is too high, then the gap is halved, and then a
//! minute decides.

use super::Options;
use super::trial::{Mix, Trial, Trials};
use std::io::{Write, stdout};

/// The target: the loaded 99th percentile over the unloaded one.
pub const TARGET: f64 = 3.0;

/// Far under what one core can do.
const UNLOADED: [(Mix, u64); 2] = [(Mix::Status, 5), (Mix::Mixed, 2)];

/// More than any machine that this runs on can sustain.
const HIGHEST: u64 = 8_192;

/// The gap is small enough when the upper rate is this much above the lower one.
const CLOSE: f64 = 1.1;

/// Trials that may decide; after one that failed the next is a sixth slower.
const DECIDING_TRIALS: usize = 6;

pub struct Search<'a> {
    options: &'a Options,
    trials: &'a Trials,
    mix: Mix,
    found: Found,
}

/// Everything that was tried.
pub struct Found {
    pub mix: Mix,
    pub unloaded: Option<Trial>,
    pub trials: Vec<(Trial, bool)>,
    pub sustained: Option<Trial>,
    /// Twice the sustained rate, and then the unloaded one again.
    pub overload: Option<(Trial, Trial)>,
}

impl Found {
    /// Whether every request of the overload was answered rightly, and all times were short again right after it.
    pub fn recovered(&self) -> bool {
        self.overload.as_ref().is_some_and(|(overload, after)| overload.wrong == 0 && self.holds(after))
    }

    fn holds(&self, trial: &Trial) -> bool {
        trial.is_clean() && trial.p99 < self.limit()
    }

    fn limit(&self) -> f64 {
        self.unloaded.as_ref().map_or(0.0, |unloaded| TARGET * unloaded.p99)
    }
}

impl<'a> Search<'a> {
    pub fn new(options: &'a Options, trials: &'a Trials, mix: Mix) -> Self {
        let found = Found { mix, unloaded: None, trials: Vec::new(), sustained: None, overload: None };
        Self { options, trials, mix, found }
    }

    pub async fn run(mut self) -> Result<Found, String> {
        self.warm_up().await?;
        let unloaded = UNLOADED.iter().find(|(mix, _)| *mix == self.mix).map_or(1, |(_, rate)| *rate);
        let trial = self.run_trial(unloaded, self.options.seconds.unloaded).await?;
        println!("p50 {:.1} ms, p99 {:.1} ms, unloaded", trial.median, trial.p99);
        if !trial.is_clean() {
            return Err(format!("unloaded functions drop requests or answer wrongly: {}", trial.complaint));
        }
        self.found.unloaded = Some(trial);
        let (mut held, mut broken) = self.climb(2 * unloaded).await?;
        while broken as f64 > held as f64 * CLOSE && broken > held + 1 {
            let middle = held.midpoint(broken);
            if self.sustains(middle, self.options.seconds.trial).await? {
                held = middle
            } else {
                broken = middle
            }
        }
        self.decide(held).await?;
        if let Some(rate) = self.found.sustained.as_ref().map(|trial| trial.rate) {
            self.found.overload = Some(self.overload(2 * rate, unloaded).await?);
        }
        Ok(self.found)
    }

    /// Makes the processes open their connections.
    async fn warm_up(&self) -> Result<(), String> {
        self.trials.run(self.mix, 30, 5).await.map(drop)
    }

    /// Returns a rate that is sustained and one that is not.
    async fn climb(&mut self, first: u64) -> Result<(u64, u64), String> {
        let mut held = first / 2;
        let mut rate = first;
        while rate <= HIGHEST {
            if !self.sustains(rate, self.options.seconds.trial).await? {
                return Ok((held, rate));
            }
            (held, rate) = (rate, 2 * rate);
        }
        Ok((held, held))
    }

    async fn decide(&mut self, rate: u64) -> Result<(), String> {
        let mut rate = rate;
        for _ in 0..DECIDING_TRIALS {
            if rate == 0 || self.sustains(rate, self.options.seconds.sustained).await? {
                self.found.sustained =
                    self.found.trials.last().filter(|(_, held)| *held).map(|(trial, _)| trial.clone());
                return Ok(());
            }
            rate = rate * 5 / 6;
        }
        Ok(())
    }

    /// Sends more than is sustained, and right after it what loads nothing.
    async fn overload(&self, rate: u64, unloaded: u64) -> Result<(Trial, Trial), String> {
        let overload = self.run_trial(rate, self.options.seconds.trial).await?;
        println!("p99 {:.1} ms, {} not sent, {} wrong", overload.p99, overload.dropped, overload.wrong);
        let after = self.run_trial(unloaded, self.options.seconds.trial).await?;
        println!("p99 {:.1} of at most {:.1} ms", after.p99, self.found.limit());
        Ok((overload, after))
    }

    async fn sustains(&mut self, rate: u64, seconds: u64) -> Result<bool, String> {
        let trial = self.run_trial(rate, seconds).await?;
        let held = self.found.holds(&trial);
        println!(
            "p99 {:.1} of at most {:.1} ms, {} dropped, {} wrong: {}",
            trial.p99,
            self.found.limit(),
            trial.dropped,
            trial.wrong,
            if held { "sustained" } else { "too much" }
        );
        self.found.trials.push((trial, held));
        Ok(held)
    }

    async fn run_trial(&self, rate: u64, seconds: u64) -> Result<Trial, String> {
        print!("{}: {rate} a second for {seconds} s: ", self.mix.name());
        let _ = stdout().flush();
        let trial = self.trials.run(self.mix, rate, seconds).await?;
        if trial.wrong > 0 {
            println!("{}", trial.complaint);
        }
        Ok(trial)
    }
}
