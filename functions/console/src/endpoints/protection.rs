//! `POST /console/protection`: switches port protection.

use runtime::http::request::Request;
use runtime::http::response::Response;

use crate::Console;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::target::Target;

/// Switches protection.
pub async fn switch(console: &Console, request: &Request) -> Result<Response, Failure> {
    let (administrator, form) = console.form(request, &Target::panel()).await?;
    let (enabled, notice) = match form.text("enabled") {
        "true" => (true, Notice::ProtectionOn),
        "false" => (false, Notice::ProtectionOff),
        _ => return Err(Failure::NotFound),
    };
    let caller = console.api.by(&administrator.session.token, &administrator.account);
    let switched = caller.switch_protection(enabled).await;
    switched.map_err(|failure| Failure::of_api(failure, Target::panel()))?;
    Ok(console.done(&administrator, &notice).await?)
}
