//! Registers webhook sources; a secret is shown when it is new, and never again.

use runtime::clock::Clock;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::{Response, etag};
use runtime::http::response_meta::WithMeta as _;
use runtime::http::views::WebhookSourceView;
use runtime::pin_hash::webhook_secret::{WebhookSecret, WebhookSecrets};
use runtime::store::commit::{Commit, Retry};
use runtime::store::webhook_sources::{SourceRegistry, SourceRow};
use shared::webhook_secret::SecretVersion;
use shared::webhook_source::{Rotation, Source, SourceId};

use crate::webhook_source_requests::{
    Wanted, not_found, operators_source, read_replaced_version, read_source,
};

const CHANGED: &str =
    "The source was changed in the meantime, or already exists. Read it again to get the current ETag.";

/// The endpoints of webhook sources.
pub struct WebhookSources {
    registry: SourceRegistry,
    secrets: WebhookSecrets,
    clock: Clock,
}

impl WebhookSources {
    /// Creates the endpoints of sources in this registry, with secrets of this key.
    pub fn new(registry: SourceRegistry, secrets: WebhookSecrets, clock: Clock) -> Self {
        Self { registry, secrets, clock }
    }

    /// Registers a source, or replaces its carrier and name, unless `If-Match` or `If-None-Match` asks for another state.
    pub async fn put(&self, request: &Request) -> Result<Response, Problem> {
        request.identity()?.require_operator()?;
        let wanted = read_source(request)?;
        let mut retry = retry();
        loop {
            let read = self.registry.source(&wanted.id).await?;
            let registered = read.as_ref().filter(|row| !row.deleted);
            request.check_preconditions(registered.map_or(0, |row| row.revision), CHANGED)?;
            let answer = match registered {
                Some(row) => self.replace(request, &wanted, row).await?,
                None => self.register(request, &wanted, read.as_ref()).await?,
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
        Ok(self.shown(200, &row, None))
    }

    /// Deletes a source; its secrets stop working at once.
    pub async fn delete(&self, request: &Request) -> Result<Response, Problem> {
        let id = operators_source(request)?;
        let mut retry = retry();
        loop {
            let Some(read) = self.registry.source(&id).await?.filter(|row| !row.deleted) else {
                return Ok(Response::no_content());
            };
            match self.write(request, &read.deleted(), "webhook_source.deleted").await? {
                Commit::Done(()) => return Ok(Response::no_content()),
                Commit::Stale => retry.after_stale().await?,
            }
        }
    }

    /// Gives a source a new secret in place of the named version, which works for 24 hours more. As long as it does, the
    /// same request gets the same secret, so that a lost answer costs no second rotation.
    pub async fn rotate(&self, request: &Request) -> Result<Response, Problem> {
        let id = operators_source(request)?;
        let replaces = read_replaced_version(request)?;
        let mut retry = retry();
        loop {
            let (read, now) = (self.known(&id).await?, self.clock.now());
            match read.source.rotation(replaces, now) {
                Rotation::Outdated => return Err(outdated()),
                Rotation::Done => {
                    let secret = self.secrets.derive(&id, read.source.kind, &read.source.secret).await?;
                    return Ok(self.shown(200, &read, Some(&secret)));
                }
                Rotation::Due => {}
            }
            let version = read.source.secret.version.next();
            let (secret, name) = self.secrets.create(&id, read.source.kind, version).await?;
            let row = SourceRow::after(Some(&read), read.source.clone().rotated(name, now));
            match self.write(request, &row, "webhook_source.rotated").await? {
                Commit::Done(()) => return Ok(self.shown(200, &row, Some(&secret))),
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
        let source = Source { name: wanted.name.clone(), ..read.source.clone() };
        let (source, secret) = if wanted.spid == source.spid {
            (source, None)
        } else {
            let version = source.secret.version.next();
            let (secret, name) = self.secrets.create(&wanted.id, wanted.kind, version).await?;
            (source.transferred(wanted.spid.clone(), name), Some(secret))
        };
        let row = SourceRow::after(Some(read), source);
        let written = self.write(request, &row, "webhook_source.replaced").await?;
        Ok(written.map(|()| self.shown(200, &row, secret.as_ref())))
    }

    async fn register(
        &self,
        request: &Request,
        wanted: &Wanted,
        read: Option<&SourceRow>,
    ) -> Result<Commit<Response>, Problem> {
        let version = read.map_or(SecretVersion::FIRST, |row| row.source.secret.version.next());
        let (secret, secret_name) = self.secrets.create(&wanted.id, wanted.kind, version).await?;
        let source = Source {
            id: wanted.id.clone(),
            kind: wanted.kind,
            spid: wanted.spid.clone(),
            name: wanted.name.clone(),
            secret: secret_name,
            previous: None,
        };
        let row = SourceRow::after(read, source);
        let written = self.write(request, &row, "webhook_source.registered").await?;
        Ok(written.map(|()| self.shown(201, &row, Some(&secret))))
    }

    fn shown(&self, status: u16, row: &SourceRow, secret: Option<&WebhookSecret>) -> Response {
        let secret = secret.map(WebhookSecret::expose_text);
        let secret = secret.as_ref().map(|text| text.as_str());
        let view = WebhookSourceView::new(&row.source, secret, self.clock.now());
        Response::json(status, &view).with_header("ETag", etag(row.revision))
    }

    async fn known(&self, id: &SourceId) -> Result<SourceRow, Problem> {
        self.registry.source(id).await?.filter(|row| !row.deleted).ok_or_else(not_found)
    }

    async fn write(
        &self,
        request: &Request,
        row: &SourceRow,
        event: &'static str,
    ) -> Result<Commit<()>, Problem> {
        let actor = request.identity()?.actor();
        Ok(self.registry.write(row, event, &actor, self.clock.now()).await?)
    }
}

fn outdated() -> Problem {
    let detail = "replaces must be the secret_version in use, or the one that it replaced in the last 24 hours. Read the source again to get its secret_version.";
    Problem::new(Code::VersionMismatch, detail)
}

fn retry() -> Retry {
    Retry::new("writing a webhook source conflicted with another write on every attempt")
}
