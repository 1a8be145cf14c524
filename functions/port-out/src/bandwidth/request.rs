//! Reads Bandwidth's request: XML without document types, entities of its own, depth or size that we did not expect.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use ring::digest;
use runtime::http::json_body::MAX_BODY_BYTES;
use runtime::http::request::Request;
use shared::account::AccountNumber;
use shared::pin::SubmittedPin;
use shared::port_out::Content;
use shared::port_out_id::Pon;
use shared::telephone_number::Tn;
use shared::telephone_numbers::{TelephoneNumbers, TelephoneNumbersError};
use shared::zip_code::ZipCode;
use zeroize::Zeroizing;

use super::codes::{self, ErrorCode};

/// A request that can be judged.
#[derive(Debug)]
pub struct Asked {
    /// As it was sent, to be told back.
    pub pon_text: Option<String>,
    pon: Pon,
    /// Whose numbers, if it says.
    pub account_number: Option<AccountNumber>,
    zip_code: Option<ZipCode>,
    /// Which numbers.
    pub numbers: TelephoneNumbers,
    pin: SubmittedPin,
}

/// A request of which the account is known.
#[derive(Debug)]
pub struct Named {
    /// As it was sent, to be told back.
    pub pon_text: Option<String>,
    /// Its purchase order number, or one made of its content.
    pub pon: Pon,
    /// What it asks.
    pub content: Content,
    /// The PIN that it carries.
    pub pin: SubmittedPin,
}

/// A request that cannot be judged, and the code for that.
#[derive(Debug)]
pub struct Unusable {
    /// As it was sent, to be told back.
    pub pon: Option<String>,
    /// Why not.
    pub code: ErrorCode,
}

impl Asked {
    /// The request with its account.
    pub fn named(self, account_number: AccountNumber) -> Named {
        let Self { pon_text, pon, zip_code, numbers, pin, .. } = self;
        let content = Content { account_number, zip_code, numbers, desired_due_date: None };
        Named { pon_text, pon, content, pin }
    }

    /// The request, if its account cannot be found.
    pub fn unusable(self, code: ErrorCode) -> Unusable {
        Unusable { pon: self.pon_text, code }
    }
}

