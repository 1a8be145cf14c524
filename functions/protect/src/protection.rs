//! `PUT /v1/accounts/{account_id}/port-protection`: the owner switches port protection, and the porting desk switches it
//! off for the owner.

use runtime::clock::Clock;
use runtime::http::field::Field;
use runtime::http::field_error::FieldError;
use runtime::http::identity::Scope;
use runtime::http::port_out_view::ProtectionView;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::commit::{Commit, Retry};
use runtime::store::lifecycle::{Evidence, LifecycleStore};
use shared::account::Protection;

use crate::evidence;

/// Switches protection. It is effective with this write; confirmed port-outs stay, and are listed.
pub async fn switch(store: &LifecycleStore, clock: &Clock, request: &Request) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let number = identity.require_desk_or_owner(Scope::Protection, request.parameter("account_id"))?;
    let (enabled, evidence) = read_switch(request, identity.is_desk())?;
    let mut retry = Retry::new("switching protection conflicted with another write on every attempt");
    loop {
        let mut account = store.account(&number).await?.ok_or_else(Problem::account_not_found)?;
        let (now, actor) = (clock.now(), identity.actor());
        if account.protection.enabled != enabled {
            let switched = store.switch_protection(&account, enabled, evidence.clone(), &actor, now).await?;
            if switched == Commit::Stale {
                retry.after_stale().await?;
                continue;
            }
            let last_switched = Some((now, actor.as_str().to_owned()));
            account.protection = Protection { enabled, last_switched };
        }
        let open = store.open_port_outs(&number, now).await?;
        return Ok(Response::json(200, &ProtectionView::new(&account, &open, now)));
    }
}

/// Reads the switch. The desk may only switch off, and says on what it rests.
fn read_switch(request: &Request, is_desk: bool) -> Result<(bool, Evidence), Problem> {
    let mut body = request.json()?;
    let enabled = body.required_bool("enabled");
    if !is_desk {
        return body.finish(enabled).map(|enabled| (enabled, Vec::new()));
    }
    let enabled = enabled.and_then(|enabled| match enabled {
        false => Field::good(false),
        true => {
            let detail = "Only the owner can switch protection on.";
            Field::invalid(FieldError::new("/enabled", "enabled_invalid", detail))
        }
    });
    let fields = (enabled, evidence::read(&mut body));
    let (enabled, (evidence, _)) = body.finish(fields)?;
    Ok((enabled, evidence))
}
