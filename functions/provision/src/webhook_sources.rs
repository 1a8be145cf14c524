//! Registers webhook sources; a secret is shown when it is new, and never again.

use shared::clock::Clock;
use shared::digest::webhook_secret::{WebhookSecret, WebhookSecrets};
use shared::http::answer::Answer;
use shared::http::call::Call;
use shared::http::fields::Fields;
use shared::http::problem::{Code, Problem};
use shared::http::views::WebhookSourceView;
use shared::rules::account::AccountName;
use shared::rules::carrier::Spid;
use shared::rules::webhook_source::{Source, SourceId, SourceIdError, SourceKind};
use shared::store::webhook_sources::{SourceRegistry, SourceRow};
use shared::trouble::Trouble;

/// Answers the operator's calls about sources.
pub struct WebhookSources {
    registry: SourceRegistry,
    secrets: WebhookSecrets,
    clock: Clock,
}

/// How often a write that met another one is tried again.
const TRIES: u32 = 8;

struct Wanted {
    id: SourceId,
    kind: SourceKind,
    spid: Spid,
    name: Option<AccountName>,
}

impl WebhookSources {
    /// Sources in this registry, with secrets of this key.
    pub fn new(registry: SourceRegistry, secrets: WebhookSecrets, clock: Clock) -> Self {
        Self { registry, secrets, clock }
    }

    /// Registers a source, or replaces its carrier and name.
    pub async fn put(&self, call: &Call) -> Result<Answer, Problem> {
        call.identity.require_operator()?;
        let wanted = read_source(call)?;
        for _ in 0..TRIES {
            let read = self.registry.source(&wanted.id).await?;
            let answer = match &read {
                Some(row) if !row.deleted => self.replace(call, &wanted, row).await?,
                Some(_) | None => self.register(call, &wanted, read.as_ref()).await?,
            };
            if let Some(answer) = answer {
                return Ok(answer);
            }
        }
        Err(changed_every_time())
    }

    /// Shows a source.
    pub async fn get(&self, call: &Call) -> Result<Answer, Problem> {
        let row = self.known(&operators_source(call)?).await?;
        Ok(Answer::json(200, &WebhookSourceView::new(&row.source, None, self.clock.now())))
    }

    /// Deletes a source; its secrets are good for nothing from then on.
    pub async fn delete(&self, call: &Call) -> Result<Answer, Problem> {
        let id = operators_source(call)?;
        for _ in 0..TRIES {
            let Some(read) = self.registry.source(&id).await?.filter(|row| !row.deleted) else {
                return Ok(Answer::no_content());
            };
            let gone = SourceRow { source: Source { previous: None, ..read.source.clone() }, deleted: true };
            if self.write(call, &gone, Some(&read), "webhook_source.deleted").await? {
                return Ok(Answer::no_content());
            }
        }
        Err(changed_every_time())
    }

    /// Gives a source a new secret; the old one is good for 24 hours more.
    pub async fn rotate(&self, call: &Call) -> Result<Answer, Problem> {
        let id = operators_source(call)?;
        for _ in 0..TRIES {
            let read = self.known(&id).await?;
            let next = read.source.secret.version.saturating_add(1);
            let (secret, name) = self.secrets.create(&id, read.source.kind, next).await?;
            let source = read.source.clone().rotated(name.key, self.clock.now());
            let row = SourceRow { source, deleted: false };
            if self.write(call, &row, Some(&read), "webhook_source.rotated").await? {
                return Ok(self.shown(200, &row.source, &secret));
            }
        }
        Err(changed_every_time())
    }

    async fn replace(
        &self,
        call: &Call,
        wanted: &Wanted,
        read: &SourceRow,
    ) -> Result<Option<Answer>, Problem> {
        if wanted.kind != read.source.kind {
            let detail = "A source keeps the kind that it was registered with; register another source.";
            return Err(Problem::new(Code::WebhookSourceKindFixed, detail));
        }
        let (spid, name) = (wanted.spid.clone(), wanted.name.clone());
        let row = SourceRow { source: Source { spid, name, ..read.source.clone() }, deleted: false };
        let written = self.write(call, &row, Some(read), "webhook_source.replaced").await?;
        let view = WebhookSourceView::new(&row.source, None, self.clock.now());
        Ok(written.then(|| Answer::json(200, &view)))
    }

    async fn register(
        &self,
        call: &Call,
        wanted: &Wanted,
        read: Option<&SourceRow>,
    ) -> Result<Option<Answer>, Problem> {
        let version = read.map_or(0, |row| row.source.secret.version).saturating_add(1);
        let (secret, secret_name) = self.secrets.create(&wanted.id, wanted.kind, version).await?;
        let source = Source {
            id: wanted.id.clone(),
            kind: wanted.kind,
            spid: wanted.spid.clone(),
            name: wanted.name.clone(),
            secret: secret_name,
            previous: None,
        };
        let row = SourceRow { source, deleted: false };
        let written = self.write(call, &row, read, "webhook_source.registered").await?;
        Ok(written.then(|| self.shown(201, &row.source, &secret)))
    }

    fn shown(&self, status: u16, source: &Source, secret: &WebhookSecret) -> Answer {
        let text = secret.expose_text();
        Answer::json(status, &WebhookSourceView::new(source, Some(&text), self.clock.now()))
    }

    async fn known(&self, id: &SourceId) -> Result<SourceRow, Problem> {
        self.registry.source(id).await?.filter(|row| !row.deleted).ok_or_else(not_found)
    }

    async fn write(
        &self,
        call: &Call,
        row: &SourceRow,
        read: Option<&SourceRow>,
        event: &'static str,
    ) -> Result<bool, Trouble> {
        self.registry.write(row, read, event, &call.identity.actor(), self.clock.now()).await
    }
}

fn not_found() -> Problem {
    Problem::new(Code::WebhookSourceNotFound, "There is no webhook source with this id.")
}

fn changed_every_time() -> Problem {
    Trouble::unavailable("a webhook source was changed by others every time").into()
}

fn operators_source(call: &Call) -> Result<SourceId, Problem> {
    call.identity.require_operator()?;
    // What is no id names no source.
    call.parameter("source_id").parse().map_err(|_: SourceIdError| not_found())
}

fn read_source(call: &Call) -> Result<Wanted, Problem> {
    let mut fields = Fields::read(call)?;
    let id = call.parameter("source_id").parse::<SourceId>();
    if let Err(error) = &id {
        fields.invalid("source_id", "source_id_invalid", error.to_string());
    }
    let kind = fields.required("kind", "kind_invalid");
    let spid = fields.required("spid", "spid_invalid");
    let name = fields.optional("name", "name_invalid");
    fields.finish()?;
    match (id, kind, spid) {
        (Ok(id), Some(kind), Some(spid)) => Ok(Wanted { id, kind, spid, name }),
        // All three are named by `finish` when they are missing.
        _ => Err(Trouble::internal("a missing field was not named").into()),
    }
}
