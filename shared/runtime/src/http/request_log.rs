//! The one log line of a request; see `telemetry` for what is never logged.

use std::sync::LazyLock;

use crate::clock::Timestamp;
use crate::error::Error;
use crate::http::problem::Problem;
use crate::http::response::Response;
use crate::timings::{Dependency, Timings};
use shared::port_out::PortOut;
use shared::spid::Spid;

/// What a handler adds to the log line of its request.
#[derive(Debug, Default)]
pub struct RequestLog {
    port_out_status: Option<&'static str>,
    port_out_reasons: Option<String>,
    pin_locked: bool,
    carrier_must_be_told: bool,
    carrier_spid: Option<Spid>,
    webhook_portable: Option<bool>,
    webhook_codes: Option<String>,
    credentials: Option<&'static str>,
    uncovered_numbers: Option<usize>,
}

impl RequestLog {
    /// Logs how a port-out was answered, and to which carrier.
    pub fn port_out(&mut self, port_out: &PortOut, now: Timestamp) {
        let mut reasons: Vec<_> = port_out.outcome.rejections().iter().map(|r| r.code.as_str()).collect();
        reasons.dedup();
        self.port_out_status = Some(port_out.status(now).as_str());
        self.port_out_reasons = Some(reasons.join(" "));
        self.carrier_spid = Some(port_out.spid.clone());
    }

    /// Logs that the account's PIN is locked, which an alarm counts.
    pub fn pin_locked(&mut self) {
        self.pin_locked = true;
    }

    /// Logs that the porting desk has to tell the carrier about a cancellation.
    pub fn carrier_must_be_told(&mut self) {
        self.carrier_must_be_told = true;
    }

    /// Logs how a validation was answered: its codes, or none if the port-out may go on.
    pub fn validation(&mut self, codes: &[u16]) {
        self.webhook_portable = Some(codes.is_empty());
        self.webhook_codes = Some(codes.iter().map(u16::to_string).collect::<Vec<_>>().join(" "));
    }

    /// Logs that a webhook source's credentials were refused, which an alarm counts: if the sender is the real one, all
    /// its requests are refused until it has the new password.
    pub fn credentials_refused(&mut self) {
        self.credentials = Some("refused");
    }

    /// Logs that a request to a webhook came from an address that is not on the list, which the same alarm counts: the
    /// real sender may have new ones.
    pub fn address_refused(&mut self) {
        self.credentials = Some("unlisted");
    }

    /// Logs how many ported numbers no confirmed port-out covers; an alarm counts every request with one.
    pub fn uncovered_numbers(&mut self, count: usize) {
        self.uncovered_numbers = Some(count);
    }

    /// Returns whether the operator has to look at it although the service did what it should.
    fn needs_attention(&self) -> bool {
        self.credentials.is_some() || self.uncovered_numbers.is_some_and(|count| count > 0)
    }
}

/// What the service knows of a request before its handler runs; nothing that a caller sent but the method.
pub(super) struct Trace {
    pub method: Option<&'static str>,
    /// The route's template; a raw path may hold an account number.
    pub route: Option<&'static str>,
    pub request_id: String,
}

/// What the request took, and which invocation it was.
pub(super) struct Took<'a> {
    pub took_ms: i64,
    pub lambda_request_id: &'a str,
    pub timings: &'a Timings,
}

/// The version of the function that Lambda runs here. The alarms of a deployment look at the new one only.
static VERSION: LazyLock<Option<String>> =
    LazyLock::new(|| std::env::var("AWS_LAMBDA_FUNCTION_VERSION").ok());

/// Writes the line: an error if the service is at fault, even where the answer is not a 5xx; a warning if the operator
/// has to look at what callers did.
pub(super) fn write(
    function: &'static str,
    trace: &Trace,
    result: &Result<Response, Problem>,
    took: &Took<'_>,
) {
    let (status, code, meta) = match result {
        Ok(response) => (response.status, None, &response.meta),
        Err(problem) => (problem.code().status(), Some(problem.code().as_str()), &problem.meta),
    };
    let (log, error) = (&meta.log, meta.error.as_deref());
    macro_rules! line {
        ($level:ident, $text:literal) => {
            tracing::$level!(
                function,
                function_version = VERSION.as_deref(),
                lambda_request_id = took.lambda_request_id,
                request_id = trace.request_id,
                http_method = trace.method,
                http_route = trace.route,
                http_status = status,
                problem_code = code,
                port_out_status = log.port_out_status,
                port_out_reasons = log.port_out_reasons,
                pin_locked = log.pin_locked.then_some("yes"),
                carrier_must_be_told = log.carrier_must_be_told.then_some("yes"),
                carrier_spid = log.carrier_spid.as_ref().map(Spid::as_str),
                webhook_portable =
                    log.webhook_portable.map(|portable| if portable { "true" } else { "false" }),
                webhook_codes = log.webhook_codes,
                webhook_credentials = log.credentials,
                webhook_uncovered_numbers = log.uncovered_numbers,
                error_kind = error.map(|e| e.kind().as_str()),
                error_cause = error.map(ToString::to_string),
                error_code = error.and_then(Error::code),
                took_ms = took.took_ms,
                dynamodb_ms = took.timings.millis(Dependency::DynamoDb),
                kms_ms = took.timings.millis(Dependency::Kms),
                hash_ms = took.timings.millis(Dependency::Hash),
                aws_calls = took.timings.calls(),
                aws_tries = took.timings.tries(),
                $text
            )
        };
    }
    if status >= 500 || error.is_some() {
        line!(error, "call failed");
    } else if log.needs_attention() {
        line!(warn, "call answered");
    } else {
        line!(info, "call answered");
    }
}
