//! Reads a port-out request from JSON, for the native API and Standard Webhooks.

use runtime::http::json_body::JsonBody;
use runtime::http::problem::Problem;
use runtime::http::telephone_numbers_field::telephone_numbers;
use shared::due_date::IsoDate;
use shared::pin::SubmittedPin;
use shared::port_out::{Content, PortOutRequest, VersionChoice};
use shared::spid::Spid;

/// Reads every field and reports every bad one at once.
pub fn read_request(mut body: JsonBody, spid: &Spid) -> Result<PortOutRequest, Problem> {
    let fields = (
        body.required("pon"),
        body.optional("version").map(|version| VersionChoice::Given(version.unwrap_or_default())),
        body.required("account_number"),
        body.text("pin").map(|text| SubmittedPin::classify(text.as_deref().map(String::as_str))),
        body.optional("zip_code"),
        telephone_numbers(&mut body),
        body.optional("desired_due_date").map(|date| date.map(|IsoDate(date)| date)),
    );
    let (pon, version, account_number, pin, zip_code, numbers, desired_due_date) = body.finish(fields)?;
    let content = Content { account_number, zip_code, numbers, desired_due_date };
    Ok(PortOutRequest { spid: spid.clone(), pon, version, content, pin })
}
