//! What a request asks for, read even from a damaged one: every refusal repeats it, so that none is without data.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runtime::http::gateway_event::HttpEvent;
use serde_json::Value;
use shared::telephone_number::Tn;
use zeroize::Zeroizing;

use super::request;
use super::xml::decode;

/// The most numbers that are repeated: more than a body of 64 KiB can hold.
const MAX_NUMBERS: usize = 1_500;
const ELEMENT: &str = "TelephoneNumber";

/// PON and telephone numbers of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// PON as it was sent.
    pub pon: Option<String>,
    /// The numbers, each once and in ascending order, so that a repetition in another order gets the same answer.
    pub numbers: Vec<Tn>,
}

impl Asked {
    /// Creates it from texts; those that are not telephone numbers are left out.
    pub fn new<'a>(pon: Option<&str>, numbers: impl Iterator<Item = &'a str>) -> Self {
        let numbers: BTreeSet<Tn> = numbers.filter_map(|text| text.parse().ok()).collect();
        Self { pon: pon.map(str::to_owned), numbers: numbers.into_iter().take(MAX_NUMBERS).collect() }
    }

    /// Reads the telephone numbers of a body that is not the document that it should be.
    pub fn scan(text: &str) -> Self {
        // A body in UTF-16 is readable without its zero bytes.
        let text = Zeroizing::new(text.replace('\0', ""));
        let inside = |rest: &str| {
            let (_, content) = rest.split_once('>')?;
            content.split('<').next().map(str::to_owned)
        };
        let texts: Vec<_> = text.split(ELEMENT).skip(1).filter_map(inside).collect();
        Self::new(None, texts.iter().map(String::as_str))
    }

    /// Reads an event, even one that is not an HTTP request.
    pub fn of_event(event: &str) -> Self {
        if let Ok(event) = serde_json::from_str::<HttpEvent>(event)
            && let Some(body) = event.body()
        {
            return request::read(Some(body)).asked;
        }
        let body = serde_json::from_str::<Value>(event).ok();
        let body = body.as_ref().and_then(|event| event["body"].as_str()).unwrap_or_default();
        let decoded = STANDARD.decode(body).map(|bytes| Self::scan(&decode(&bytes))).unwrap_or_default();
        let candidates = [decoded, Self::scan(body), Self::scan(event)];
        candidates.into_iter().find(|asked| !asked.numbers.is_empty()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(asked: &Asked) -> Vec<&str> {
        asked.numbers.iter().map(Tn::national).collect()
    }

    #[test]
    fn numbers_are_found_in_what_is_not_xml() {
        let number = "<TelephoneNumber>2065550100</TelephoneNumber>";
        for text in [
            number.to_owned(),
            format!("<<&{number}{number}"),
            "<TelephoneNumbers>\n<b:TelephoneNumber a='x'> 206-555-0100 </b:TelephoneNumber".to_owned(),
            "<TelephoneNumber>2065550100".to_owned(),
            "<\0TelephoneN\0umber>206\x005550100<\0".to_owned(),
        ] {
            assert_eq!(numbers(&Asked::scan(&text)), ["2065550100"], "{text}");
        }
        for text in ["", "<Pin>2065550100</Pin>", "2065550100", "<TelephoneNumber>12</TelephoneNumber>"] {
            assert_eq!(Asked::scan(text), Asked::default(), "{text}");
        }
    }

    #[test]
    fn an_event_that_is_not_an_http_request_is_read_as_far_as_possible() {
        let list = "<TelephoneNumbers><TelephoneNumber>2065550100</TelephoneNumber></TelephoneNumbers>";
        let xml = format!("<PortOutValidationRequest><PON>P</PON>{list}</PortOutValidationRequest>");
        let base64 = STANDARD.encode(&xml);
        let context = serde_json::json!({"http": {"method": "POST"}});
        let whole = serde_json::json!({"body": xml, "requestContext": context});
        let encoded = serde_json::json!({"body": base64, "isBase64Encoded": true, "requestContext": context});
        for event in [&whole, &encoded] {
            let asked = Asked::of_event(&event.to_string());
            assert_eq!((asked.pon.as_deref(), numbers(&asked)), (Some("P"), vec!["2065550100"]));
        }
        for event in [
            serde_json::json!({"body": xml}).to_string(),
            serde_json::json!({"body": base64, "isBase64Encoded": true}).to_string(),
            serde_json::json!({"body": base64, "isBase64Encoded": "yes", "requestContext": context})
                .to_string(),
            serde_json::json!({"Records": [{"body": xml}]}).to_string(),
            xml.clone(),
        ] {
            assert_eq!(numbers(&Asked::of_event(&event)), ["2065550100"], "{event}");
        }
        assert_eq!(Asked::of_event("[]"), Asked::default());
    }
}
