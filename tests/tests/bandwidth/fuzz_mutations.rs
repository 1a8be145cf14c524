//! Ways of spoiling a document at random, and what an answer to one must be like.

use harness::assertions::bandwidth::codes;
use harness::assertions::bandwidth::{contoso, refused};
use harness::prelude::*;
use harness::random::Random;

/// Mutates the body fewer than `times` times, possibly not at all.
pub fn mutate(random: &mut Random, body: &str, tokens: &[&str], times: usize) -> Vec<u8> {
    let mut body = body.as_bytes().to_vec();
    for _ in 0..random.below(times) {
        spoil(random, &mut body, tokens);
    }
    body
}

fn spoil(random: &mut Random, body: &mut Vec<u8>, tokens: &[&str]) {
    let (from, to) = range(random, body.len());
    match random.below(9) {
        0 => body.iter_mut().skip(from).take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
        1 => body.iter_mut().skip(from).take(1).for_each(|byte| *byte = random.bytes(1)[0]),
        2 => insert(body, from, &random.bytes(1)),
        3 | 4 => insert(body, from, random.pick(tokens).as_bytes()),
        5 => drop(body.drain(from..to)),
        6 => {
            let copy = body[from..to].to_vec();
            insert(body, to, &copy);
        }
        7 => {
            let moved: Vec<_> = body.drain(from..to).collect();
            let place = random.below(body.len() + 1);
            insert(body, place, &moved);
        }
        _ => body.truncate(to),
    }
}

/// Mostly a short one.
fn range(random: &mut Random, length: usize) -> (usize, usize) {
    let from = random.below(length + 1);
    let longest = if random.below(4) == 0 { length } else { 24 };
    (from, (from + random.below(longest + 1)).min(length))
}

fn insert(body: &mut Vec<u8>, place: usize, bytes: &[u8]) {
    body.splice(place..place, bytes.iter().copied());
}

/// Fails unless Bandwidth takes this for a refusal: 200, XML that can be read, not portable, codes of their table.
#[track_caller]
pub fn assert_refusal(answer: &Answer, body: &[u8]) {
    let text = answer.text();
    let why = || format!("{} {text}\nfor {:?}", answer.status, String::from_utf8_lossy(body));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/xml"), "{}", why());
    let start =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><PortOutValidationResponse><Portable>false</Portable>";
    let end = "</TelephoneNumbers></AcceptableValues></PortOutValidationResponse>";
    assert!(text.starts_with(start) && text.ends_with(end), "{}", why());
    assert!(text.chars().all(is_xml), "{}", why());
    assert!(!codes(&text).is_empty(), "{}", why());
    for code in codes(&text) {
        assert!(matches!(code, 7510..=7513 | 7515 | 7516 | 7598), "{}", why());
    }
    assert!(is_balanced(&text), "{}", why());
}

/// `Char` of XML 1.0, section 2.2.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Returns whether each element is closed correctly and no text holds an unescaped character.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for piece in text.split('<').skip(2) {
        let Some((name, content)) = piece.split_once('>') else { return false };
        match name.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            Some(_) => {}
            None => open.push(name),
        }
        let unescaped =
            |rest: &str| !["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|e| rest.starts_with(e));
        if content.contains('>') || content.split('&').skip(1).any(unescaped) {
            return false;
        }
    }
    open.is_empty()
}

#[test]
fn refusal_is_told_from_everything_that_is_none() {
    let good = refused(Some("TX"), &[7512, 7598], contoso(&["2065550100"]));
    assert!(is_balanced(&good) && good.chars().all(is_xml));
    assert_eq!(codes(&good), [7512, 7598]);
    for (from, to) in
        [("</Errors>", ""), ("<PON>TX", "<PON><TX"), ("TX", "T&X"), ("TX", "T>X"), ("/Code", "/Cod")]
    {
        assert!(!is_balanced(&good.replacen(from, to, 1)), "{to}");
    }
    assert!(!"\u{1}".chars().all(is_xml) && !"\u{fffe}".chars().all(is_xml));
}