/// Reads a call's body.
pub fn read(call: &Request) -> Result<Asked, Unusable> {
    let malformed = Unusable { pon: None, code: codes::INVALID_REQUEST };
    let body = call.body().map(Zeroizing::new).filter(|body| body.len() <= MAX_BODY_BYTES);
    let (Some(body), true) = (body, call.header("content-type").is_some_and(is_xml)) else {
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

/// The texts of the elements that we know, trimmed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Elements {
    pon: Option<String>,
    pin: Option<Zeroizing<String>>,
    account_number: Option<String>,
    zip_code: Option<String>,
    numbers: Vec<String>,
}

/// Root, list, number: nothing that we know is deeper; what we do not know may be a little.
const MAX_DEPTH: usize = 16;
const ROOT: &str = "PortOutValidationRequest";

/// An element that is open: its name, its text so far, and whether another one stands in that.
struct Open {
    name: String,
    text: Zeroizing<String>,
    is_cut: bool,
}

impl Elements {
    /// `None`: it is not the document that it should be.
    fn parse(text: &str) -> Option<Self> {
        if !text.chars().all(is_xml_character) {
            return None;
        }
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let (mut elements, mut open, mut seen_root) = (Self::default(), Vec::<Open>::new(), false);
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    let name = start.local_name().into_inner().to_owned();
                    let allowed = match open.last_mut() {
                        Some(parent) => {
                            parent.is_cut = true;
                            open.len() < MAX_DEPTH
                        }
                        None => !std::mem::replace(&mut seen_root, true) && name == ROOT,
                    };
                    allowed.then_some(())?;
                    open.push(Open { name, text: Zeroizing::new(String::new()), is_cut: false });
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

    /// Takes the text of the innermost element. `None`: one that may stand there once stands there twice, or its text
    /// is cut by another element, so that half of it might be taken for all of it.
    fn take(&mut self, open: &[Open]) -> Option<()> {
        let path: Vec<&str> = open.iter().map(|element| element.name.as_str()).collect();
        let element = open.last()?;
        let text = element.text.trim();
        let known = matches!(
            path.as_slice(),
            [ROOT, "PON" | "Pin" | "AccountNumber" | "ZipCode"]
                | [ROOT, "TelephoneNumbers", "TelephoneNumber"]
        );
        match path.as_slice() {
            _ if known && element.is_cut => None,
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

    fn read(self) -> Result<Asked, Unusable> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let pon_text = given(&self.pon).filter(|pon| pon.len() <= 25);
        let unusable = |code| Unusable { pon: pon_text.clone(), code };
        let account_number = given(&self.account_number)
            .map(|text| text.parse().map_err(|_| unusable(codes::ACCOUNT_INVALID)))
            .transpose()?;
        let zip_code = given(&self.zip_code)
            .map(|text| text.parse().map_err(|_| unusable(codes::ZIP_INVALID)))
            .transpose()?;
        let numbers = self.list().map_err(unusable)?;
        let pon = match given(&self.pon) {
            Some(text) => text.parse().map_err(|_| unusable(codes::INVALID_REQUEST))?,
            None => made_pon(&account_number, &zip_code, &numbers).ok_or(unusable(codes::INVALID_REQUEST))?,
        };
        let pin = SubmittedPin::sort(self.pin.as_deref().map(String::as_str));
        Ok(Asked { pon_text, pon, account_number, zip_code, numbers, pin })
    }

    fn list(&self) -> Result<TelephoneNumbers, ErrorCode> {
        let numbers: Option<Vec<Tn>> = self.numbers.iter().map(|text| text.parse().ok()).collect();
        TelephoneNumbers::try_from(numbers.ok_or(codes::NUMBER_INVALID)?).map_err(|error| match error {
            TelephoneNumbersError::Empty | TelephoneNumbersError::Twice(_) => codes::INVALID_REQUEST,
            TelephoneNumbersError::TooMany => codes::TOO_MANY_NUMBERS,
        })
    }
}

/// XML knows no text outside the root but white space.
fn append(open: &mut [Open], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None => text.trim().is_empty().then_some(())?,
    }
    Some(())
}

/// XML 1.0, production 2.
fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

/// The five entities that XML knows by itself, and characters by number; there are no others.
fn character(reference: &BytesRef<'_>) -> Option<String> {
    if let Some(character) = reference.resolve_char_ref().ok()? {
        return is_xml_character(character).then(|| character.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

/// A PON is optional for them: without one, what is asked names the request, so that its retries are the same.
fn made_pon(
    account: &Option<AccountNumber>,
    zip: &Option<ZipCode>,
    numbers: &TelephoneNumbers,
) -> Option<Pon> {
    let mut sorted: Vec<_> = numbers.as_slice().iter().map(Tn::national).collect();
    sorted.sort_unstable();
    let parts = [
        account.as_ref().map_or("", |account| account.as_str()),
        zip.as_ref().map_or("", |zip| zip.as_str()),
        &sorted.join(" "),
    ];
    let hash = digest::digest(&digest::SHA256, parts.join("|").as_bytes());
    let hex: String = hash.as_ref().iter().take(11).map(|byte| format!("{byte:02x}")).collect();
    format!("BW-{hex}").parse().ok()
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
        let asked = Elements::parse(GUIDE).unwrap().read().unwrap();
        assert_eq!(asked.pon_text.as_deref(), Some("some_pon"));
        assert_eq!(asked.account_number.unwrap().as_str(), "777");
        assert_eq!(asked.pin.expose_text(), Some("0123456"));
        assert_eq!(asked.numbers.as_slice().len(), 2);
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
            Elements::parse(&text).unwrap().read().map(|_| 0).unwrap_or_else(|unusable| unusable.code.code)
        };
        let tn = "<TelephoneNumbers><TelephoneNumber>2065550100</TelephoneNumber></TelephoneNumbers>";
        assert_eq!(read(tn), 0);
        assert_eq!(read(""), 7598);
        assert_eq!(read(&format!("<AccountNumber>!!</AccountNumber>{tn}")), 7511);
        assert_eq!(read(&format!("<ZipCode>K1A 0B1</ZipCode>{tn}")), 7515);
        assert_eq!(read(&format!("<PON>a b</PON>{tn}")), 7598);
        assert_eq!(read("<TelephoneNumbers><TelephoneNumber>12</TelephoneNumber></TelephoneNumbers>"), 7516);
        let many: String =
            (0..91).map(|n| format!("<TelephoneNumber>206555{n:04}</TelephoneNumber>")).collect();
        assert_eq!(read(&format!("<TelephoneNumbers>{many}</TelephoneNumbers>")), 7517);
    }

    #[test]
    fn without_a_pon_the_same_content_makes_the_same_one() {
        let pon = |order: [&str; 2]| {
            let numbers: Vec<Tn> = order.iter().map(|tn| tn.parse().unwrap()).collect();
            made_pon(&None, &None, &numbers.try_into().unwrap()).unwrap()
        };
        assert_eq!(pon(["2065550100", "2065550101"]), pon(["2065550101", "2065550100"]));
        assert!(pon(["2065550100", "2065550101"]) != pon(["2065550100", "2065550102"]));
    }
}
