//! PONs: which versions there are, and for protocols without versions what the latest one was answered.

use jiff::Timestamp;
use shared::port_out::{JudgedUnder, Outcome};
use shared::port_out_id::{PortOutId, Version};

use crate::error::Error;
use crate::pin_hash::fingerprint::Fingerprint;
use crate::store::item::{Item, string};
use crate::store::key::Key;
use crate::store::records::port_out;

/// Attributes of a PON besides those of an answer.
pub const ATTRIBUTES: &[&str] = &["latest_version", "confirmed_id", "content_hash", "pin_fingerprint"];

/// All versions of a PON. It only names them: whether one is open is in its own record.
#[derive(Debug, Clone)]
pub struct PonRow {
    pub latest: Version,
    pub confirmed: Option<PortOutId>,
    pub attempt: Option<LatestAttempt>,
}

/// The latest version of a PON in a protocol without versions: what it takes to recognize its repetition and to repeat
/// its answer, so that neither needs a second read.
#[derive(Debug, Clone)]
pub struct LatestAttempt {
    pub content_hash: String,
    pub outcome: Outcome,
    pub judged_under: JudgedUnder,
    pub entered_at: Timestamp,
    pub fingerprint: Option<Fingerprint>,
}

impl PonRow {
    pub fn read(item: &Item) -> Result<Self, Error> {
        let latest = Version::recorded(item.text("latest_version")?);
        Ok(Self {
            latest: latest.ok_or(Error::corrupt("latest_version"))?,
            confirmed: item.optional("confirmed_id")?,
            attempt: LatestAttempt::read(item)?,
        })
    }

    pub fn item(&self, key: Key) -> Item {
        let item = Item::at(key)
            .with("latest_version", string(self.latest.to_string()))
            .with_some("confirmed_id", self.confirmed.as_ref().map(|id| string(id.as_str())));
        match &self.attempt {
            Some(attempt) => attempt.add_to(item),
            None => item,
        }
    }
}

impl LatestAttempt {
    fn read(item: &Item) -> Result<Option<Self>, Error> {
        let Some(content_hash) = item.optional_text("content_hash")? else { return Ok(None) };
        let (outcome, judged_under, entered_at) = port_out::answer(item)?;
        let fingerprint = item.optional("pin_fingerprint")?;
        Ok(Some(Self {
            content_hash: content_hash.to_owned(),
            outcome,
            judged_under,
            entered_at,
            fingerprint,
        }))
    }

    fn add_to(&self, item: Item) -> Item {
        let item = item.with("content_hash", string(&self.content_hash));
        let item = port_out::with_answer(item, &self.outcome, self.judged_under, self.entered_at);
        item.with_some("pin_fingerprint", self.fingerprint.as_ref().map(|f| string(f.expose_stored())))
    }
}
