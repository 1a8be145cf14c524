//! Reads Bandwidth's request: XML without a document type or custom entities, and limited in depth and size.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use runtime::http::request::{MAX_BODY_BYTES, Request};
use shared::pin::SubmittedPin;
use shared::port_out::{Content, PortOutRequest, VersionChoice};
use shared::port_out_id::Pon;
use shared::spid::Spid;
use shared::telephone_number::Tn;
use shared::telephone_numbers::{TelephoneNumbers, TelephoneNumbersError};
use zeroize::Zeroizing;

use super::codes::{self, ErrorCode};

/// Request that can be submitted.
#[derive(Debug)]
pub struct ValidationRequest {
    /// PON as it was sent, for the response.
    pub pon_text: Option<String>,
    pon: Pon,
    content: Content,
    pin: SubmittedPin,
}

/// Request that cannot be submitted.
#[derive(Debug)]
pub struct Rejected {
    /// PON as it was sent, for the response.
    pub pon: Option<String>,
    pub code: ErrorCode,
}

impl ValidationRequest {
    /// Returns the request as a port-out of this carrier.
    pub fn port_out(&self, spid: &Spid) -> PortOutRequest {
        PortOutRequest {
            spid: spid.clone(),
            pon: self.pon.clone(),
            version: VersionChoice::LatestOrNext,
            content: self.content.clone(),
            pin: self.pin.clone(),
        }
    }
}

/// Reads the body of a request.
pub fn read(request: &Request) -> Result<ValidationRequest, Rejected> {
    let malformed = Rejected { pon: None, code: codes::INVALID_REQUEST };
    let body = request.body().map(Zeroizing::new).filter(|body| body.len() <= MAX_BODY_BYTES);
    let (Some(body), true) = (body, request.header("content-type").is_some_and(is_xml)) else {
        return Err(malformed);
    };
    let Some(elements) = std::str::from_utf8(&body).ok().and_then(Elements::parse) else {
        return Err(malformed);
    };
    elements.read()
}

fn is_xml(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/xml") || media.eq_ignore_ascii_case("text/xml")
}

/// Trimmed texts of the elements that matter.
#[derive(Debug, Default, PartialEq, Eq)]
struct Elements {
    pon: Option<String>,
    pin: Option<Zeroizing<String>>,
    account_number: Option<String>,
    zip_code: Option<String>,
    numbers: Vec<String>,
}

/// Maximum depth. The elements that matter need 3; unknown ones may go deeper, but not without limit.
const MAX_DEPTH: usize = 16;
const ROOT: &str = "PortOutValidationRequest";

/// Element whose end tag has not been read yet.
struct OpenElement {
    name: String,
    /// Text read so far.
    text: Zeroizing<String>,
    /// Whether another element is inside, so that the text may be incomplete.
    has_child: bool,
}

