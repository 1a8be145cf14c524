//! Reads and writes the page of a list: how many entries, and after which one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use runtime::http::field::Field;
use runtime::http::problem::{FieldError, Problem};
use runtime::http::request::Request;
use runtime::store::lists::PortOutList;
use shared::telephone_number::Tn;

/// How many entries a page has.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// If the caller does not say.
    usual: usize,
    most: usize,
}

/// Those of a list of telephone numbers.
const NUMBERS: Limits = Limits { usual: 100, most: 1_000 };
/// Those of a list of port-outs or events.
pub const ENTRIES: Limits = Limits { usual: 50, most: 200 };

/// Reads `limit` of the query.
pub fn limit(request: &Request, limits: Limits) -> Field<usize> {
    read_limit(request.query("limit"), limits)
}

fn read_limit(text: Option<&str>, Limits { usual, most }: Limits) -> Field<usize> {
    let Some(text) = text else { return Field::good(usual) };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse().ok().filter(|limit| digits && (1..=most).contains(limit)) {
        Some(limit) => Field::good(limit),
        None => {
            let detail = format!("The limit must be a whole number from 1 to {most}.");
            Field::invalid(FieldError::new("limit", "limit_invalid", detail))
        }
    }
}

/// Reads a cursor that its list understands.
fn read_cursor<T>(text: Option<&str>, parse: impl FnOnce(&str) -> Option<T>) -> Field<Option<T>> {
    match text.map(parse) {
        None => Field::good(None),
        Some(Some(cursor)) => Field::good(Some(cursor)),
        Some(None) => Field::invalid(cursor_invalid()),
    }
}

/// A page of a list of telephone numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The most entries.
    pub limit: usize,
    /// The last entry of the page before.
    pub after: Option<Tn>,
}

impl Page {
    /// Reads `limit` and `cursor` of the query.
    pub fn read(request: &Request) -> Result<Self, Problem> {
        Self::parse(request.query("limit"), request.query("cursor"))
    }

    fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, Problem> {
        let fields = (read_limit(limit, NUMBERS), read_cursor(cursor, parse_cursor));
        Field::all(fields).map(|(limit, after)| Self { limit, after }).finish()
    }
}

fn parse_cursor(text: &str) -> Option<Tn> {
    String::from_utf8(BASE64.decode(text).ok()?).ok()?.parse().ok()
}

/// Returns the cursor of the page after this entry; opaque to callers.
pub fn cursor(tn: &Tn) -> String {
    BASE64.encode(tn.to_string())
}

/// A page of a list of port-outs.
#[derive(Debug, PartialEq, Eq)]
pub struct PortOutPage {
    /// The most entries.
    pub limit: usize,
    /// List and place that the page begins after.
    cursor: Option<(String, String)>,
}

impl PortOutPage {
    /// Reads `limit` and `cursor` of the query.
    pub fn read(request: &Request) -> Field<Self> {
        let cursor = read_cursor(request.query("cursor"), parse_port_out_cursor);
        Field::all((limit(request, ENTRIES), cursor)).map(|(limit, cursor)| Self { limit, cursor })
    }

    /// Returns the place that the page begins after.
    ///
    /// # Errors
    /// 422 if the cursor is of another list.
    pub fn before(&self, list: &PortOutList) -> Result<Option<&str>, Problem> {
        match &self.cursor {
            None => Ok(None),
            Some((name, place)) if name == list_name(list) => Ok(Some(place)),
            Some(_) => Err(Problem::invalid(vec![cursor_invalid()])),
        }
    }
}

/// Returns the cursor of the page after this place; opaque to callers.
pub fn port_out_cursor(list: &PortOutList, place: &str) -> String {
    BASE64.encode(format!("{} {place}", list_name(list)))
}

fn parse_port_out_cursor(text: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64.decode(text).ok()?).ok()?;
    let (name, place) = text.split_once(' ')?;
    // DynamoDB refuses an empty text and one of over a kilobyte.
    let plain = (1..=100).contains(&place.len()) && place.bytes().all(|b| b.is_ascii_graphic());
    plain.then(|| (name.to_owned(), place.to_owned()))
}

fn list_name(list: &PortOutList) -> &'static str {
    match list {
        PortOutList::Account(_) => "account",
        PortOutList::Open(_) => "open",
        PortOutList::Carrier(_) => "carrier",
    }
}

fn cursor_invalid() -> FieldError {
    let detail = "The cursor must be the next_cursor of the previous page, unchanged.";
    FieldError::new("cursor", "cursor_invalid", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_default_and_reads_its_own_cursor() {
        assert_eq!(Page::parse(None, None).unwrap(), Page { limit: 100, after: None });
        let tn: Tn = "2065550123".parse().unwrap();
        let page = Page::parse(Some("7"), Some(&cursor(&tn))).unwrap();
        assert_eq!(page, Page { limit: 7, after: Some(tn) });
    }

    #[test]
    fn anything_else_is_named() {
        for limit in ["", "0", "1001", "-1", "+1", "1.0", "ten", "99999999999999999999999"] {
            let problem = Page::parse(Some(limit), Some("?")).unwrap_err();
            let document = serde_json::to_value(problem.document("r")).unwrap();
            let fields: Vec<_> = document["errors"].as_array().unwrap().iter().map(|e| &e["field"]).collect();
            assert_eq!(fields, ["limit", "cursor"], "{limit}");
        }
    }
}
