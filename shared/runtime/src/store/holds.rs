//! Which telephone numbers a confirmed port-out holds, for the function that hears of ported numbers.

use jiff::Timestamp;
use shared::telephone_number::Tn;

use crate::error::Error;
use crate::store::key::Key;
use crate::store::tables::Tables;

const ATTRIBUTES: &[&str] = &["held_until", "ported_by"];

/// Reads the holds of numbers.
#[derive(Clone)]
pub struct HoldReader(Tables);

impl HoldReader {
    /// Creates a reader of these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    /// Counts those of these distinct numbers that no confirmed port-out covers: none holds it now, and it was not ported
    /// with one.
    pub async fn count_uncovered(&self, numbers: &[Tn], now: Timestamp) -> Result<usize, Error> {
        let mut uncovered = numbers.len();
        for item in self.0.batch_get(numbers.iter().map(Key::number).collect(), ATTRIBUTES).await? {
            let held = item.optional::<Timestamp>("held_until")?.is_some_and(|until| now < until);
            if held || item.optional_text("ported_by")?.is_some() {
                uncovered = uncovered.saturating_sub(1);
            }
        }
        Ok(uncovered)
    }
}