impl Elements {
    /// Parses a document; `None` if it is not well-formed, or not a validation request.
    fn parse(text: &str) -> Option<Self> {
        if !text.chars().all(is_xml_character) {
            return None;
        }
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let (mut elements, mut open, mut seen_root) = (Self::default(), Vec::<OpenElement>::new(), false);
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    let name = start.local_name().into_inner().to_owned();
                    let allowed = match open.last_mut() {
                        Some(parent) => {
                            parent.has_child = true;
                            open.len() < MAX_DEPTH
                        }
                        None => !std::mem::replace(&mut seen_root, true) && name == ROOT,
                    };
                    allowed.then_some(())?;
                    open.push(OpenElement { name, text: Zeroizing::new(String::new()), has_child: false });
                }
                Event::End(_) => {
                    elements.take(&open)?;
                    open.pop();
                }
                Event::Text(text) => append(&mut open, &text)?,
                Event::CData(data) => append(&mut open, &data)?,
                Event::GeneralRef(reference) => append(&mut open, &character(&reference)?)?,
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::DocType(_) => return None,
                Event::Eof => return (seen_root && open.is_empty()).then_some(elements),
            }
        }
    }

    /// Takes the text of the innermost element.
    ///
    /// Returns `None` if an element appears twice that may appear only once, or has another one inside: then it would
    /// be unclear which text is meant.
    fn take(&mut self, open: &[OpenElement]) -> Option<()> {
        let path: Vec<&str> = open.iter().map(|element| element.name.as_str()).collect();
        let element = open.last()?;
        let text = element.text.trim();
        let known = matches!(
            path.as_slice(),
            [ROOT, "PON" | "Pin" | "AccountNumber" | "ZipCode"]
                | [ROOT, "TelephoneNumbers", "TelephoneNumber"]
        );
        match path.as_slice() {
            _ if known && element.has_child => None,
            [ROOT, "PON"] => once(&mut self.pon, text.to_owned()),
            [ROOT, "Pin"] => once(&mut self.pin, Zeroizing::new(text.to_owned())),
            [ROOT, "AccountNumber"] => once(&mut self.account_number, text.to_owned()),
            [ROOT, "ZipCode"] => once(&mut self.zip_code, text.to_owned()),
            [ROOT, "TelephoneNumbers", "TelephoneNumber"] => {
                self.numbers.push(text.to_owned());
                Some(())
            }
            _ => Some(()),
        }
    }

    fn read(self) -> Result<ValidationRequest, Rejected> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let pon_text = given(&self.pon).filter(|pon| pon.len() <= 25);
        let rejected = |code| Rejected { pon: pon_text.clone(), code };
        let account_number = given(&self.account_number).ok_or(rejected(codes::ACCOUNT_MISSING))?;
        let account_number = account_number.parse().map_err(|_| rejected(codes::ACCOUNT_INVALID))?;
        let zip_code = given(&self.zip_code)
            .map(|text| text.parse().map_err(|_| rejected(codes::ZIP_INVALID)))
            .transpose()?;
        let numbers = self.list().map_err(rejected)?;
        let content = Content { account_number, zip_code, numbers, desired_due_date: None };
        let pon = match given(&self.pon) {
            Some(text) => text.parse().map_err(|_| rejected(codes::INVALID_REQUEST))?,
            None => derived_pon(&content).ok_or(rejected(codes::INVALID_REQUEST))?,
        };
        let pin = SubmittedPin::classify(self.pin.as_deref().map(String::as_str));
        Ok(ValidationRequest { pon_text, pon, content, pin })
    }

    fn list(&self) -> Result<TelephoneNumbers, ErrorCode> {
        let numbers: Option<Vec<Tn>> = self.numbers.iter().map(|text| text.parse().ok()).collect();
        TelephoneNumbers::try_from(numbers.ok_or(codes::NUMBER_INVALID)?).map_err(|error| match error {
            TelephoneNumbersError::Empty | TelephoneNumbersError::Twice(_) => codes::INVALID_REQUEST,
            TelephoneNumbersError::TooMany => codes::TOO_MANY_NUMBERS,
        })
    }
}

fn append(open: &mut [OpenElement], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        // Outside the root, XML allows only white space.
        None => text.trim().is_empty().then_some(())?,
    }
    Some(())
}

/// Returns whether XML 1.0 allows the character (production 2, `Char`).
fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

