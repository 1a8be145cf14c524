//! `POST /console/sign-out` and `GET /console/signed-out`: the session ends, and a page says so.

use runtime::http::request::Request;
use runtime::http::response::Response;

use crate::Console;
use crate::failure::Failure;
use crate::pages::landing;

/// Takes the session from the browser, which is the only place where it is.
pub fn end(console: &Console, request: &Request) -> Result<Response, Failure> {
    console.require_own_form(request)?;
    Ok(console.without_cookies(Response::see_other("/console/signed-out")))
}

/// Says that the session ended.
pub async fn show(console: &Console) -> Response {
    let provider = console.provider.sign_out_address(console.clock.now()).await;
    landing::signed_out(provider.as_deref()).response(200)
}
