//! `GET /console`: the PIN, protection, and open port-outs of the administrator's account.

use futures_util::future::join;
use runtime::http::request::Request;
use runtime::http::response::Response;

use crate::Console;
use crate::administrator::Administrator;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::pages::landing;
use crate::pages::layout::FormError;
use crate::pages::panel::{Panel, page};
use crate::target::Target;

/// Shows the page, or the way to sign in.
pub async fn show(console: &Console, request: &Request) -> Result<Response, Failure> {
    let target = Target::panel();
    let Some(administrator) = console.administrator(request, &target).await? else {
        return Ok(landing::sign_in(&target).response(200));
    };
    let notice = console.notice(request, &administrator).await?;
    let was_shown = notice.is_some();
    let response = render(console, &administrator, 200, notice, Vec::new()).await?;
    Ok(if was_shown { console.without_notice(response) } else { response })
}

/// Shows the page again, with the errors of a form that was sent from it.
pub async fn show_errors(
    console: &Console,
    administrator: &Administrator,
    errors: Vec<FormError>,
) -> Result<Response, Failure> {
    render(console, administrator, 422, None, errors).await
}

async fn render(
    console: &Console,
    administrator: &Administrator,
    status: u16,
    notice: Option<Notice>,
    errors: Vec<FormError>,
) -> Result<Response, Failure> {
    let caller = console.api.by(&administrator.session.token, &administrator.account);
    let (pin, protection) = join(caller.pin(), caller.protection()).await;
    let failed = |failure| Failure::of_api(failure, Target::panel());
    let panel = Panel { pin: pin.map_err(failed)?, protection: protection.map_err(failed)?, notice, errors };
    Ok(page(&panel, administrator).response(status))
}
