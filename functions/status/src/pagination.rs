//! Reads and writes the page of a list: how many entries, and after which one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use runtime::http::field::Field;
use runtime::http::problem::{FieldError, Problem};
use runtime::http::request::Request;
use runtime::store::lists::PortOutList;
use shared::telephone_number::Tn;

const LIMIT_INVALID: &str = "limit_invalid";
const CURSOR_INVALID: &str = "cursor_invalid";

/// Entries of a page if the caller does not say.
const DEFAULT_LIMIT: usize = 100;
/// The most entries of a page.
const MAX_LIMIT: usize = 1_000;

/// A page of a list.
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
        let mut errors = Vec::new();
        let limit = limit.map_or(Some(DEFAULT_LIMIT), parse_limit);
        if limit.is_none() {
            errors.push(FieldError::new(
                "limit",
                LIMIT_INVALID,
                "The limit must be a whole number from 1 to 1000.",
            ));
        }
        let after = cursor.map(parse_cursor);
        if after == Some(None) {
            errors.push(cursor_invalid());
        }
        match limit {
            Some(limit) if errors.is_empty() => Ok(Self { limit, after: after.flatten() }),
            Some(_) | None => Err(Problem::invalid(errors)),
        }
    }
}

fn parse_limit(text: &str) -> Option<usize> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|limit| digits && (1..=MAX_LIMIT).contains(limit))
}

fn parse_cursor(text: &str) -> Option<Tn> {
    String::from_utf8(BASE64.decode(text).ok()?).ok()?.parse().ok()
}

/// Returns the cursor of the page after this entry; opaque to callers.
pub fn cursor(tn: &Tn) -> String {
    BASE64.encode(tn.to_string())
}

/// Port-outs or events of a page if the caller does not say.
const DEFAULT_ENTRIES: usize = 50;
/// The most port-outs or events of a page.
const MAX_ENTRIES: usize = 200;

/// Reads `limit` of a list of port-outs or events.
pub fn limit(request: &Request) -> Field<usize> {
    let Some(text) = request.query("limit") else { return Field::good(DEFAULT_ENTRIES) };
    match parse_limit(text).filter(|limit| *limit <= MAX_ENTRIES) {
        Some(limit) => Field::good(limit),
        None => {
            let detail = "The limit must be a whole number from 1 to 200.";
            Field::invalid(FieldError::new("limit", LIMIT_INVALID, detail))
        }
    }
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
        let cursor = match request.query("cursor").map(parse_port_out_cursor) {
            None => Field::good(None),
            Some(Some(cursor)) => Field::good(Some(cursor)),
            Some(None) => Field::invalid(cursor_invalid()),
        };
        Field::both(limit(request), cursor).map(|(limit, cursor)| Self { limit, cursor })
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
    FieldError::new("cursor", CURSOR_INVALID, detail)
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
