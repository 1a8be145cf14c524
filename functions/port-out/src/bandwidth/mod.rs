//! Bandwidth's port-out validation: XML in, XML out, and never a response that lets a port through by mistake.
//!
//! Bandwidth treats every 4xx, 5xx, timeout, and unknown code as an approval. So once a request has credentials, any
//! failure is answered with 200, `Portable` false, and code 7598.

mod acceptable;
mod basic_auth;
mod codes;
mod request;
mod response;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use runtime::error::Error;
use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use runtime::pin_hash::webhook_secret::WebhookSecret;
use shared::port_out::{Outcome, PortOut};
use shared::snapshot::Snapshot;
use shared::webhook_source::{Source, SourceKind};

use crate::submission::{Answer, Submission, Submissions, Submitted};
use crate::webhook_auth::{WebhookAuthenticator, actor};
use acceptable::AcceptableValues;
use basic_auth::Basic;
use request::{Rejected, ValidationRequest};
use response::ValidationResponse;

/// Bandwidth waits 30 seconds, but the service around this handler answers 503, an approval, after 10.
const DEADLINE: Duration = Duration::from_secs(8);

/// Answers a validation request.
pub async fn validate(
    request: &Request,
    submissions: &Submissions,
    webhooks: &WebhookAuthenticator,
) -> Result<Response, Problem> {
    // Bandwidth sends a request without credentials first and expects this challenge (RFC 7235).
    let Some(basic) = request.header("authorization").and_then(Basic::parse) else {
        return Err(Problem::basic_required());
    };
    let source_id = request.parameter("source_id");
    // If reading untrusted XML panics, the response must still be a rejection: a 500 would be an approval.
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| request::read(request)));
    let Ok(read) = read else { return Ok(unavailable(None, Error::internal("a panic was caught"))) };
    // Taken out first, so that even a failure can name the PON.
    let pon = match &read {
        Ok(validation) => validation.pon_text.clone(),
        Err(rejected) => rejected.pon.clone(),
    };
    let work = AssertUnwindSafe(answer(source_id, &basic, read, submissions, webhooks)).catch_unwind();
    match tokio::time::timeout(DEADLINE, work).await {
        Ok(Ok(Ok(Some(response)))) => Ok(response.into_http()),
        Ok(Ok(Ok(None))) => Err(Problem::basic_required()),
        Ok(Ok(Err(error))) => Ok(unavailable(pon, error)),
        Ok(Err(_panic)) => Ok(unavailable(pon, Error::internal("a panic was caught"))),
        Err(_elapsed) => Ok(unavailable(pon, Error::unavailable("the request timed out"))),
    }
}

/// Returns the response, or `None` if the credentials are wrong.
async fn answer(
    source_id: &str,
    basic: &Basic,
    read: Result<ValidationRequest, Rejected>,
    submissions: &Submissions,
    webhooks: &WebhookAuthenticator,
) -> Result<Option<ValidationResponse>, Error> {
    let claimed = webhooks.look_up(source_id, SourceKind::Bandwidth).await?;
    let submission = match (&claimed.source, &read) {
        (Some(source), Ok(validation)) => Some(submission(source, validation)),
        _ => None,
    };
    let proves = |secret: &WebhookSecret| basic.user == source_id && secret.matches(&basic.password);
    // The secret and the records are fetched at the same time to save a round trip. Nothing of the records is used or
    // sent until the secret has authenticated the caller.
    let authenticated = webhooks.authenticate(&claimed, submissions.now(), proves);
    let (authenticated, prepared) = futures_util::future::join(authenticated, async {
        match &submission {
            Some(submission) => Some(submissions.prepare(submission).await),
            None => None,
        }
    })
    .await;
    if !authenticated? {
        return Ok(None);
    }
    Ok(match (read, submission, prepared) {
        (Ok(validation), Some(submission), Some(prepared)) => {
            let submitted = submissions.answer(&submission, prepared?).await?;
            Some(respond(validation.pon_text, &submission, submitted))
        }
        (Err(Rejected { pon, code }), ..) => {
            Some(ValidationResponse::rejected(pon, &[code], AcceptableValues::default()))
        }
        (Ok(_), ..) => None,
    })
}

fn submission(source: &Source, validation: &ValidationRequest) -> Submission {
    Submission { request: validation.port_out(&source.spid), actor: actor(source), delivery: None }
}

fn respond(pon: Option<String>, submission: &Submission, submitted: Submitted) -> ValidationResponse {
    let known = &submitted.snapshot.known;
    let nothing = AcceptableValues::default;
    match submitted.answer {
        Answer::Decided { port_out, locked } => {
            outcome(pon, submission, &port_out, known).with_pin_locked(locked)
        }
        Answer::Repeated(port_out) => outcome(pon, submission, &port_out, known),
        Answer::Wait(_) => ValidationResponse::unavailable(pon),
        Answer::TooManyNumbers => ValidationResponse::rejected(pon, &[codes::TOO_MANY_NUMBERS], nothing()),
        // Validations have no versions, so the only possible conflict is a PON with no version left.
        Answer::Conflict { locked, .. } => {
            ValidationResponse::rejected(pon, &[codes::INVALID_REQUEST], nothing()).with_pin_locked(locked)
        }
    }
}

fn outcome(
    pon: Option<String>,
    submission: &Submission,
    port_out: &PortOut,
    known: &Snapshot,
) -> ValidationResponse {
    match &port_out.outcome {
        Outcome::Confirmed(_) => ValidationResponse::approved(pon),
        // A newer version replaced it, so this one will not be ported.
        Outcome::Superseded(_) => {
            ValidationResponse::rejected(pon, &[codes::INVALID_REQUEST], AcceptableValues::default())
        }
        Outcome::Rejected(reasons) => {
            let codes: Vec<_> = reasons.iter().map(|reason| codes::for_rejection(reason.code)).collect();
            let acceptable = AcceptableValues::new(&submission.request.content, known);
            ValidationResponse::rejected(pon, &codes, acceptable)
        }
    }
}

fn unavailable(pon: Option<String>, error: Error) -> Response {
    ValidationResponse::unavailable(pon).into_http().with_error(error)
}
