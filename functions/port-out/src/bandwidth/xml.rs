//! Reads XML: without a document type or custom entities, limited in depth, and never one text for another.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use zeroize::Zeroizing;

/// Maximum depth. The elements that are read need 3; unknown ones may go deeper, but not without limit.
const MAX_DEPTH: usize = 16;

/// Trimmed texts of the elements that are read, in the order of the document.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Texts(Vec<(&'static str, Zeroizing<String>)>);

/// Element whose end tag has not been read yet.
struct OpenElement {
    name: String,
    /// Text read so far.
    text: Zeroizing<String>,
    /// Whether another element is inside, so that the text may be incomplete.
    has_child: bool,
}

impl Texts {
    /// Parses a document with this root; `known` are the paths below it that are read, such as `A/B`.
    ///
    /// Returns `None` if it is another document, is not well-formed, or has an element inside a known one: then it
    /// would be unclear which text is meant.
    pub fn parse(text: &str, root: &str, known: &[&'static str]) -> Option<Self> {
        if !text.chars().all(is_xml_character) {
            return None;
        }
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let (mut texts, mut open, mut seen_root) = (Self::default(), Vec::<OpenElement>::new(), false);
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    let name = start.local_name().into_inner().to_owned();
                    let allowed = match open.last_mut() {
                        Some(parent) => {
                            parent.has_child = true;
                            open.len() < MAX_DEPTH
                        }
                        None => !std::mem::replace(&mut seen_root, true) && name == root,
                    };
                    allowed.then_some(())?;
                    open.push(OpenElement { name, text: Zeroizing::new(String::new()), has_child: false });
                }
                Event::End(_) => {
                    texts.take(&open, known)?;
                    open.pop();
                }
                Event::Text(text) => append(&mut open, &text)?,
                Event::CData(data) => append(&mut open, &data)?,
                Event::GeneralRef(reference) => append(&mut open, &character(&reference)?)?,
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::DocType(_) => return None,
                Event::Eof => return (seen_root && open.is_empty()).then_some(texts),
            }
        }
    }

    /// Takes the text of the innermost element, if it is known.
    fn take(&mut self, open: &[OpenElement], known: &[&'static str]) -> Option<()> {
        let (element, below_root) = (open.last()?, open.get(1..)?);
        let path: Vec<&str> = below_root.iter().map(|element| element.name.as_str()).collect();
        let path = path.join("/");
        let Some(known) = known.iter().find(|known| **known == path) else { return Some(()) };
        (!element.has_child).then_some(())?;
        self.0.push((known, Zeroizing::new(element.text.trim().to_owned())));
        Some(())
    }

    /// Returns the texts of an element, however often it appears.
    pub fn all<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| *known == path).map(|(_, text)| text.as_str())
    }

    /// Returns the text of an element, if it appears and is not blank.
    pub fn first<'a>(&'a self, path: &'a str) -> Option<&'a str> {
        self.all(path).find(|text| !text.is_empty())
    }

    /// Returns whether an element appears at most once.
    pub fn has_once(&self, path: &str) -> bool {
        self.all(path).count() <= 1
    }
}

/// Returns a body's text: UTF-8, or else ISO 8859-1, in which every byte is a character. So a name in another encoding
/// does not keep the elements from being read whose values are ASCII.
pub fn decode(body: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => body.iter().map(|byte| char::from(*byte)).collect(),
    })
}

fn append(open: &mut [OpenElement], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        // Outside the root, XML allows only white space.
        None => text.trim().is_empty().then_some(())?,
    }
    Some(())
}

/// Returns whether XML 1.0 allows the character (production 2, `Char`).
fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Resolves a character reference or one of XML's five predefined entities; `None` for every other entity.
fn character(reference: &BytesRef<'_>) -> Option<String> {
    if let Some(character) = reference.resolve_char_ref().ok()? {
        return is_xml_character(character).then(|| character.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "PortOutValidationRequest";
    const KNOWN: &[&str] = &["PON", "Pin", "List/One"];

    #[test]
    fn known_texts_are_trimmed_and_everything_else_is_ignored() {
        let text = "<PortOutValidationRequest a='b'><Pin>\n 01 </Pin><X><PON>no</PON></X><One>no</One><PON/>
            <List><One>1</One> <One><![CDATA[2]]>&#51;</One></List></PortOutValidationRequest>";
        let texts = Texts::parse(text, ROOT, KNOWN).unwrap();
        assert_eq!(texts.first("Pin"), Some("01"));
        assert_eq!(texts.first("PON"), None);
        assert_eq!(texts.all("List/One").collect::<Vec<_>>(), ["1", "23"]);
        assert!(texts.has_once("PON") && !texts.has_once("List/One"));
    }

    #[test]
    fn a_document_that_is_not_theirs_is_refused_and_expands_nothing() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><PortOutValidationRequest><PON>&b;</PON></PortOutValidationRequest>";
        let deep = format!("<{ROOT}>{}{}</{ROOT}>", "<a>".repeat(5_000), "</a>".repeat(5_000));
        let entity = "<PortOutValidationRequest><PON>&other;</PON></PortOutValidationRequest>";
        let cut = "<PortOutValidationRequest><Pin>1<b/>2</Pin></PortOutValidationRequest>";
        let two = "<PortOutValidationRequest></PortOutValidationRequest><PortOutValidationRequest></PortOutValidationRequest>";
        for bad in ["", " ", "x", "<a/>", "<PortOutValidationRequest>", "{}", bomb, &deep, entity, cut, two] {
            assert_eq!(Texts::parse(bad, ROOT, KNOWN), None, "{bad:.80}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_read_as_iso_8859_1() {
        assert_eq!(*decode("Müller".as_bytes()), "Müller");
        assert_eq!(*decode(b"M\xfcller"), "Müller");
    }
}
