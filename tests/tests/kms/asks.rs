//! The ways to bring a PIN: the API, Bandwidth's request, a signed delivery.

use crate::bench::{Bench, tn};
use crate::delivery::Sender;
use crate::{ACCOUNT, PIN, WRONG};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::client::Answer;
use harness::stack::order;
use jiff::Timestamp;

/// A port-out of one number of the account.
#[derive(Clone, Debug)]
pub struct Ask {
    pub pon: String,
    pub pin: String,
    pub tn: String,
}

impl Ask {
    /// With this PIN, for the number of this line.
    pub fn new(pon: &str, pin: &str, line: usize) -> Self {
        Self { pon: pon.to_owned(), pin: pin.to_owned(), tn: tn(line) }
    }

    /// With the PIN.
    pub fn right(pon: &str, line: usize) -> Self {
        Self::new(pon, PIN, line)
    }

    /// With another PIN.
    pub fn wrong(pon: &str, line: usize) -> Self {
        Self::new(pon, WRONG, line)
    }

    fn json(&self) -> serde_json::Value {
        order(&self.pon, ACCOUNT, &self.pin, &[&self.tn])
    }

    fn xml(&self) -> String {
        let Self { pon, pin, tn } = self;
        format!(
            "<PortOutValidationRequest><PON>{pon}</PON><Pin>{pin}</Pin><AccountNumber>{ACCOUNT}</AccountNumber>\
             <ZipCode>98052</ZipCode><TelephoneNumbers><TelephoneNumber>{tn}</TelephoneNumber></TelephoneNumbers>\
             </PortOutValidationRequest>"
        )
    }
}

impl Bench {
    /// Submits it through the API as the carrier C789.
    pub async fn submit(&self, ask: &Ask) -> Answer {
        self.stack.submit("C789", &ask.json()).await
    }

    /// Has Bandwidth ask, as the source `bw`.
    pub async fn validate(&self, ask: &Ask) -> Answer {
        self.validate_with(&self.bandwidth, ask).await
    }

    /// The same with another password.
    pub async fn validate_with(&self, password: &str, ask: &Ask) -> Answer {
        let credentials = format!("Basic {}", STANDARD.encode(format!("bw:{password}")));
        let call = self.stack.call("POST", "/v1/webhooks/bw/bandwidth").header("authorization", &credentials);
        call.body("application/xml", ask.xml()).send().await
    }

    /// Delivers it as the source `acme`.
    pub async fn deliver(&self, ask: &Ask) -> Answer {
        self.deliver_as(&self.sender, ask).await
    }

    /// The same signed with another secret.
    pub async fn deliver_as(&self, sender: &Sender, ask: &Ask) -> Answer {
        sender.sign(&format!("msg_{}", ask.pon), Timestamp::now(), &ask.json()).call(&self.stack).send().await
    }
}
