//! What a handler answers when all is well.

use serde::Serialize;

/// Status, headers and a JSON body; the edge adds what every answer has.
#[derive(Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
    pub(super) content_type: &'static str,
    pub(super) log: Vec<(&'static str, String)>,
}

impl Answer {
    /// An answer with a body.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        // A body is made of our own types, which serialize without fail; were it not so, the answer would be empty.
        Self {
            status,
            headers: Vec::new(),
            body: serde_json::to_string(body).ok(),
            content_type: "application/json",
            log: Vec::new(),
        }
    }

    /// 204.
    pub fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: None, content_type: "", log: Vec::new() }
    }

    /// 200 with an XML body.
    pub fn xml(body: String) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: Some(body),
            content_type: "application/xml",
            log: Vec::new(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a field to the log line of this call; only words of ours and carriers' SPIDs belong there.
    #[must_use]
    pub fn with_log(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.log.push((name, value.into()));
        self
    }
}
