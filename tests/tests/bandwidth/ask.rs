//! A validation request as Bandwidth writes it, or with one thing changed.

use crate::{PIN, TN};

/// What a request says; each part may be left out.
#[derive(Clone, Debug)]
pub struct Ask {
    pon: Option<String>,
    pin: Option<String>,
    account: Option<String>,
    zip: Option<String>,
    numbers: Vec<String>,
}

impl Ask {
    /// What is approved on the usual bench, under this PON.
    pub fn usual(pon: &str) -> Self {
        let text = |text: &str| Some(text.to_owned());
        let (pon, pin, account, zip) = (text(pon), text(PIN), text("CONTOSO"), text("98052"));
        Self { pon, pin, account, zip, numbers: vec![TN.to_owned()] }
    }

    /// Without a PON.
    pub fn no_pon(self) -> Self {
        Self { pon: None, ..self }
    }

    /// With another PIN.
    pub fn pin(self, pin: &str) -> Self {
        Self { pin: Some(pin.to_owned()), ..self }
    }

    /// Without a PIN.
    pub fn no_pin(self) -> Self {
        Self { pin: None, ..self }
    }

    /// For another account.
    pub fn account(self, account: &str) -> Self {
        Self { account: Some(account.to_owned()), ..self }
    }

    /// Without an account number.
    pub fn no_account(self) -> Self {
        Self { account: None, ..self }
    }

    /// With another ZIP code.
    pub fn zip(self, zip: &str) -> Self {
        Self { zip: Some(zip.to_owned()), ..self }
    }

    /// Without a ZIP code.
    pub fn no_zip(self) -> Self {
        Self { zip: None, ..self }
    }

    /// For other numbers.
    pub fn numbers<T: AsRef<str>>(self, numbers: &[T]) -> Self {
        Self { numbers: numbers.iter().map(|tn| tn.as_ref().to_owned()).collect(), ..self }
    }

    /// The document.
    pub fn xml(&self) -> String {
        self.padded("")
    }

    /// The document with this blank space on both sides of every text.
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
