//! Responses to submissions in JSON, for the native API and Standard Webhooks.

use runtime::clock::Timestamp;
use runtime::http::port_out_view::PortOutView;
use runtime::http::problem::{Code, FieldError, Problem};
use runtime::http::request_log::RequestLog;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta;
use shared::port_out::PortOut;
use shared::port_out_id::Version;
use shared::submission::ConflictReason;
use shared::telephone_numbers::TelephoneNumbersError;

use crate::submission::Answer;

/// Turns the answer to a submission into a response or a problem.
pub fn respond(answer: Answer, now: Timestamp) -> Result<Response, Problem> {
    match answer {
        Answer::Decided { port_out, locked } => Ok(created(&port_out, locked, now)),
        Answer::Repeated(port_out) => {
            let response = Response::json(200, &PortOutView::new(&port_out, now));
            Ok(response.with_log(|log| log.port_out(&port_out, now)))
        }
        Answer::Wait { wait, locked } => Err(logged(Problem::too_many_pin_attempts(wait.seconds), locked)),
        Answer::Conflict { reason, next, locked } => Err(logged(conflict(reason, next), locked)),
        Answer::NotOpen => {
            let detail =
                "No confirmed version of this PON holds any number, so there is nothing to change or cancel.";
            Err(Problem::new(Code::PortOutNotOpen, detail))
        }
        Answer::DeliveryConflict => {
            let detail = "This webhook-id was already used for another request. Send each request with an id of its own.";
            Err(Problem::new(Code::IdempotencyConflict, detail))
        }
        Answer::TooManyNumbers => Err(too_many_numbers()),
    }
}

fn created(port_out: &PortOut, locked: bool, now: Timestamp) -> Response {
    let response = Response::json(201, &PortOutView::new(port_out, now));
    let response = response.with_header("Location", format!("/v1/port-outs/{}", port_out.id));
    logged(response, locked).with_log(|log| log.port_out(port_out, now))
}

fn logged<T: WithMeta>(answer: T, locked: bool) -> T {
    if locked { answer.with_log(RequestLog::pin_locked) } else { answer }
}

fn conflict(reason: ConflictReason, next: Option<Version>) -> Problem {
    let advice = match next {
        Some(next) => format!("use version {next}"),
        None => "use a new PON, because this one has no versions left".to_owned(),
    };
    let detail = match reason {
        ConflictReason::Used => format!(
            "This PON was already used with this or a later version and different content. To send a correction, {advice}."
        ),
        ConflictReason::OtherAccount => format!(
            "The confirmed version of this PON is on another account. Cancel it there first, or use a new PON. To cancel it, {advice}."
        ),
        ConflictReason::OtherChannel => {
            "A supplement must come the way its PON came: through the same webhook source, with a token of that carrier, or \
             from the porting desk."
                .to_owned()
        }
    };
    Problem::new(Code::PonConflict, detail)
}

fn too_many_numbers() -> Problem {
    let detail = "The numbers of this request, those of the version that it replaces, and the port-outs that it takes numbers over from are more than 90 together.";
    Problem::invalid(vec![FieldError::new(
        "/telephone_numbers",
        TelephoneNumbersError::TooMany.code(),
        detail,
    )])
}
