//! `GET /console/history`: what happened in thirty days, the newest first, and which carriers sent wrong PINs.

use runtime::http::request::Request;
use runtime::http::response::Response;

use crate::Console;
use crate::administrator::Administrator;
use crate::api::answers::Event;
use crate::failure::Failure;
use crate::history::{Window, id_before};
use crate::pages::history::{History, page};
use crate::pages::landing;
use crate::target::Target;

/// Calls of one page: 200 events each, within the time of a request.
const MAX_CALLS: usize = 5;

/// Shows the window that the query names, or the latest.
pub async fn show(console: &Console, request: &Request) -> Result<Response, Failure> {
    let target = Target::parse("/console/history").ok_or(Failure::NotFound)?;
    let Some(administrator) = console.administrator(request, &target).await? else {
        return Ok(landing::sign_in(&target).response(200));
    };
    let window = Window::read(request.raw_query(), console.clock.now());
    let (events, is_complete) = read(console, &administrator, &window, &target).await?;
    let history = History { window, events, is_complete };
    Ok(page(&history, &administrator.actor).response(200))
}

/// Returns the events of the window, the oldest first, and whether these are all.
async fn read(
    console: &Console,
    administrator: &Administrator,
    window: &Window,
    target: &Target,
) -> Result<(Vec<Event>, bool), Failure> {
    let caller = console.api.by(&administrator.session.token, &administrator.account);
    let (mut found, mut after) = (Vec::new(), id_before(window.from));
    for _ in 0..MAX_CALLS {
        let answered = caller.events(&after).await;
        let page = answered.map_err(|failure| Failure::of_api(failure, target.clone()))?;
        let count = page.events.len();
        found.extend(page.events.into_iter().filter(|event| window.has(event.occurred_at)));
        let Some(next) = page.next_after.filter(|next| *next != after && count > 0) else {
            return Ok((found, true));
        };
        after = next;
    }
    Ok((found, false))
}
