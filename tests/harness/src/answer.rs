//! An answer, whole, and what every test asserts about one; a failed assertion prints all of it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// The answer to one call.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Method and path, for messages.
    pub call: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns the body as text, whatever it is.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| self.fail(&format!("body is not JSON: {error}")))
    }

    /// Returns a header's first value, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        if self.status != status {
            self.fail(&format!("expected {status}"));
        }
        self
    }

    /// Fails unless this is JSON under this status; returns it.
    #[track_caller]
    pub fn assert_json(&self, status: u16) -> Value {
        self.assert_status(status).assert_content_type("application/json");
        self.json()
    }

    /// Fails unless it is a problem with bad fields; returns each as its field and its code.
    #[track_caller]
    pub fn assert_errors(&self, status: u16) -> Vec<[String; 2]> {
        self.assert_status(status);
        let entry = |error: &Value| ["field", "code"].map(|name| error[name].as_str().unwrap().to_owned());
        self.json()["errors"].as_array().expect("errors").iter().map(entry).collect()
    }

    /// Fails unless this is a well-formed problem document (RFC 9457) of this status and code; returns it.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) -> Value {
        self.assert_status(status).assert_content_type("application/problem+json");
        let problem = self.json();
        let expect = |field: &str, value: Value| {
            if problem[field] != value {
                self.fail(&format!("expected {field} {value}"));
            }
        };
        expect("type", format!("urn:port-out:problem:{code}").into());
        expect("status", status.into());
        expect("code", code.into());
        for field in ["title", "detail"] {
            if problem[field].as_str().unwrap_or_default().is_empty() {
                self.fail(&format!("expected a {field}"));
            }
        }
        problem
    }

    #[track_caller]
    fn assert_content_type(&self, expected: &str) {
        let media_type = self.header("content-type").split(';').next().unwrap_or_default().trim();
        if media_type != expected {
            self.fail(&format!("expected the content type {expected}"));
        }
    }

    /// Fails, printing the whole answer.
    #[track_caller]
    pub(crate) fn fail(&self, why: &str) -> ! {
        panic!("{}: {why}, got\n{}", self.call, self.print())
    }

    /// Returns status, headers and body as text.
    pub(crate) fn print(&self) -> String {
        let mut text = format!("{}\n", self.status);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
        text + "\n" + &self.text() + "\n"
    }
}
