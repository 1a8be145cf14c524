//! Creates and replaces accounts.

use runtime::clock::Clock;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::{Response, etag};
use runtime::http::response_meta::WithMeta as _;
use runtime::http::views::AccountView;
use runtime::store::commit::{Commit, Retry};
use runtime::store::provisioner::Provisioner;
use shared::account::Profile;
use shared::zip_code::ZipCode;

const CHANGED: &str =
    "The account was changed in the meantime, or already exists. Read it again to get the current ETag.";

/// Creates an account or replaces its profile, unless `If-Match` or `If-None-Match` asks for another state.
pub async fn put(store: &Provisioner, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let number = identity.require_operators_account(request.parameter("account_id"))?;
    let profile = read_profile(request)?;
    let mut retry = Retry::new("writing an account conflicted with another write on every attempt");
    loop {
        let (read, now) = (store.account(&number).await?, clock.now());
        let revision = read.as_ref().map_or(0, |record| record.revision);
        request.check_preconditions(revision, CHANGED)?;
        match store.write_account(&number, &profile, read.as_ref(), &identity.actor(), now).await? {
            Commit::Done(()) => {
                let created_at = read.as_ref().map_or(now, |record| record.created_at);
                let view = AccountView::new(&number, &profile, created_at, now);
                let response = Response::json(if read.is_none() { 201 } else { 200 }, &view);
                return Ok(response.with_header("ETag", etag(revision.saturating_add(1))));
            }
            Commit::Stale => retry.after_stale().await?,
        }
    }
}

fn read_profile(request: &Request) -> Result<Profile, Problem> {
    let mut body = request.json()?;
    let fields =
        (body.required("country"), body.optional("name"), body.optional_list::<ZipCode, _>("zip_codes"));
    let (country, name, zip_codes) = body.finish(fields)?;
    Ok(Profile { country, name, zip_codes })
}
