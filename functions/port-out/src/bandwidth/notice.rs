//! `POST /v1/webhooks/{source_id}/bandwidth-port-outs`: Bandwidth tells which numbers were ported out.
//!
//! The notice comes after the fact and is not repeated (order notifications of type `portouts`). It changes nothing
//! here. A number that left without a confirmed port-out is what this service exists to prevent, so its log line sets
//! off an alarm.

use runtime::clock::Clock;
use runtime::error::Error;
use runtime::http::problem::Problem;
use runtime::http::request::{MAX_BODY_BYTES, Request};
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use runtime::store::holds::HoldReader;
use shared::telephone_number::Tn;
use zeroize::Zeroizing;

use super::asked::Asked;
use super::authentication;
use super::validation::unproven;
use super::xml::{Texts, decode};
use crate::webhook_auth::WebhookAuthenticator;

const ROOT: &str = "Notification";
const NUMBER: &str = "CompletedTelephoneNumbers/TelephoneNumber";

/// Compares a notice with the confirmed port-outs.
///
/// # Errors
/// The challenge, or the reason why the notice cannot be compared. The handler sends a refusal in its place, in case it
/// was a validation request sent to the wrong URL.
pub async fn receive(
    request: &Request,
    holds: &HoldReader,
    webhooks: &WebhookAuthenticator,
    clock: &Clock,
) -> Result<Response, Problem> {
    let body = Zeroizing::new(request.body().unwrap_or_default());
    let text = decode(&body);
    let claim = authentication::read(request, webhooks).await?;
    let proven = match &claim {
        Some(claim) => claim.is_proven(webhooks, clock.now()).await?,
        None => false,
    };
    if !proven {
        return Ok(unproven(&Asked::scan(&text)));
    }
    let texts = Texts::parse(&text, ROOT, &[NUMBER]).filter(|_| body.len() <= MAX_BODY_BYTES);
    let texts = texts.ok_or_else(|| Error::internal("the body is not a notice of ported numbers"))?;
    let ported = Asked::new(None, texts.all(NUMBER)).numbers;
    let unreadable = texts.all(NUMBER).filter(|text| text.parse::<Tn>().is_err()).count();
    let uncovered = holds.count_uncovered(&ported, clock.now()).await?.saturating_add(unreadable);
    Ok(Response::no_content().with_log(|log| log.uncovered_numbers(uncovered)))
}
