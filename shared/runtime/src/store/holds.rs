//! Which telephone numbers a confirmed port-out holds, for the function that hears of ported numbers.

use shared::telephone_number::Tn;

use crate::error::Error;
use crate::store::key::Key;
use crate::store::table::Table;

/// The most keys of one BatchGetItem.
const BATCH: usize = 100;

/// Reads the holds of numbers.
#[derive(Clone)]
pub struct HoldReader(Table);

impl HoldReader {
    /// Creates a reader of this table.
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// Counts those of these distinct numbers that no confirmed port-out holds, whether an account owns them or not.
    pub async fn count_free(&self, numbers: &[Tn]) -> Result<usize, Error> {
        let mut free = numbers.len();
        for numbers in numbers.chunks(BATCH) {
            let keys = numbers.iter().map(Key::number).collect();
            for item in self.0.batch_get(keys, &["held_by"]).await? {
                if item.optional_text("held_by")?.is_some() {
                    free = free.saturating_sub(1);
                }
            }
        }
        Ok(free)
    }
}
