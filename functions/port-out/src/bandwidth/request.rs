//! Reads Bandwidth's validation request.

use runtime::http::request::MAX_BODY_BYTES;
use shared::account::{AccountNumber, PastedAccountNumber};
use shared::hex::short_hash;
use shared::intake::{Channel, Intake};
use shared::lsr::Lsr;
use shared::pin::SubmittedPin;
use shared::port_out::{Ask, Content, PortOutRequest, VersionChoice};
use shared::port_out_id::{Pon, Requester};
use shared::telephone_number::Tn;
use shared::telephone_numbers::{TelephoneNumbers, TelephoneNumbersError};
use shared::webhook_source::Source;
use shared::zip_code::ZipCode;
use zeroize::Zeroizing;

use super::asked::Asked;
use super::codes::{self, ErrorCode};
use super::xml::{Texts, decode};

/// Body of a request: what it asks for, and whether it can be submitted.
#[derive(Debug)]
pub struct Read {
    /// What every refusal repeats.
    pub asked: Asked,
    /// The request, or the code of what is wrong with it.
    pub request: Result<ValidationRequest, ErrorCode>,
}

/// Request that can be submitted.
#[derive(Debug)]
pub struct ValidationRequest {
    /// Account number as it was sent.
    pub account_text: String,
    /// ZIP code as it was sent.
    pub zip_text: Option<String>,
    pon: Pon,
    numbers: TelephoneNumbers,
    content: Content,
    pin: SubmittedPin,
}

impl ValidationRequest {
    /// Returns the ZIP code, if one was given.
    pub fn zip_code(&self) -> Option<&ZipCode> {
        self.content.zip_code.as_ref()
    }

    /// Returns the request as a port-out that came through this source. Behind it are many carriers, so it is named
    /// within the source.
    pub fn port_out(&self, source: &Source) -> PortOutRequest {
        PortOutRequest {
            requester: Requester::Source(source.id.clone()),
            spid: source.spid.clone(),
            pon: self.pon.clone(),
            version: VersionChoice::LatestOrNext,
            ask: Ask::Port(self.numbers.clone(), false),
            content: self.content.clone(),
            pin: self.pin.clone(),
            intake: Intake::now(Channel::Webhook(source.id.clone())),
        }
    }
}

const ROOT: &str = "PortOutValidationRequest";
/// Elements that appear at most once, because a second one would make it unclear which is meant.
const SINGLE: [&str; 4] = ["PON", "Pin", "AccountNumber", "ZipCode"];
const NUMBER: &str = "TelephoneNumbers/TelephoneNumber";
const KNOWN: &[&str] = &["PON", "Pin", "AccountNumber", "ZipCode", NUMBER];

/// Reads a body; `None` is one that the gateway sent in broken base64.
pub fn read(body: Option<Vec<u8>>) -> Read {
    let body = Zeroizing::new(body.unwrap_or_default());
    let text = decode(&body);
    let texts = Some(&text).filter(|_| body.len() <= MAX_BODY_BYTES);
    let texts = texts.and_then(|text| Texts::parse(text, ROOT, KNOWN));
    match texts.filter(|texts| SINGLE.iter().all(|path| texts.has_once(path))) {
        Some(texts) => {
            let asked = Asked::new(texts.first("PON"), texts.all(NUMBER));
            let request = submittable(&texts, &asked);
            Read { asked, request }
        }
        None => Read { asked: Asked::scan(&text), request: Err(codes::INVALID_REQUEST) },
    }
}

fn submittable(texts: &Texts, asked: &Asked) -> Result<ValidationRequest, ErrorCode> {
    let account_text = texts.first("AccountNumber").ok_or(codes::ACCOUNT_MISSING)?.to_owned();
    let PastedAccountNumber(account_number) = account_text.parse().map_err(|_| codes::ACCOUNT_INVALID)?;
    let zip_text = texts.first("ZipCode").map(str::to_owned);
    let zip_code: Option<ZipCode> =
        zip_text.as_deref().map(|text| text.parse().map_err(|_| codes::ZIP_INVALID)).transpose()?;
    let numbers = numbers(texts, asked)?;
    let pon = named(asked.pon.as_deref(), &account_number, &asked.numbers).ok_or(codes::INVALID_REQUEST)?;
    let listed = numbers.as_slice().to_vec();
    let content =
        Content { account_number, zip_code, numbers: listed, desired_due_date: None, lsr: Lsr::default() };
    let pin = SubmittedPin::classify(texts.all("Pin").next());
    Ok(ValidationRequest { account_text, zip_text, pon, numbers, content, pin })
}

/// Returns the distinct numbers, if every text is one.
fn numbers(texts: &Texts, asked: &Asked) -> Result<TelephoneNumbers, ErrorCode> {
    if texts.all(NUMBER).any(|text| text.parse::<Tn>().is_err()) {
        return Err(codes::NUMBER_INVALID);
    }
    TelephoneNumbers::try_from(asked.numbers.clone()).map_err(|error| match error {
        TelephoneNumbersError::Empty | TelephoneNumbersError::TooMany | TelephoneNumbersError::Twice(_) => {
            codes::INVALID_REQUEST
        }
    })
}

