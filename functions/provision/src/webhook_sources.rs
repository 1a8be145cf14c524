//! Registers webhook sources; a secret is shown when it is new, and never again.

use runtime::clock::Clock;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::views::WebhookSourceView;
use runtime::pin_hash::webhook_secret::{WebhookSecret, WebhookSecrets};
use runtime::store::commit::{Commit, Retry};
use runtime::store::webhook_sources::{SourceRegistry, SourceRow};
use shared::account::AccountName;
use shared::spid::Spid;
use shared::webhook_source::{Source, SourceId, SourceIdError, SourceKind};

/// The endpoints of webhook sources.
pub struct WebhookSources {
    registry: SourceRegistry,
    secrets: WebhookSecrets,
    clock: Clock,
}

struct Wanted {
    id: SourceId,
    kind: SourceKind,
    spid: Spid,
    name: Option<AccountName>,
}

impl WebhookSources {
    /// Creates the endpoints of sources in this registry, with secrets of this key.
    pub fn new(registry: SourceRegistry, secrets: WebhookSecrets, clock: Clock) -> Self {
        Self { registry, secrets, clock }
    }

    /// Registers a source, or replaces its carrier and name.
    pub async fn put(&self, request: &Request) -> Result<Response, Problem> {
        request.identity()?.require_operator()?;
        let wanted = read_source(request)?;
        let mut retry = retry();
        loop {
            let read = self.registry.source(&wanted.id).await?;
            let answer = match &read {
                Some(row) if !row.deleted => self.replace(request, &wanted, row).await?,
                Some(_) | None => self.register(request, &wanted, read.as_ref()).await?,
            };
            match answer {
                Commit::Done(answer) => return Ok(answer),
                Commit::Stale => retry.after_stale().await?,
            }
        }
    }

    /// Shows a source.
    pub async fn get(&self, request: &Request) -> Result<Response, Problem> {
        let row = self.known(&operators_source(request)?).await?;
        Ok(Response::json(200, &WebhookSourceView::new(&row.source, None, self.clock.now())))
    }

    /// Deletes a source; its secrets stop working at once.
    pub async fn delete(&self, request: &Request) -> Result<Response, Problem> {
        let id = operators_source(request)?;
        let mut retry = retry();
        loop {
            let Some(read) = self.registry.source(&id).await?.filter(|row| !row.deleted) else {
                return Ok(Response::no_content());
            };
            let gone = SourceRow { source: Source { previous: None, ..read.source.clone() }, deleted: true };
            match self.write(request, &gone, Some(&read), "webhook_source.deleted").await? {
                Commit::Done(()) => return Ok(Response::no_content()),
                Commit::Stale => retry.after_stale().await?,
            }
        }
    }

    /// Gives a source a new secret; the old one works for 24 hours more.
    pub async fn rotate(&self, request: &Request) -> Result<Response, Problem> {
        let id = operators_source(request)?;
        let mut retry = retry();
        loop {
            let read = self.known(&id).await?;
            let next = read.source.secret.version.saturating_add(1);
            let (secret, name) = self.secrets.create(&id, read.source.kind, next).await?;
            let source = read.source.clone().rotated(name.key, self.clock.now());
            let row = SourceRow { source, deleted: false };
            match self.write(request, &row, Some(&read), "webhook_source.rotated").await? {
                Commit::Done(()) => return Ok(self.shown(200, &row.source, &secret)),
                Commit::Stale => retry.after_stale().await?,
            }
        }
    }

    async fn replace(
        &self,
        request: &Request,
        wanted: &Wanted,
        read: &SourceRow,
    ) -> Result<Commit<Response>, Problem> {
        if wanted.kind != read.source.kind {
            let detail =
                "The kind of a registered source cannot be changed. Register another source instead.";
            return Err(Problem::new(Code::WebhookSourceKindFixed, detail));
        }
        let (spid, name) = (wanted.spid.clone(), wanted.name.clone());
        let row = SourceRow { source: Source { spid, name, ..read.source.clone() }, deleted: false };
        let written = self.write(request, &row, Some(read), "webhook_source.replaced").await?;
        let view = WebhookSourceView::new(&row.source, None, self.clock.now());
        Ok(written.map(|()| Response::json(200, &view)))
    }

    async fn register(
        &self,
        request: &Request,
        wanted: &Wanted,
        read: Option<&SourceRow>,
    ) -> Result<Commit<Response>, Problem> {
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
        let written = self.write(request, &row, read, "webhook_source.registered").await?;
        Ok(written.map(|()| self.shown(201, &row.source, &secret)))
    }

    fn shown(&self, status: u16, source: &Source, secret: &WebhookSecret) -> Response {
        let text = secret.expose_text();
        Response::json(status, &WebhookSourceView::new(source, Some(&text), self.clock.now()))
    }

    async fn known(&self, id: &SourceId) -> Result<SourceRow, Problem> {
        self.registry.source(id).await?.filter(|row| !row.deleted).ok_or_else(not_found)
    }

    async fn write(
        &self,
        request: &Request,
        row: &SourceRow,
        read: Option<&SourceRow>,
        event: &'static str,
    ) -> Result<Commit<()>, Problem> {
        let actor = request.identity()?.actor();
        Ok(self.registry.write(row, read, event, &actor, self.clock.now()).await?)
    }
}

fn not_found() -> Problem {
    Problem::new(Code::WebhookSourceNotFound, "No webhook source has this id.")
}

fn retry() -> Retry {
    Retry::new("writing a webhook source conflicted with another write on every attempt")
}

fn operators_source(request: &Request) -> Result<SourceId, Problem> {
    request.identity()?.require_operator()?;
    request.parameter("source_id").parse().map_err(|_: SourceIdError| not_found())
}

fn read_source(request: &Request) -> Result<Wanted, Problem> {
    let mut body = request.json()?;
    let fields = (
        request.parameter_field("source_id"),
        body.required("kind"),
        body.required("spid"),
        body.optional("name"),
    );
    let (id, kind, spid, name) = body.finish(fields)?;
    Ok(Wanted { id, kind, spid, name })
}
