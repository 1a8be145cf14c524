//! `POST /v1/port-outs`: a carrier submits a port-out with its own token.

use runtime::http::problem::Problem;
use runtime::http::request::Request;
use runtime::http::response::Response;

use crate::json_request::read_request;
use crate::response::respond;
use crate::submission::{Submission, Submissions};

/// Answers a carrier's request.
pub async fn submit(request: &Request, submissions: &Submissions) -> Result<Response, Problem> {
    let identity = request.identity()?;
    let spid = identity.require_carrier()?;
    let submission =
        Submission { request: read_request(request.json()?, spid)?, actor: identity.actor(), delivery: None };
    let prepared = submissions.prepare(&submission).await?;
    respond(submissions.answer(&submission, prepared).await?.answer)
}