/// Prefix of the stored name of a validation.
const PREFIX: &str = "BW-";
/// Hexadecimal digits of a hash that fit into a PON with the prefix.
const HASH_DIGITS: usize = 22;

/// Returns the name to store: a hash of the account, the PON if there is one, and the set of numbers.
///
/// A PON is unique only for its carrier, and many carriers come through one source. Two of them that use the same PON must
/// not meet, and none can take a name that another needs.
fn named(pon: Option<&str>, account: &AccountNumber, numbers: &[Tn]) -> Option<Pon> {
    let mut text = format!("{account} {pon:?}");
    numbers.iter().for_each(|tn| text.push_str(tn.national()));
    format!("{PREFIX}{}", short_hash(&text).get(..HASH_DIGITS)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_inner(inner: &str) -> Read {
        read(Some(format!("<{ROOT}>{inner}</{ROOT}>").into_bytes()))
    }

    fn pon_of(inner: &str) -> String {
        let account = "<AccountNumber>CONTOSO</AccountNumber>";
        read_inner(&format!("{account}{inner}")).request.unwrap().pon.as_str().to_owned()
    }

    fn list(numbers: &[&str]) -> String {
        let one = |number: &&str| format!("<TelephoneNumber>{number}</TelephoneNumber>");
        format!("<TelephoneNumbers>{}</TelephoneNumbers>", numbers.iter().map(one).collect::<String>())
    }

    #[test]
    fn the_request_of_bandwidths_guide_is_read() {
        let read = read(Some(
            br#"<?xml version="1.0"?>
<PortOutValidationRequest>
    <PON>some_pon</PON>
    <Pin>
        0123456
    </Pin>
    <AccountNumber> 777 </AccountNumber>
    <ZipCode>62025</ZipCode>
    <SubscriberName>A &amp; B &#60;x&#x3e; <b>M\xfcller</b></SubscriberName>
    <Future><Deep><PON>not this one</PON></Deep></Future>
    <TelephoneNumbers>
        <TelephoneNumber>2065550101</TelephoneNumber>
        <TelephoneNumber>2065550100</TelephoneNumber>
        <TelephoneNumber>206-555-0101</TelephoneNumber>
    </TelephoneNumbers>
</PortOutValidationRequest>"#
                .to_vec(),
        ));
        let numbers: Vec<_> = read.asked.numbers.iter().map(Tn::national).collect();
        assert_eq!(
            (read.asked.pon.as_deref(), numbers),
            (Some("some_pon"), vec!["2065550100", "2065550101"])
        );
        let request = read.request.unwrap();
        assert_eq!((request.account_text.as_str(), request.zip_text.as_deref()), ("777", Some("62025")));
        assert_eq!(request.pin.expose_text(), Some("0123456"));
        assert_eq!(request.content.numbers.as_slice().len(), 2, "a repeated number counts once");
    }

    #[test]
    fn each_bad_value_has_its_code_and_the_numbers_are_repeated() {
        let account = "<AccountNumber>777</AccountNumber>";
        let one = list(&["2065550100"]);
        let many: Vec<_> = (0..91).map(|n| format!("206555{n:04}")).collect();
        let many = list(&many.iter().map(String::as_str).collect::<Vec<_>>());
        for (inner, code, asked) in [
            (format!("{account}{one}"), 0, 1),
            (String::new(), 7510, 0),
            (one.clone(), 7510, 1),
            (account.to_owned(), 7598, 0),
            (format!("<AccountNumber>!!</AccountNumber>{one}"), 7511, 1),
            (format!("{account}<ZipCode>K1A 0B1</ZipCode>{one}"), 7515, 1),
            (format!("{account}<PON>a b</PON>{one}"), 0, 1),
            (format!("{account}{}", list(&["12", "2065550100"])), 7516, 1),
            (format!("{account}{many}"), 7598, 91),
            (format!("{account}<Pin>1</Pin><Pin>2</Pin>{one}"), 7598, 1),
            (format!("{account}<PON>&x;</PON>{one}"), 7598, 1),
        ] {
            let read = read_inner(&inner);
            let found = read.request.as_ref().map_or_else(|code| code.code, |_| 0);
            assert_eq!((found, read.asked.numbers.len()), (code, asked), "{inner:.80}");
        }
    }

    #[test]
    fn account_pon_and_numbers_make_the_name_in_whatever_order_the_numbers_come() {
        let name = |pon: &str, numbers: &[&str]| pon_of(&format!("{pon}{}", list(numbers)));
        let (one, two) = ("2065550100", "2065550101");
        let pon = |text: &str| format!("<PON>{text}</PON>");
        let long = "9".repeat(26);
        let mut names = vec![name("", &[one]), name("", &[one, two])];
        names.extend(["TX-1", "TX 1", "ТХ-1", "None", &long].map(|text| name(&pon(text), &[one])));
        for (n, name) in names.iter().enumerate() {
            assert!(!names[..n].contains(name) && name.len() == 25, "{name}");
        }
        assert_eq!(name(&pon("TX-1"), &[one, two]), name(&pon("TX-1"), &[two, one]));
        assert_ne!(named(None, &"A".parse().unwrap(), &[]), named(None, &"B".parse().unwrap(), &[]));
    }
}
