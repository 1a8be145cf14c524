//! What a handler answers when all is well.

use serde::Serialize;

use crate::error::Error;

/// Status, headers and a JSON body; the edge adds what every answer has.
#[derive(Debug)]
pub struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
    pub(super) content_type: &'static str,
    pub(super) log: Vec<(&'static str, String)>,
    pub(super) error: Option<Box<Error>>,
}

impl Response {
    /// An answer with a body.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        // A body is made of our own types, which serialize without fail; were it not so, the answer would be empty.
        Self::new(status, "application/json", serde_json::to_string(body).ok())
    }

    /// 204.
    pub fn no_content() -> Self {
        Self::new(204, "", None)
    }

    /// 200 with an XML body.
    pub fn xml(body: String) -> Self {
        Self::new(200, "application/xml", Some(body))
    }

    fn new(status: u16, content_type: &'static str, body: Option<String>) -> Self {
        Self { status, headers: Vec::new(), body, content_type, log: Vec::new(), error: None }
    }

    /// Notes, for the log, that our own trouble is behind an answer that is no 5xx.
    #[must_use]
    pub fn after(mut self, error: Error) -> Self {
        self.error = Some(Box::new(error));
        self
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
