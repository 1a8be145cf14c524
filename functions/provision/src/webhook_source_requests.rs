//! Reads what the operator wants of a webhook source.

use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use shared::account::AccountName;
use shared::spid::Spid;
use shared::webhook_secret::SecretVersion;
use shared::webhook_source::{SourceId, SourceIdError, SourceKind};

/// A source as it is to be.
pub struct Wanted {
    pub id: SourceId,
    pub kind: SourceKind,
    pub spid: Spid,
    pub name: Option<AccountName>,
}

/// Reads the source to register or replace.
pub fn read_source(request: &Request) -> Result<Wanted, Problem> {
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

/// Reads the version of the secret that a rotation replaces.
pub fn read_replaced_version(request: &Request) -> Result<SecretVersion, Problem> {
    let mut body = request.json()?;
    let replaces = body.required_number("replaces");
    body.finish(replaces)
}

/// Returns the source that the operator names; a malformed id names none.
pub fn operators_source(request: &Request) -> Result<SourceId, Problem> {
    request.identity()?.require_operator()?;
    request.parameter("source_id").parse().map_err(|_: SourceIdError| not_found())
}

pub fn not_found() -> Problem {
    Problem::new(Code::WebhookSourceNotFound, "No webhook source has this id.")
}
