//! The answer as XML: approval, or refusal with codes and what would be acceptable, which never holds a PIN.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use runtime::http::response::Response;
use shared::telephone_number::Tn;

use super::codes::{self, ErrorCode};

/// What an account would accept.
#[derive(Debug, Default)]
pub struct Acceptable {
    /// Its account number, if there is such an account.
    pub account_number: Option<String>,
    /// Its ZIP code, if known.
    pub zip_code: Option<String>,
    /// Those of the requested numbers that are valid.
    pub numbers: Vec<Tn>,
}

/// Whether the port-out is valid.
#[derive(Debug)]
pub struct Verdict {
    pon: Option<String>,
    /// `None`: it is.
    refused: Option<(Vec<ErrorCode>, Acceptable)>,
    locked: bool,
}

impl Verdict {
    /// It is.
    pub fn approval(pon: Option<String>) -> Self {
        Self { pon, refused: None, locked: false }
    }

    /// It is not; each code once, and one at least.
    pub fn refusal(pon: Option<String>, codes: &[ErrorCode], acceptable: Acceptable) -> Self {
        let mut codes = codes.to_vec();
        codes.sort_unstable_by_key(|code| code.code);
        codes.dedup();
        if codes.is_empty() {
            codes.push(codes::INVALID_REQUEST);
        }
        Self { pon, refused: Some((codes, acceptable)), locked: false }
    }

    /// Notes, for the log, whether the account's PIN is locked.
    pub fn locking(self, locked: bool) -> Self {
        Self { locked, ..self }
    }

    /// It cannot be told now: a refusal that may pass.
    pub fn error(pon: Option<String>) -> Self {
        Self::refusal(pon, &[codes::INVALID_REQUEST], Acceptable::default())
    }

    /// The HTTP answer.
    pub fn answer(&self) -> Response {
        let codes = self.refused.iter().flat_map(|(codes, _)| codes).map(|code| code.code.to_string());
        let codes: Vec<_> = codes.collect();
        let answer = Response::xml(self.xml());
        let answer = if self.locked { answer.with_log("pin_locked", "yes") } else { answer };
        answer
            .with_log("webhook_portable", if self.refused.is_none() { "true" } else { "false" })
            .with_log("webhook_codes", codes.join(" "))
    }

    fn xml(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        // Writing to memory cannot fail; were it to, the answer would be cut, and so no approval.
        let _ = self.write(&mut writer);
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.create_element("PortOutValidationResponse").write_inner_content(|response| {
            let portable = if self.refused.is_none() { "true" } else { "false" };
            leaf(response, "Portable", portable)?;
            if let Some(pon) = &self.pon {
                leaf(response, "PON", pon)?;
            }
            if let Some((codes, acceptable)) = &self.refused {
                errors(response, codes)?;
                acceptable_values(response, acceptable)?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

fn leaf(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(text))?;
    Ok(())
}

fn errors(writer: &mut Writer<Vec<u8>>, codes: &[ErrorCode]) -> std::io::Result<()> {
    writer.create_element("Errors").write_inner_content(|list| {
        for error in codes {
            list.create_element("Error").write_inner_content(|one| {
                leaf(one, "Code", &error.code.to_string())?;
                leaf(one, "Description", error.description)
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn acceptable_values(writer: &mut Writer<Vec<u8>>, acceptable: &Acceptable) -> std::io::Result<()> {
    writer.create_element("AcceptableValues").write_inner_content(|values| {
        if let Some(account_number) = &acceptable.account_number {
            leaf(values, "AccountNumber", account_number)?;
        }
        if let Some(zip_code) = &acceptable.zip_code {
            leaf(values, "ZipCode", zip_code)?;
        }
        values.create_element("TelephoneNumbers").write_inner_content(|numbers| {
            acceptable.numbers.iter().try_for_each(|tn| leaf(numbers, "TelephoneNumber", tn.national()))
        })?;
        Ok(())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_says_nothing_else() {
        assert_eq!(
            Verdict::approval(Some("some_pon".into())).xml(),
            r#"<?xml version="1.0" encoding="UTF-8"?><PortOutValidationResponse><Portable>true</Portable><PON>some_pon</PON></PortOutValidationResponse>"#
        );
    }

    #[test]
    fn a_refusal_always_has_a_code_and_acceptable_values_and_escapes_what_it_tells_back() {
        let acceptable = Acceptable {
            account_number: Some("CONTOSO".into()),
            zip_code: Some("98052".into()),
            numbers: vec!["2065550100".parse().unwrap()],
        };
        let codes = [codes::PIN_INVALID, codes::NUMBER_INVALID, codes::NUMBER_INVALID];
        let xml = Verdict::refusal(Some("<&>".into()), &codes, acceptable).xml();
        assert!(
            xml.contains(
                "<Portable>false</Portable><PON>&lt;&amp;&gt;</PON><Errors><Error><Code>7513</Code>"
            )
        );
        assert_eq!(xml.matches("<Code>7516</Code>").count(), 1);
        assert!(xml.ends_with(
            "<AcceptableValues><AccountNumber>CONTOSO</AccountNumber><ZipCode>98052</ZipCode><TelephoneNumbers>\
             <TelephoneNumber>2065550100</TelephoneNumber></TelephoneNumbers></AcceptableValues>\
             </PortOutValidationResponse>"
        ));
        let empty = Verdict::refusal(None, &[], Acceptable::default()).xml();
        assert!(empty.contains("<Code>7598</Code>") && empty.contains("<AcceptableValues>"), "{empty}");
    }
}
