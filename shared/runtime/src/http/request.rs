//! A call that came through: its route, its parsed query, its headers and body, and who makes it.

use crate::http::gateway_event::HttpEvent;
use crate::http::identity::Identity;
use crate::http::problem::{FieldError, Problem};
use crate::http::routes::Matched;

/// What a handler is given.
pub struct Request {
    /// Who calls.
    pub identity: Identity,
    pub(super) route: Matched,
    pub(super) query: Vec<(String, String)>,
    pub(super) event: HttpEvent,
}

impl Request {
    /// A parameter of the path, decoded.
    pub fn parameter(&self, name: &str) -> &str {
        self.route.parameter(name)
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The raw bytes of the body; `None` if the gateway's base64 does not decode.
    pub fn body(&self) -> Option<Vec<u8>> {
        self.event.body()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.event.header(name)
    }
}

/// The query's parameters: each at most once, and none that the route does not know.
pub(super) fn read_query(raw: &str, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(raw.as_bytes()).into_owned().collect();
    let mut errors = Vec::new();
    for (index, (name, _)) in pairs.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            errors.push(unknown(name, known));
        } else if pairs.iter().take(index).any(|(earlier, _)| earlier == name) {
            errors.push(FieldError::new(name.as_str(), "duplicate_field", "this parameter is given twice"));
        }
    }
    if errors.is_empty() { Ok(pairs) } else { Err(Problem::malformed(errors)) }
}

fn unknown(name: &str, known: &[&str]) -> FieldError {
    let detail = match known {
        [] => "this route takes no query parameters".to_owned(),
        known => format!("this route takes only the query parameters {}", known.join(", ")),
    };
    FieldError::new(crate::http::json_body::echoable(name), "unknown_field", detail)
}
