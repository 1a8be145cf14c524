//! `/console/port-outs/{id}/cancel`: asks whether a port-out is to be stopped, and stops it.

use runtime::http::request::Request;
use runtime::http::response::Response;
use shared::cancellation::Statement;
use shared::intake::Reference;
use shared::port_out_id::PortOutId;

use crate::Console;
use crate::administrator::Administrator;
use crate::api::failure::ApiFailure;
use crate::failure::Failure;
use crate::form::Form;
use crate::notice::Notice;
use crate::pages::cancel::page;
use crate::pages::landing;
use crate::pages::layout::FormError;
use crate::target::Target;

/// Shows what would be stopped, and what that means.
pub async fn confirm(console: &Console, request: &Request) -> Result<Response, Failure> {
    let (id, target) = addressed(request)?;
    let Some(administrator) = console.administrator(request, &target).await? else {
        return Ok(landing::sign_in(&target).response(200));
    };
    show(console, &administrator, &id, target, Some(Statement::NotAuthorized), &[]).await
}

/// Stops it on the owner's statement, and leads to the panel, where a new PIN can be set.
pub async fn cancel(console: &Console, request: &Request) -> Result<Response, Failure> {
    let (id, target) = addressed(request)?;
    let (administrator, form) = console.form(request, &target).await?;
    let (statement, name) = match read(&form) {
        Ok(read) => read,
        Err((chosen, errors)) => {
            return show(console, &administrator, &id, target, chosen, &errors).await;
        }
    };
    let caller = console.api.by(&administrator.session.token, &administrator.account);
    match caller.cancel(&id, statement, name.as_str()).await {
        Ok(cancelled) => {
            let not_authorized = statement == Statement::NotAuthorized;
            let carrier_must_be_told = cancelled.carrier_must_be_told;
            let notice = Notice::Cancelled { not_authorized, carrier_must_be_told };
            Ok(console.done(&administrator, &notice).await?)
        }
        // It ended in the meantime: the page shows that there is nothing to stop.
        Err(ApiFailure::Refused(refusal)) if refusal.code == "port_out_not_open" => {
            show(console, &administrator, &id, target, None, &[]).await
        }
        Err(failure) => Err(Failure::of_api(failure, target)),
    }
}

fn addressed(request: &Request) -> Result<(PortOutId, Target), Failure> {
    let id: PortOutId = request.parameter("id").parse().map_err(|_| Failure::NotFound)?;
    let target = Target::parse(&format!("/console/port-outs/{id}/cancel")).ok_or(Failure::NotFound)?;
    Ok((id, target))
}

async fn show(
    console: &Console,
    administrator: &Administrator,
    id: &PortOutId,
    target: Target,
    chosen: Option<Statement>,
    errors: &[FormError],
) -> Result<Response, Failure> {
    if !administrator.protects {
        return Err(Failure::NoScope);
    }
    let caller = console.api.by(&administrator.session.token, &administrator.account);
    let port_out = caller.port_out(id).await.map_err(|failure| Failure::of_api(failure, target))?;
    let status = if errors.is_empty() { 200 } else { 422 };
    Ok(page(&port_out, chosen, errors).response(status))
}

type Incomplete = (Option<Statement>, Vec<FormError>);

/// Reads the statement and the name, or returns what was chosen with every error.
fn read(form: &Form) -> Result<(Statement, Reference), Incomplete> {
    let statement = form.text("statement").parse::<Statement>().ok();
    let name = form.text("name").parse::<Reference>().ok();
    match (statement, name) {
        (Some(statement), Some(name)) => Ok((statement, name)),
        (statement, name) => {
            let none = statement.is_none().then(|| error("not_authorized", "Choose what happened."));
            let nameless =
                name.is_none().then(|| error("name", "Enter your full name, in up to 100 characters."));
            Err((statement, none.into_iter().chain(nameless).collect()))
        }
    }
}

fn error(field: &'static str, text: &str) -> FormError {
    FormError { field, text: text.to_owned() }
}
