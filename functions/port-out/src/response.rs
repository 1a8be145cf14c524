//! Responses to submissions in JSON, for the native API and Standard Webhooks.

use runtime::http::problem::{Code, FieldError, Problem};
use runtime::http::request_log::RequestLog;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;
use runtime::http::views::PortOutView;
use shared::port_out::PortOut;
use shared::port_out_id::Version;
use shared::telephone_numbers::TelephoneNumbersError;

use crate::submission::Answer;

/// Turns the answer to a submission into a response or a problem.
pub fn respond(answer: Answer) -> Result<Response, Problem> {
    match answer {
        Answer::Decided { port_out, locked } => Ok(created(&port_out, locked)),
        Answer::Repeated(port_out) => {
            let response = Response::json(200, &PortOutView::new(&port_out));
            Ok(response.with_log(|log| log.port_out(&port_out)))
        }
        Answer::Wait(seconds) => Err(Problem::too_many_pin_attempts(seconds)),
        Answer::Conflict { next, locked: true } => Err(conflict(next).with_log(RequestLog::pin_locked)),
        Answer::Conflict { next, locked: false } => Err(conflict(next)),
        Answer::TooManyNumbers => Err(too_many_numbers()),
    }
}

fn created(port_out: &PortOut, locked: bool) -> Response {
    let response = Response::json(201, &PortOutView::new(port_out));
    let response = response.with_header("Location", format!("/v1/port-outs/{}", port_out.id));
    let response = if locked { response.with_log(RequestLog::pin_locked) } else { response };
    response.with_log(|log| log.port_out(port_out))
}

fn conflict(next: Option<Version>) -> Problem {
    let advice = match next {
        Some(next) => format!("To send a correction, use version {next}"),
        None => "This PON has no versions left, so use a new PON".to_owned(),
    };
    let detail =
        format!("This PON was already used with this or a later version and different content. {advice}.");
    Problem::new(Code::PonConflict, detail)
}

fn too_many_numbers() -> Problem {
    let detail = "This version and the confirmed version that it would replace have more than 90 telephone numbers in total.";
    Problem::invalid(vec![FieldError::new(
        "/telephone_numbers",
        TelephoneNumbersError::TooMany.code(),
        detail,
    )])
}
