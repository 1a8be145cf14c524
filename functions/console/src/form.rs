//! Forms as browsers send them (`application/x-www-form-urlencoded`), wiped from memory when dropped.

use runtime::http::problem::Problem;
use runtime::http::request::Request;
use shared::pin::{Pin, PinRefusal};
use zeroize::Zeroizing;

/// Fields of a form.
pub struct Form(Vec<(String, Zeroizing<String>)>);

/// Why no PIN can be set with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinFormRefusal {
    /// The first field is not a PIN.
    Rule(PinRefusal),
    /// The fields differ.
    Differs,
}

impl Form {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// 413 over 64 KiB, 400 if the body cannot be read.
    pub fn read(request: &Request) -> Result<Self, Problem> {
        Ok(Self::parse(&request.limited_body()?))
    }

    fn parse(body: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(body).into_owned();
        Self(pairs.map(|(name, value)| (name, Zeroizing::new(value))).collect())
    }

    /// Returns a field's text; empty if it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Returns the new PIN, which was typed twice.
    ///
    /// # Errors
    /// The text is not a PIN, or the two differ.
    pub fn new_pin(&self) -> Result<Pin, PinFormRefusal> {
        let pin: Pin = self.text("pin").parse().map_err(PinFormRefusal::Rule)?;
        if pin.expose_digits() == self.text("pin_again") { Ok(pin) } else { Err(PinFormRefusal::Differs) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(body: &str) -> Result<String, PinFormRefusal> {
        Form::parse(body.as_bytes()).new_pin().map(|pin| pin.expose_digits().to_owned())
    }

    #[test]
    fn a_pin_is_typed_twice() {
        assert_eq!(pin("pin=482913&pin_again=482913"), Ok("482913".to_owned()));
        for body in ["pin=482913", "pin=482913&pin_again=482914", "pin=482913&pin_again=+482913"] {
            assert_eq!(pin(body), Err(PinFormRefusal::Differs), "{body}");
        }
    }

    #[test]
    fn the_rule_that_is_broken_comes_first() {
        for (body, rule) in [
            ("", PinRefusal::Blank),
            ("pin=++&pin_again=1", PinRefusal::Blank),
            ("pin=12345&pin_again=1", PinRefusal::TooShort),
            ("pin=12345678901", PinRefusal::TooLong),
            ("pin=48%2029&pin_again=", PinRefusal::NotDigits),
            ("pin=%EF%BC%94", PinRefusal::NotDigits),
        ] {
            assert_eq!(pin(body), Err(PinFormRefusal::Rule(rule)), "{body}");
        }
    }
}
