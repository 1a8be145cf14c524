//! Bandwidth's validation request, sent with HTTP Basic credentials; its answers are in
//! [`crate::assertions::bandwidth`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::assertions::bandwidth::{assert_answer, refused_as_asked};
use crate::client::{Answer, CallBuilder};
use crate::fixture::{CONTOSO, PIN, TN};
use crate::stack::Stack;

/// The kind of source that is Bandwidth's.
pub const KIND: &str = "bandwidth";
/// The id of the source in most tests.
pub const SOURCE: &str = "bw";

/// Returns a number as Bandwidth writes it: its ten digits.
pub fn national(tn: &str) -> String {
    tn.trim_start_matches("+1").to_owned()
}

/// Returns credentials as a header carries them (RFC 7617).
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A validation request; each part may be left out.
#[derive(Clone, Debug)]
pub struct ValidationRequest {
    pon: Option<String>,
    pin: Option<String>,
    account: Option<String>,
    zip: Option<String>,
    numbers: Vec<String>,
}

impl ValidationRequest {
    /// Creates what is approved of [`CONTOSO`]: its PIN and its first number, under this PON.
    pub fn usual(pon: &str) -> Self {
        let text = |text: &str| Some(text.to_owned());
        let (pon, pin, account, zip) = (text(pon), text(PIN), text(CONTOSO), text("98052"));
        Self { pon, pin, account, zip, numbers: vec![national(TN)] }
    }

    /// Creates the validation request equivalent to a carrier's port-out.
    pub fn of(order: &Value) -> Self {
        let text = |name: &str| order[name].as_str().map(str::to_owned);
        let numbers = order["telephone_numbers"].as_array().into_iter().flatten();
        let numbers = numbers.map(|tn| national(tn.as_str().expect("a number"))).collect();
        let (account, zip) = (text("account_number"), text("zip_code"));
        Self { pon: text("pon"), pin: text("pin"), account, zip, numbers }
    }

    /// Leaves the PON out.
    #[must_use]
    pub fn no_pon(self) -> Self {
        Self { pon: None, ..self }
    }

    /// Replaces the PIN.
    #[must_use]
    pub fn pin(self, pin: &str) -> Self {
        Self { pin: Some(pin.to_owned()), ..self }
    }

    /// Leaves the PIN out.
    #[must_use]
    pub fn no_pin(self) -> Self {
        Self { pin: None, ..self }
    }

    /// Replaces the account number.
    #[must_use]
    pub fn account(self, account: &str) -> Self {
        Self { account: Some(account.to_owned()), ..self }
    }

    /// Leaves the account number out.
    #[must_use]
    pub fn no_account(self) -> Self {
        Self { account: None, ..self }
    }

    /// Replaces the ZIP code.
    #[must_use]
    pub fn zip(self, zip: &str) -> Self {
        Self { zip: Some(zip.to_owned()), ..self }
    }

    /// Leaves the ZIP code out.
    #[must_use]
    pub fn no_zip(self) -> Self {
        Self { zip: None, ..self }
    }

    /// Replaces the numbers.
    #[must_use]
    pub fn numbers<T: AsRef<str>>(self, numbers: &[T]) -> Self {
        Self { numbers: numbers.iter().map(|tn| tn.as_ref().to_owned()).collect(), ..self }
    }

    /// Returns the answer that refuses this request with a code and only repeats its PON and its numbers of ten digits.
    pub fn refused_as_asked(&self, code: u16) -> String {
        let mut numbers: Vec<_> = self.numbers.iter().map(String::as_str).collect();
        numbers.retain(|number| number.len() == 10 && number.bytes().all(|b| b.is_ascii_digit()));
        numbers.sort_unstable();
        numbers.dedup();
        refused_as_asked(self.pon.as_deref(), code, &numbers)
    }

    /// Returns the document.
    pub fn xml(&self) -> String {
        self.padded("")
    }

    /// Returns the document with this blank space on both sides of every text.
    pub fn padded(&self, blank: &str) -> String {
        let leaf = |name: &str, text: &Option<String>| match text {
            Some(text) => format!("    <{name}>{blank}{text}{blank}</{name}>\n"),
            None => String::new(),
        };
        let numbers: String =
            self.numbers.iter().map(|tn| leaf("TelephoneNumber", &Some(tn.clone()))).collect();
        let name = leaf("SubscriberName", &Some("Contoso, Ltd.".to_owned()));
        let (pon, pin) = (leaf("PON", &self.pon), leaf("Pin", &self.pin));
        let (account, zip) = (leaf("AccountNumber", &self.account), leaf("ZipCode", &self.zip));
        format!(
            "<?xml version=\"1.0\"?>\n<PortOutValidationRequest>\n{pon}{pin}{account}{zip}{name}    \
             <TelephoneNumbers>\n{numbers}    </TelephoneNumbers>\n</PortOutValidationRequest>\n"
        )
    }
}

/// Bandwidth as a caller of a stack.
impl Stack {
    /// Begins a call of a source's route, without credentials and body.
    pub fn bandwidth(&self, source: &str) -> CallBuilder {
        self.call("POST", &format!("/v1/webhooks/{source}/bandwidth"))
    }

    /// Returns the credentials of [`SOURCE`], with its last password.
    pub fn credentials(&self) -> String {
        basic(SOURCE, &self.secret(SOURCE))
    }

    /// Sends any body as [`SOURCE`], under any content type.
    pub async fn send_typed(&self, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        let call = self.bandwidth(SOURCE).header("authorization", &self.credentials());
        call.body(content_type, body.as_ref()).send().await
    }

    /// Sends a body as [`SOURCE`].
    pub async fn send_xml(&self, body: impl AsRef<[u8]>) -> Answer {
        self.send_typed("application/xml", body).await
    }

    /// Sends a request as [`SOURCE`].
    pub async fn validate(&self, request: &ValidationRequest) -> Answer {
        self.send_xml(request.xml()).await
    }

    /// Sends a notice that these numbers were ported out, as [`SOURCE`].
    pub async fn notify(&self, numbers: &[&str]) -> Answer {
        let call = self.notice(SOURCE).header("authorization", &self.credentials());
        call.body("application/xml; charset=utf-8", notice(numbers)).send().await
    }

    /// Begins a call of a source's route for notices, without credentials and body.
    pub fn notice(&self, source: &str) -> CallBuilder {
        self.call("POST", &format!("/v1/webhooks/{source}/bandwidth-port-outs"))
    }

    /// Sends a request as [`SOURCE`] and fails unless this is the whole answer.
    pub async fn assert_validated(&self, request: &ValidationRequest, expected: &str) {
        assert_answer(&self.validate(request).await, expected);
    }
}

/// Returns a notice that these numbers were ported out, as Bandwidth's order webhooks have it.
pub fn notice(numbers: &[&str]) -> String {
    let one = |number: &&str| format!("<TelephoneNumber>{number}</TelephoneNumber>");
    format!(
        "<?xml version=\"1.0\"?>\n<Notification>\n    <SubscriptionId>1</SubscriptionId>\n    \
         <OrderType>portouts</OrderType>\n    <OrderId>2</OrderId>\n    <Status>COMPLETE</Status>\n    \
         <CompletedTelephoneNumbers>{}</CompletedTelephoneNumbers>\n</Notification>\n",
        numbers.iter().map(one).collect::<String>()
    )
}

/// Creates what is approved of [`CONTOSO`] under this PON.
pub fn request(pon: &str) -> ValidationRequest {
    ValidationRequest::usual(pon)
}
