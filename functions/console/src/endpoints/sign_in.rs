//! `GET /console/sign-in` and `GET /console/callback`: to the identity provider and back, with a new session.

use runtime::clock::Timestamp;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::random;

use crate::Console;
use crate::administrator::valid_seconds;
use crate::failure::Failure;
use crate::oidc::attempt::Attempt;
use crate::oidc::callback::CallbackQuery;
use crate::session::{self, Session};
use crate::target::Target;

/// Seconds for which a token is used that says nowhere how long it is valid.
const UNKNOWN_VALIDITY: i64 = 300;

/// Leads to the identity provider.
pub async fn begin(console: &Console, request: &Request) -> Result<Response, Failure> {
    let now = console.clock.now();
    let attempt = Attempt::begin(target(request.raw_query()), now)?;
    let address = console.provider.sign_in_address(&attempt, now).await.map_err(Failure::ProviderDown)?;
    Ok(console.with_attempt(Response::see_other(address), &attempt).await?)
}

/// Takes the identity provider's answer. The session is a new one, whatever the browser had before.
pub async fn finish(console: &Console, request: &Request) -> Result<Response, Failure> {
    let now = console.clock.now();
    let attempt = console.attempt(request).await?.ok_or(Failure::SignInForeign)?;
    let query = CallbackQuery::read(request.raw_query());
    let tokens = console.provider.finish(&query, &attempt, now).await?;
    let seconds = token_seconds(tokens.expires_in, tokens.access.expose(), now);
    let session = Session { id: random::bytes()?, expires: session::end(now, seconds), token: tokens.access };
    console.with_session(Response::see_other(attempt.target.as_str()), &session).await
}

fn target(raw_query: &str) -> Target {
    let pairs = form_urlencoded::parse(raw_query.as_bytes());
    let page = pairs.into_iter().find(|(name, _)| name == "page");
    page.and_then(|(_, path)| Target::parse(&path)).unwrap_or_else(Target::panel)
}

/// Returns the shorter of what the provider says and what the token itself says.
fn token_seconds(expires_in: Option<i64>, token: &str, now: Timestamp) -> i64 {
    let both = [expires_in, valid_seconds(token, now)];
    both.into_iter().flatten().min().unwrap_or(UNKNOWN_VALIDITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_the_page_that_was_asked_for() {
        for (query, page) in [
            ("page=/console/history", "/console/history"),
            ("page=%2Fconsole%2Fhistory&x=y", "/console/history"),
            ("page=https://evil.example", "/console"),
            ("", "/console"),
        ] {
            assert_eq!(target(query).as_str(), page, "{query}");
        }
    }

    #[test]
    fn a_token_is_used_for_the_shorter_time() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        // {"exp": 1800000300}
        let token = "e30.eyJleHAiOjE4MDAwMDAzMDB9.c2ln";
        for (expires_in, token, seconds) in [
            (Some(60), token, 60),
            (Some(3_600), token, 300),
            (None, token, 300),
            (Some(60), "opaque", 60),
            (None, "opaque", UNKNOWN_VALIDITY),
        ] {
            assert_eq!(token_seconds(expires_in, token, now), seconds);
        }
    }
}
