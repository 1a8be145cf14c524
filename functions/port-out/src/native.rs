//! `POST /v1/port-outs`: a carrier submits a port-out with its own token, or the porting desk enters one for a carrier.

use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;
use shared::intake::Channel;

use crate::json_request::{Sender, read_request};
use crate::response::respond;
use crate::submission::{Submission, Submissions};

/// Answers a request.
pub async fn submit(request: &Request, submissions: &Submissions) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let sender = match identity.is_desk() {
        true => Sender::Desk { now: submissions.now() },
        false => Sender::Carrier(identity.require_carrier()?.clone(), Channel::Api),
    };
    let submission = Submission {
        request: read_request(request.json()?, &sender)?,
        actor: identity.actor(),
        delivery: None,
    };
    let prepared = submissions.prepare(&submission).await?;
    respond(submissions.answer(&submission, prepared).await?.answer, submissions.now())
}
