//! The highest rate that is held: the rate doubles until it is not, then the gap is halved, then a minute decides.

use crate::args::{Options, TARGET};
use crate::place::Place;
use crate::trial::{Mix, Trial, Trials};
use local::children::Children;
use std::io::{Write, stdout};

/// Far under what one core can do.
const UNLOADED: [(Mix, u64); 2] = [(Mix::Status, 5), (Mix::Mixed, 2)];

/// More than any machine that this runs on.
const HIGHEST: u64 = 8_192;

/// The gap is small enough when the upper rate is this much above the lower one.
const CLOSE: f64 = 1.1;

/// After a minute that failed the next one is a sixth slower.
const MINUTES: usize = 6;

pub struct Search<'a> {
    options: &'a Options,
    trials: &'a Trials,
    stack: (&'a Place, &'a mut Children),
    mix: Mix,
    found: Found,
}

/// Everything that was tried.
pub struct Found {
    pub mix: Mix,
    pub unloaded: Option<Trial>,
    pub trials: Vec<(Trial, bool)>,
    pub held: Option<Trial>,
}

impl<'a> Search<'a> {
    pub fn new(
        options: &'a Options,
        trials: &'a Trials,
        stack: (&'a Place, &'a mut Children),
        mix: Mix,
    ) -> Self {
        let found = Found { mix, unloaded: None, trials: Vec::new(), held: None };
        Self { options, trials, stack, mix, found }
    }

    pub async fn run(mut self) -> Result<Found, String> {
        self.warm_up().await?;
        let unloaded = UNLOADED.iter().find(|(mix, _)| *mix == self.mix).map_or(1, |(_, rate)| *rate);
        let trial = self.trials.run(self.mix, unloaded, self.options.unloaded).await?;
        println!(
            "{}: unloaded, {unloaded} a second: p50 {:.1} ms, p99 {:.1} ms",
            self.mix.name(),
            trial.median,
            trial.p99
        );
        if !trial.is_clean() {
            return Err(format!("an unloaded stack drops calls or answers wrongly: {}", trial.complaint));
        }
        self.found.unloaded = Some(trial);
        let (mut held, mut broken) = self.climb(2 * unloaded).await?;
        while broken as f64 > held as f64 * CLOSE && broken > held + 1 {
            let middle = held.midpoint(broken);
            if self.holds(middle, self.options.trial).await? { held = middle } else { broken = middle }
        }
        self.last_word(held).await?;
        Ok(self.found)
    }

    /// Starts as many processes as may be, and makes whatever is made once.
    async fn warm_up(&self) -> Result<(), String> {
        self.trials.run(self.mix, 30, 5).await.map(drop)
    }

    /// A rate that is held and one that is not.
    async fn climb(&mut self, first: u64) -> Result<(u64, u64), String> {
        let mut held = first / 2;
        let mut rate = first;
        while rate <= HIGHEST {
            if !self.holds(rate, self.options.trial).await? {
                return Ok((held, rate));
            }
            (held, rate) = (rate, 2 * rate);
        }
        Ok((held, held))
    }

    async fn last_word(&mut self, rate: u64) -> Result<(), String> {
        let mut rate = rate;
        for _ in 0..MINUTES {
            if rate == 0 || self.holds(rate, self.options.hold).await? {
                self.found.held =
                    self.found.trials.last().filter(|(_, held)| *held).map(|(trial, _)| trial.clone());
                return Ok(());
            }
            rate = rate * 5 / 6;
        }
        Ok(())
    }

    async fn holds(&mut self, rate: u64, seconds: u64) -> Result<bool, String> {
        print!("{}: {rate} a second for {seconds} s: ", self.mix.name());
        let _ = stdout().flush();
        let trial = self.trials.run(self.mix, rate, seconds).await?;
        let limit = self.found.unloaded.as_ref().map_or(0.0, |unloaded| TARGET * unloaded.p99);
        let held = trial.is_clean() && trial.p99 < limit;
        println!(
            "p99 {:.1} of at most {limit:.1} ms, {} dropped, {} wrong: {}",
            trial.p99,
            trial.dropped,
            trial.wrong,
            if held { "held" } else { "not held" }
        );
        if trial.wrong > 0 {
            println!("  {}", trial.complaint);
        }
        let clean = trial.is_clean();
        self.found.trials.push((trial, held));
        // `cargo lambda watch` answers nobody any more once many callers have gone away unanswered.
        if !clean {
            let (place, children) = &mut self.stack;
            place.restart(self.options, children).await?;
            self.warm_up().await?;
        }
        Ok(held)
    }
}
