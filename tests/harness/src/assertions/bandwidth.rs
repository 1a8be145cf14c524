//! What Bandwidth is answered, to the last byte.

use crate::client::Answer;
use crate::fixture::CONTOSO;

const CHALLENGE: &str = r#"Basic realm="port-out-pin", charset="UTF-8""#;

/// Returns the description of a code.
fn description(code: u16) -> &'static str {
    match code {
        7510 => "Required account number missing",
        7511 => "Invalid account number",
        7512 => "Required PIN missing or not set",
        7513 => "PIN is invalid or locked",
        7515 => "Invalid ZIP code",
        7516 => "Telephone number not recognized or not portable",
        7598 => "Invalid request, or it cannot be validated now",
        other => panic!("{other} is no code that refuses, or none of ours"),
    }
}

/// What a request has right.
#[derive(Clone, Copy, Default)]
pub struct Acceptable<'a> {
    /// The account number.
    pub account: Option<&'a str>,
    /// The ZIP code.
    pub zip: Option<&'a str>,
    /// The account's numbers, or those that were asked.
    pub numbers: &'a [&'a str],
}

/// Returns what a request has right that names [`CONTOSO`] and a ZIP code of its, with these numbers.
pub fn contoso<'a>(numbers: &'a [&'a str]) -> Acceptable<'a> {
    Acceptable { account: Some(CONTOSO), zip: Some("98052"), numbers }
}

/// Returns the same for a request whose ZIP code is not one of `CONTOSO`'s, or that has none.
pub fn contoso_without_zip<'a>(numbers: &'a [&'a str]) -> Acceptable<'a> {
    Acceptable { zip: None, ..contoso(numbers) }
}

/// Returns an approval.
pub fn approved(pon: &str) -> String {
    response(&format!("<Portable>true</Portable>{}", leaf("PON", Some(pon))))
}

/// Returns an approval of a request without a PON.
pub fn approved_without_pon() -> String {
    response("<Portable>true</Portable>")
}

/// Returns a rejection with exactly these codes.
pub fn refused(pon: Option<&str>, codes: &[u16], acceptable: Acceptable<'_>) -> String {
    let error = |code: &u16| {
        let (code, text) =
            (leaf("Code", Some(&code.to_string())), leaf("Description", Some(description(*code))));
        format!("<Error>{code}{text}</Error>")
    };
    let errors: String = codes.iter().map(error).collect();
    let numbers: String = acceptable.numbers.iter().map(|tn| leaf("TelephoneNumber", Some(tn))).collect();
    let (account, zip) = (leaf("AccountNumber", acceptable.account), leaf("ZipCode", acceptable.zip));
    response(&format!(
        "<Portable>false</Portable>{}<Errors>{errors}</Errors><AcceptableValues>{account}{zip}<TelephoneNumbers>\
         {numbers}</TelephoneNumbers></AcceptableValues>",
        leaf("PON", pon),
    ))
}

/// Returns a rejection that only repeats these numbers.
pub fn refused_as_asked(pon: Option<&str>, code: u16, numbers: &[&str]) -> String {
    refused(pon, &[code], Acceptable { numbers, ..Acceptable::default() })
}

fn response(inner: &str) -> String {
    let declaration = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    format!("{declaration}<PortOutValidationResponse>{inner}</PortOutValidationResponse>")
}

fn leaf(name: &str, text: Option<&str>) -> String {
    text.map_or(String::new(), |text| format!("<{name}>{text}</{name}>"))
}

/// Returns the codes of an answer.
pub fn codes(text: &str) -> Vec<u16> {
    let after = text.split("<Error><Code>").skip(1);
    after.map(|rest| rest.split_once("</Code>").expect("an end").0.parse().expect("a number")).collect()
}

/// Fails unless this is the whole answer, under the only status that Bandwidth does not take for an approval.
#[track_caller]
pub fn assert_answer(answer: &Answer, expected: &str) {
    assert_eq!((answer.status, answer.text().as_str()), (200, expected), "{}", answer.call);
    let headers = (answer.header("content-type"), answer.header("cache-control"));
    assert_eq!(headers, ("application/xml", "no-store"));
}

/// Fails unless this is exactly the challenge for credentials (RFC 7235).
#[track_caller]
pub fn assert_challenge(answer: &Answer) {
    let document = r#"{"type":"urn:port-out:problem:unauthenticated","title":"Authentication required","status":401,"detail":"This route requires the user name and password of a registered source.","code":"unauthenticated"}"#;
    assert_eq!((answer.status, answer.text().as_str()), (401, document), "{}", answer.call);
    let headers = (answer.header("www-authenticate"), answer.header("content-type"));
    assert_eq!(headers, (CHALLENGE, "application/problem+json"));
    assert_eq!(answer.header("cache-control"), "no-store");
}
