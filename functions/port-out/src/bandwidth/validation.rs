//! `POST /v1/webhooks/{source_id}/bandwidth`: Bandwidth asks whether numbers may be ported out.

use runtime::error::Error;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::request_log::RequestLog;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use shared::port_out::{Outcome, PortOut};
use shared::rejection::Rejection;
use shared::snapshot::Snapshot;
use shared::webhook_source::Source;

use super::acceptable::AcceptableValues;
use super::asked::Asked;
use super::authentication::{self, Claim};
use super::codes::{self, ErrorCode};
use super::request::{self, Read, ValidationRequest};
use super::response::ValidationResponse;
use crate::submission::{Answer, Submission, Submissions, Submitted};
use crate::webhook_auth::{WebhookAuthenticator, actor};

/// Answers a validation request.
///
/// # Errors
/// The challenge, or an error of the service, in whose place the handler sends a refusal.
pub async fn validate(
    request: &Request,
    submissions: &Submissions,
    webhooks: &WebhookAuthenticator,
) -> Result<Response, Problem> {
    // Read first, so that a refusal has data even if the credentials are wrong.
    let read = request::read(request.body());
    let answered = match authentication::read(request, webhooks).await? {
        Some(claim) => answer(&claim, &read, submissions, webhooks).await?,
        None => None,
    };
    Ok(answered.map_or_else(|| unproven(&read.asked), ValidationResponse::into_http))
}

/// Returns the answer to a caller whose credentials are wrong: its own numbers, which tells it nothing.
pub fn unproven(asked: &Asked) -> Response {
    ValidationResponse::unavailable(asked).into_http().with_log(RequestLog::credentials_refused)
}

/// Returns the answer to a caller from an address that is not Bandwidth's.
pub fn unlisted(request: &Request) -> Response {
    let asked = request::read(request.body()).asked;
    ValidationResponse::unavailable(&asked).into_http().with_log(RequestLog::address_refused)
}

/// Returns the response, or `None` if the credentials are wrong.
async fn answer(
    claim: &Claim,
    read: &Read,
    submissions: &Submissions,
    webhooks: &WebhookAuthenticator,
) -> Result<Option<ValidationResponse>, Error> {
    let submission = claim.source().zip(read.request.as_ref().ok());
    let submission = submission.map(|(source, request)| submission_of(source, request));
    // The secret and the records are fetched at the same time to save a round trip. Nothing of the records is used or
    // sent until the secret has authenticated the caller.
    let (proven, prepared) =
        futures_util::future::join(claim.is_proven(webhooks, submissions.now()), async {
            match &submission {
                Some(submission) => Some(submissions.prepare(submission).await),
                None => None,
            }
        })
        .await;
    if !proven? {
        return Ok(None);
    }
    let asked = &read.asked;
    Ok(match (&read.request, submission, prepared) {
        (Ok(request), Some(submission), Some(prepared)) => {
            let submitted = submissions.answer(&submission, prepared?).await?;
            Some(respond(request, asked, submitted))
        }
        (Err(code), ..) => Some(ValidationResponse::rejected_as_asked(asked, *code)),
        (Ok(_), ..) => None,
    })
}

fn submission_of(source: &Source, request: &ValidationRequest) -> Submission {
    Submission { request: request.port_out(source), actor: actor(source), delivery: None }
}

fn respond(request: &ValidationRequest, asked: &Asked, submitted: Submitted) -> ValidationResponse {
    let known = &submitted.snapshot.known;
    match submitted.answer {
        Answer::Decided { port_out, locked } => {
            outcome(request, asked, &port_out, known).with_pin_locked(locked)
        }
        Answer::Repeated(port_out) => outcome(request, asked, &port_out, known),
        Answer::Wait { locked, .. } | Answer::Conflict { locked, .. } => {
            ValidationResponse::unavailable(asked).with_pin_locked(locked)
        }
        // Validations are neither supplements nor deliveries with an id.
        Answer::TooManyNumbers | Answer::NotOpen | Answer::DeliveryConflict => {
            ValidationResponse::unavailable(asked)
        }
    }
}

fn outcome(
    request: &ValidationRequest,
    asked: &Asked,
    port_out: &PortOut,
    known: &Snapshot,
) -> ValidationResponse {
    let codes = match &port_out.outcome {
        Outcome::Confirmed(_) => return ValidationResponse::approved(asked),
        // Validations are never supplements.
        Outcome::Cancelled => vec![codes::INVALID_REQUEST],
        Outcome::Rejected(_) => codes_of(port_out, known),
    };
    ValidationResponse::rejected(asked, &codes, AcceptableValues::of(request, asked, known))
}

fn codes_of(port_out: &PortOut, known: &Snapshot) -> Vec<ErrorCode> {
    let code = |reason: &Rejection| {
        let elsewhere = reason.telephone_number.and_then(|tn| known.numbers.get(&tn));
        let elsewhere = elsewhere
            .and_then(|it| it.account.as_ref())
            .is_some_and(|owner| *owner != port_out.account_number);
        codes::for_rejection(reason.code, elsewhere)
    };
    port_out.outcome.rejections().iter().map(code).collect()
}
