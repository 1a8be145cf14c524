//! What accompanies the body of an answer, be it a response or a problem.

use crate::error::Error;
use crate::http::request_log::RequestLog;

/// Headers for the caller; log fields and the error behind the answer for the log.
#[derive(Debug, Default)]
pub struct ResponseMeta {
    pub(super) headers: Vec<(&'static str, String)>,
    /// Boxed, since every fallible function of the edge returns a problem.
    pub(super) log: Box<RequestLog>,
    pub(super) error: Option<Box<Error>>,
}

/// Adds headers and log fields to an answer.
pub trait WithMeta: Sized {
    /// Returns what accompanies this answer.
    fn meta_mut(&mut self) -> &mut ResponseMeta;

    /// Adds a header.
    #[must_use]
    fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.meta_mut().headers.push((name, value.into()));
        self
    }

    /// Adds fields to the log line of the request.
    #[must_use]
    fn with_log(mut self, add: impl FnOnce(&mut RequestLog)) -> Self {
        add(&mut self.meta_mut().log);
        self
    }

    /// Logs an error of the service behind this answer.
    #[must_use]
    fn with_error(mut self, error: Error) -> Self {
        self.meta_mut().error = Some(Box::new(error));
        self
    }
}
