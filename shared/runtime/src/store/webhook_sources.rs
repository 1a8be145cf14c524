//! Webhook sources: the operator registers them, `port-out` looks them up. No secret is in here, only what it is derived
//! from.

use jiff::Timestamp;

use crate::error::Error;
use crate::store::audit_event::Event;
use crate::store::commit::Commit;
use crate::store::item::{Item, number, string, time};
use crate::store::key::Key;
use crate::store::tables::Tables;
use crate::store::write::Write;
use shared::actor::Actor;
use shared::webhook_secret::SecretName;
use shared::webhook_source::{Source, SourceId};

const SOURCE_ATTRIBUTES: &[&str] = &[
    "source_id",
    "kind",
    "spid",
    "source_name",
    "revision",
    "secret_version",
    "secret_key_id",
    "secret_salt",
    "previous_version",
    "previous_key_id",
    "previous_salt",
    "previous_valid_until",
    "deleted_at",
];

/// A stored source. A deleted one stays in the table, so that its versions and revisions are never used again.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRow {
    /// The source.
    pub source: Source,
    /// Number of times that it was written: its `ETag`.
    pub revision: u64,
    /// Whether the operator deleted it.
    pub deleted: bool,
}

/// Writes sources.
#[derive(Clone)]
pub struct SourceRegistry(Tables);

/// Reads sources.
#[derive(Clone)]
pub struct SourceReader(Tables);

impl SourceRow {
    /// Creates the row of a source to be written, after the one that was read.
    pub fn after(read: Option<&Self>, source: Source) -> Self {
        let revision = read.map_or(0, |row| row.revision).saturating_add(1);
        Self { source, revision, deleted: false }
    }

    /// Creates the row of the source as deleted.
    pub fn deleted(&self) -> Self {
        let source = Source { previous: None, ..self.source.clone() };
        Self { deleted: true, ..Self::after(Some(self), source) }
    }
}

impl SourceRegistry {
    /// Creates a registry in these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    /// Reads a source, even a deleted one.
    pub async fn source(&self, id: &SourceId) -> Result<Option<SourceRow>, Error> {
        read_source(&self.0, id).await
    }

    /// Stores a source with its event, unless it is not any more as it was read for this row.
    pub async fn write(
        &self,
        row: &SourceRow,
        event: &'static str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Commit<()>, Error> {
        let read = row.revision.saturating_sub(1);
        let condition = if read == 0 { "attribute_not_exists(#pk)" } else { "#revision = :read" };
        let writes = vec![
            Write::put(item(row, now), condition, &[("read", number(read))]),
            Event::webhook_source(&row.source, event).write(actor, now)?,
        ];
        self.0.commit(writes).await
    }
}

impl SourceReader {
    /// Creates a reader of these tables.
    pub fn new(tables: Tables) -> Self {
        Self(tables)
    }

    /// Reads a source unless it was deleted.
    pub async fn source(&self, id: &SourceId) -> Result<Option<Source>, Error> {
        let row = read_source(&self.0, id).await?;
        Ok(row.filter(|row| !row.deleted).map(|row| row.source))
    }
}

async fn read_source(tables: &Tables, id: &SourceId) -> Result<Option<SourceRow>, Error> {
    let item = tables.get(Key::webhook_source(id), SOURCE_ATTRIBUTES).await?;
    item.as_ref().map(row).transpose()
}

fn row(item: &Item) -> Result<SourceRow, Error> {
    let previous = match item.optional_number("previous_version")? {
        None => None,
        Some(version) => {
            let key = item.text("previous_key_id")?.to_owned();
            let secret = SecretName { version, key, salt: item.get("previous_salt")? };
            Some((secret, item.get("previous_valid_until")?))
        }
    };
    let secret = SecretName {
        version: item.number("secret_version")?,
        key: item.text("secret_key_id")?.to_owned(),
        salt: item.get("secret_salt")?,
    };
    let source = Source {
        id: item.get("source_id")?,
        kind: item.get("kind")?,
        spid: item.get("spid")?,
        name: item.optional("source_name")?,
        secret,
        previous,
    };
    let (revision, deleted) = (item.number("revision")?, item.optional_text("deleted_at")?.is_some());
    Ok(SourceRow { source, revision, deleted })
}

fn item(row: &SourceRow, now: Timestamp) -> Item {
    let source = &row.source;
    let previous = source.previous.as_ref();
    Item::at(Key::webhook_source(&source.id))
        .with("source_id", string(source.id.as_str()))
        .with("kind", string(source.kind.as_str()))
        .with("spid", string(source.spid.as_str()))
        .with_some("source_name", source.name.as_ref().map(|name| string(name.as_str())))
        .with("revision", number(row.revision))
        .with("secret_version", number(source.secret.version))
        .with("secret_key_id", string(&source.secret.key))
        .with("secret_salt", string(source.secret.salt.stored()))
        .with_some("previous_version", previous.map(|(secret, _)| number(secret.version)))
        .with_some("previous_key_id", previous.map(|(secret, _)| string(&secret.key)))
        .with_some("previous_salt", previous.map(|(secret, _)| string(secret.salt.stored())))
        .with_some("previous_valid_until", previous.map(|(_, ends)| time(*ends)))
        .with("updated_at", time(now))
        .with_some("deleted_at", row.deleted.then(|| time(now)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::webhook_secret::SecretSalt;

    fn secret(version: &str, key: &str, salt: u8) -> SecretName {
        let salt = SecretSalt::new([salt; SecretSalt::BYTES]);
        SecretName { version: version.parse().unwrap(), key: key.to_owned(), salt }
    }

    fn source() -> Source {
        Source {
            id: "acme".parse().unwrap(),
            kind: "bandwidth".parse().unwrap(),
            spid: "A123".parse().unwrap(),
            name: Some("Acme".parse().unwrap()),
            secret: secret("2", "k2", 2),
            previous: Some((secret("1", "k1", 1), "2026-11-24T12:00:00Z".parse().unwrap())),
        }
    }

    #[test]
    fn the_attributes_that_are_read_hold_everything_that_a_source_has() {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let bare = Source { name: None, previous: None, ..source() };
        for (source, deleted) in [(source(), false), (bare.clone(), false), (bare, true)] {
            let written = SourceRow { source, revision: 7, deleted };
            let read = row(&item(&written, now).projected(SOURCE_ATTRIBUTES)).unwrap();
            assert_eq!(read, written);
        }
    }
}
