//! Reads a port-out request from JSON: the native API's and a Standard Webhook's alike.

use runtime::error::Error;
use runtime::http::json_body::JsonBody;
use runtime::http::problem::Problem;
use shared::due_date::WrittenDate;
use shared::pin::SubmittedPin;
use shared::port_out::{Content, PortOutRequest, VersionChoice};
use shared::spid::Spid;

/// Reads every field, and names every bad one.
pub fn read_request(mut body: JsonBody, spid: &Spid) -> Result<PortOutRequest, Problem> {
    let pon = body.required("pon", "pon_invalid");
    let version = VersionChoice::Given(body.optional("version", "version_invalid").unwrap_or_default());
    let account_number = body.required("account_number", "account_number_invalid");
    let pin = SubmittedPin::sort(body.text("pin").as_deref().map(String::as_str));
    let zip_code = body.optional("zip_code", "zip_code_invalid");
    let numbers = body.telephone_numbers(|_| None);
    let desired_due_date = body.optional("desired_due_date", "date_invalid").map(|WrittenDate(date)| date);
    body.finish()?;
    match (pon, account_number, numbers) {
        (Some(pon), Some(account_number), Some(numbers)) => {
            let content = Content { account_number, zip_code, numbers, desired_due_date };
            Ok(PortOutRequest { spid: spid.clone(), pon, version, content, pin })
        }
        // All three are named by `finish` when they are missing.
        _ => Err(Error::internal("a missing field was not named").into()),
    }
}
