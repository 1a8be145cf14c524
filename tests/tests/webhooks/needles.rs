//! Secrets in every form in which they might show up, and where they must not.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

/// What is looked for: each text with the name of what it is.
#[derive(Default)]
pub struct Needles(Vec<(String, String)>);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Needles {
    /// A text as it is.
    pub fn plain(&mut self, what: &str, text: &str) {
        assert!(text.len() >= 6, "{what} is too short to be told from anything else");
        self.0.push((what.to_owned(), text.to_owned()));
    }

    /// Bytes in hex, in base64 and as a list.
    fn bytes(&mut self, what: &str, bytes: &[u8]) {
        self.plain(&format!("{what} in hex"), &hex(bytes));
        self.plain(&format!("{what} in upper-case hex"), &hex(bytes).to_uppercase());
        self.plain(&format!("{what} in base64"), &STANDARD_NO_PAD.encode(bytes));
        self.plain(&format!("{what} in URL-safe base64"), &URL_SAFE_NO_PAD.encode(bytes));
        self.plain(&format!("{what} as a list"), format!("{bytes:?}").trim_matches(['[', ']']));
    }

    /// A text, its bytes, and their SHA-256.
    fn text(&mut self, what: &str, text: &str) {
        self.plain(what, text);
        self.bytes(what, text.as_bytes());
        self.bytes(&format!("SHA-256 of the {what}"), digest(&SHA256, text.as_bytes()).as_ref());
    }

    /// A PIN.
    pub fn pin(&mut self, pin: &str) {
        self.text("PIN", pin);
    }

    /// A webhook secret: its text, the key in it, and their SHA-256.
    pub fn secret(&mut self, what: &str, secret: &str) {
        self.text(what, secret);
        let key = match secret.strip_prefix("whsec_") {
            Some(key) => STANDARD.decode(key),
            None => URL_SAFE_NO_PAD.decode(secret),
        };
        let key = key.expect("base64");
        self.bytes(&format!("key of the {what}"), &key);
        self.bytes(&format!("SHA-256 of the key of the {what}"), digest(&SHA256, &key).as_ref());
    }

    /// A signature: the header's value and the tag in it.
    pub fn signature(&mut self, signature: &str) {
        self.plain("signature", signature);
        self.bytes("tag of a signature", &STANDARD.decode(&signature[3..]).expect("base64"));
    }

    /// The names of what is there.
    pub fn found_in(&self, text: &str) -> Vec<&str> {
        self.0.iter().filter(|(_, needle)| text.contains(needle)).map(|(what, _)| what.as_str()).collect()
    }
}

#[test]
fn every_form_of_what_is_planted_is_found() {
    let mut needles = Needles::default();
    needles.pin("1947365028");
    needles.secret("secret", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    needles.secret("password", "C2FVsBQIhrscChlQIMV-b5sSYspob7oD");
    needles.signature("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    assert_eq!(needles.0.len(), 11 + 2 * 21 + 6);
    for (what, needle) in &needles.0 {
        let found = needles.found_in(&format!("before {needle} after"));
        assert!(found.contains(&what.as_str()), "{what}: {found:?}");
    }
    assert_eq!(needles.found_in("19473650-28 whsec_ v1,"), Vec::<&str>::new());
}
