//! Responses to Bandwidth in XML: an approval, or a rejection with codes and acceptable values, but never a PIN.

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesText, Event};
use runtime::http::request_log::RequestLog;
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;

use super::acceptable::AcceptableValues;
use super::asked::Asked;
use super::codes::{self, ErrorCode};

/// Bandwidth's `PortOutValidationResponse`.
#[derive(Debug)]
pub struct ValidationResponse {
    pon: Option<String>,
    /// `None` if the port-out is approved.
    rejected: Option<(Vec<ErrorCode>, AcceptableValues)>,
    pin_locked: bool,
}

impl ValidationResponse {
    /// Approves the port-out.
    pub fn approved(asked: &Asked) -> Self {
        Self { pon: asked.pon.clone(), rejected: None, pin_locked: false }
    }

    /// Rejects the port-out. Each code is sent once, and there is always at least one.
    pub fn rejected(asked: &Asked, codes: &[ErrorCode], acceptable: AcceptableValues) -> Self {
        let mut codes = codes.to_vec();
        codes.sort_unstable_by_key(|code| code.code);
        codes.dedup();
        if codes.is_empty() {
            codes.push(codes::INVALID_REQUEST);
        }
        Self { pon: asked.pon.clone(), rejected: Some((codes, acceptable)), pin_locked: false }
    }

    /// Rejects the port-out with one code and without saying what of the request is right.
    pub fn rejected_as_asked(asked: &Asked, code: ErrorCode) -> Self {
        Self::rejected(asked, &[code], AcceptableValues::as_asked(asked))
    }

    /// Rejects the port-out because it cannot be validated now.
    pub fn unavailable(asked: &Asked) -> Self {
        Self::rejected_as_asked(asked, codes::INVALID_REQUEST)
    }

    /// Sets whether the log says that the account's PIN is locked.
    pub fn with_pin_locked(self, pin_locked: bool) -> Self {
        Self { pin_locked, ..self }
    }

    /// Returns the HTTP response.
    pub fn into_http(self) -> Response {
        let codes = self.rejected.iter().flat_map(|(codes, _)| codes).map(|code| code.code);
        let codes: Vec<_> = codes.collect();
        let response = Response::xml(self.xml());
        let response = if self.pin_locked { response.with_log(RequestLog::pin_locked) } else { response };
        response.with_log(|log| log.validation(&codes))
    }

    fn xml(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        // Writing to memory cannot fail.
        let _ = self.write(&mut writer);
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.create_element("PortOutValidationResponse").write_inner_content(|response| {
            let portable = if self.rejected.is_none() { "true" } else { "false" };
            leaf(response, "Portable", portable)?;
            if let Some(pon) = &self.pon {
                leaf(response, "PON", pon)?;
            }
            if let Some((codes, acceptable)) = &self.rejected {
                errors(response, codes)?;
                acceptable_values(response, acceptable)?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

fn leaf(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    // A reader would turn a bare carriage return into a line feed (XML 1.0, section 2.11).
    let escaped = escape(text).replace('\r', "&#13;");
    writer.create_element(name).write_text_content(BytesText::from_escaped(escaped))?;
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

fn acceptable_values(writer: &mut Writer<Vec<u8>>, acceptable: &AcceptableValues) -> std::io::Result<()> {
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

    fn asked(pon: &str) -> Asked {
        Asked { pon: Some(pon.to_owned()), numbers: vec!["2065550100".parse().unwrap()] }
    }

    #[test]
    fn an_approval_has_no_other_elements() {
        assert_eq!(
            ValidationResponse::approved(&asked("some_pon")).xml(),
            r#"<?xml version="1.0" encoding="UTF-8"?><PortOutValidationResponse><Portable>true</Portable><PON>some_pon</PON></PortOutValidationResponse>"#
        );
    }

    #[test]
    fn a_rejection_always_has_a_code_and_acceptable_values_and_escapes_what_it_echoes() {
        let acceptable = AcceptableValues {
            account_number: Some("CONTOSO".into()),
            zip_code: Some("98052".into()),
            numbers: vec!["2065550100".parse().unwrap()],
        };
        let codes = [codes::PIN_INVALID, codes::NUMBER_INVALID, codes::NUMBER_INVALID];
        let xml = ValidationResponse::rejected(&asked("<&\r>"), &codes, acceptable).xml();
        assert!(
            xml.contains(
                "<Portable>false</Portable><PON>&lt;&amp;&#13;&gt;</PON><Errors><Error><Code>7513</Code>"
            ),
            "{xml}"
        );
        assert_eq!(xml.matches("<Code>7516</Code>").count(), 1);
        assert!(xml.ends_with(
            "<AcceptableValues><AccountNumber>CONTOSO</AccountNumber><ZipCode>98052</ZipCode><TelephoneNumbers>\
             <TelephoneNumber>2065550100</TelephoneNumber></TelephoneNumbers></AcceptableValues>\
             </PortOutValidationResponse>"
        ));
        let unavailable = ValidationResponse::unavailable(&asked("TX")).xml();
        assert!(
            unavailable.contains("<Code>7598</Code>") && unavailable.contains("<TelephoneNumber>2065550100<")
        );
    }
}
