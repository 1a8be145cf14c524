//! Port-outs as Standard Webhooks: signed by a source, and otherwise the same as those of a carrier with a token.

mod signature;

use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::deliveries;
use shared::intake::Channel;
use shared::webhook_source::{Source, SourceKind};

use crate::json_request::{Sender, read_request};
use crate::response::respond;
use crate::submission::{Submission, Submissions};
use crate::webhook_auth::{WebhookAuthenticator, actor};
use signature::Delivery;

/// Answers a delivery.
pub async fn submit(
    request: &Request,
    submissions: &Submissions,
    webhooks: &WebhookAuthenticator,
) -> Result<Response, Problem> {
    let body = request.limited_body()?;
    let now = submissions.now();
    // A bad, outdated, or missing signature and an unknown source get the same 401, so that it does not reveal which
    // sources exist.
    let unsigned = Problem::webhook_signature_required;
    let delivery = Delivery::read(|name| request.header(name), now).ok_or_else(unsigned)?;
    let claimed = webhooks.look_up(request.parameter("source_id"), SourceKind::StandardWebhooks).await?;
    let submission = claimed.source.as_ref().map(|source| read(request, source, &delivery));
    // The secret and the records are fetched at the same time to save a round trip. Nothing of the records is used or
    // sent until the secret has authenticated the caller.
    let signed = webhooks.authenticate(&claimed, now, |secret| delivery.is_signed(&body, secret));
    let (signed, prepared) = futures_util::future::join(signed, async {
        match &submission {
            Some(Ok(submission)) => Some(submissions.prepare(submission).await),
            Some(Err(_)) | None => None,
        }
    })
    .await;
    if !signed? {
        return Err(unsigned());
    }
    match (submission, prepared) {
        (Some(Ok(submission)), Some(prepared)) => {
            respond(submissions.answer(&submission, prepared?).await?.answer, now)
        }
        (Some(Err(problem)), _) => Err(problem),
        _ => Err(unsigned()),
    }
}

fn read(request: &Request, source: &Source, delivery: &Delivery<'_>) -> Result<Submission, Problem> {
    let sender = Sender::Carrier(source.spid.clone(), Channel::Webhook(source.id.clone()));
    let request = read_request(request.json()?, &sender)?;
    let delivery = Some(deliveries::Delivery::new(source, delivery.id, &request));
    Ok(Submission { request, actor: actor(source), delivery })
}