/// Resolves a character reference or one of XML's five predefined entities; `None` for every other entity.
fn character(reference: &BytesRef<'_>) -> Option<String> {
    if let Some(character) = reference.resolve_char_ref().ok()? {
        return is_xml_character(character).then(|| character.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

/// Derives a PON from the content. Bandwidth's PON is optional, and a retry without one must be recognized.
fn derived_pon(content: &Content) -> Option<Pon> {
    let hash = content.hash();
    format!("BW-{}", hash.get(..22)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = r#"<?xml version="1.0"?>
<PortOutValidationRequest>
    <PON>some_pon</PON>
    <Pin>
        0123456
    </Pin>
    <AccountNumber> 777 </AccountNumber>
    <ZipCode>62025</ZipCode>
    <SubscriberName>A &amp; B &#60;x&#x3e; <b>bold</b></SubscriberName>
    <Future><Deep><PON>not this one</PON></Deep></Future>
    <TelephoneNumbers>
        <TelephoneNumber>2065550100</TelephoneNumber>
        <TelephoneNumber>2065550101</TelephoneNumber>
    </TelephoneNumbers>
</PortOutValidationRequest>"#;

    #[test]
    fn texts_are_trimmed_the_pin_stays_a_text_and_unknown_elements_are_ignored() {
        let validation = Elements::parse(GUIDE).unwrap().read().unwrap();
        assert_eq!(validation.pon_text.as_deref(), Some("some_pon"));
        assert_eq!(validation.content.account_number.as_str(), "777");
        assert_eq!(validation.pin.expose_text(), Some("0123456"));
        assert_eq!(validation.content.numbers.as_slice().len(), 2);
    }

    #[test]
    fn what_is_not_their_document_is_refused_and_expands_nothing() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><PortOutValidationRequest><PON>&b;</PON></PortOutValidationRequest>";
        let deep = format!(
            "<PortOutValidationRequest>{}{}</PortOutValidationRequest>",
            "<a>".repeat(5_000),
            "</a>".repeat(5_000)
        );
        let twice = "<PortOutValidationRequest><Pin>1</Pin><Pin>2</Pin></PortOutValidationRequest>";
        let entity = "<PortOutValidationRequest><PON>&other;</PON></PortOutValidationRequest>";
        for bad in [
            "",
            " ",
            "x",
            "<a/>",
            "<PortOutValidationRequest>",
            "{}",
            bomb,
            &deep,
            twice,
            entity,
            "<PortOutValidationRequest></PortOutValidationRequest><PortOutValidationRequest></PortOutValidationRequest>",
        ] {
            assert_eq!(Elements::parse(bad), None, "{bad:.80}");
        }
    }

    #[test]
    fn each_bad_value_has_its_code() {
        let read = |inner: &str| {
            let text = format!("<PortOutValidationRequest>{inner}</PortOutValidationRequest>");
            Elements::parse(&text).unwrap().read().map(|_| 0).unwrap_or_else(|rejected| rejected.code.code)
        };
        let account = "<AccountNumber>777</AccountNumber>";
        let numbers = |list: &str| format!("<TelephoneNumbers>{list}</TelephoneNumbers>");
        let one = numbers("<TelephoneNumber>2065550100</TelephoneNumber>");
        let bad = numbers("<TelephoneNumber>12</TelephoneNumber>");
        let many: String =
            (0..91).map(|n| format!("<TelephoneNumber>206555{n:04}</TelephoneNumber>")).collect();
        for (inner, code) in [
            (format!("{account}{one}"), 0),
            (String::new(), 7510),
            (one.clone(), 7510),
            (account.to_owned(), 7598),
            (format!("<AccountNumber>!!</AccountNumber>{one}"), 7511),
            (format!("{account}<ZipCode>K1A 0B1</ZipCode>{one}"), 7515),
            (format!("{account}<PON>a b</PON>{one}"), 7598),
            (format!("{account}{bad}"), 7516),
            (format!("{account}{}", numbers(&many)), 7517),
        ] {
            assert_eq!(read(&inner), code, "{inner:.80}");
        }
    }

    #[test]
    fn without_a_pon_the_same_content_makes_the_same_one() {
        let pon = |order: [&str; 2]| {
            let numbers: Vec<Tn> = order.iter().map(|tn| tn.parse().unwrap()).collect();
            let content = Content {
                account_number: "CONTOSO".parse().unwrap(),
                zip_code: None,
                numbers: numbers.try_into().unwrap(),
                desired_due_date: None,
            };
            derived_pon(&content).unwrap()
        };
        assert_eq!(pon(["2065550100", "2065550101"]), pon(["2065550101", "2065550100"]));
        assert!(pon(["2065550100", "2065550101"]) != pon(["2065550100", "2065550102"]));
    }
}
