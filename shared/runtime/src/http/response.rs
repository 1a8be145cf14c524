//! What a handler answers when nothing went wrong.

use serde::Serialize;

use crate::http::response_meta::{ResponseMeta, WithMeta};

/// Status, headers and body; the service adds the headers that every answer has.
#[derive(Debug)]
pub struct Response {
    pub(super) status: u16,
    pub(super) body: Option<Body>,
    pub(super) meta: ResponseMeta,
}

/// A body and its type.
#[derive(Debug)]
pub(super) struct Body {
    pub content_type: &'static str,
    pub text: String,
}

impl Response {
    /// Creates a response with a JSON body.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        // Views always serialize; if one did not, the response would have no body.
        let text = serde_json::to_string(body).ok();
        Self::new(status, text.map(|text| Body { content_type: "application/json", text }))
    }

    /// Creates a 200 with an XML body.
    pub fn xml(text: String) -> Self {
        Self::new(200, Some(Body { content_type: "application/xml", text }))
    }

    /// Creates a page, a style sheet, or a script.
    pub fn text(status: u16, content_type: &'static str, text: String) -> Self {
        Self::new(status, Some(Body { content_type, text }))
    }

    /// Creates a 303, after which a browser gets another page.
    pub fn see_other(location: impl Into<String>) -> Self {
        Self::new(303, None).with_header("Location", location)
    }

    /// Adds a cookie (RFC 6265), with its attributes.
    #[must_use]
    pub fn with_cookie(self, cookie: String) -> Self {
        self.with_header(SET_COOKIE, cookie)
    }

    /// Creates a 204.
    pub fn no_content() -> Self {
        Self::new(204, None)
    }

    fn new(status: u16, body: Option<Body>) -> Self {
        Self { status, body, meta: ResponseMeta::default() }
    }
}

/// Header of a cookie, which an answer may have several times.
pub(super) const SET_COOKIE: &str = "Set-Cookie";

/// Returns the `ETag` of a version.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

impl WithMeta for Response {
    fn meta_mut(&mut self) -> &mut ResponseMeta {
        &mut self.meta
    }
}
