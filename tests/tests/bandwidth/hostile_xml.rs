//! XML as an attacker writes it: entities, depth, size. Refused at once; nothing is fetched, expanded or stored.

use std::time::{Duration, Instant};

use harness::assertions::bandwidth::{approved, assert_answer, refused_as_asked};
use harness::clients::bandwidth::request;
use harness::prelude::*;

use crate::{TN, start};

/// Far more than any of these takes, far less than expanding one of them would.
const SOON: Duration = Duration::from_secs(2);

/// Fails unless each is refused at once with 7598, repeating only telephone numbers and recording nothing.
async fn assert_refused(stack: &Stack, bodies: &[String]) {
    let before = stack.records().await;
    for body in bodies {
        let began = Instant::now();
        let answer = stack.send_xml(body).await;
        assert!(began.elapsed() < SOON, "{:?} for {body:.200}", began.elapsed());
        let numbers: &[&str] = if body.contains(TN) { &[TN] } else { &[] };
        let expected = refused_as_asked(None, 7598, numbers);
        assert_eq!(answer.text(), expected, "{body:.200}");
        assert_answer(&answer, &expected);
    }
    assert_eq!(stack.records().await, before);
}

/// Returns the usual document with a document type and this subscriber's name.
fn with_doctype(doctype: &str, name: &str) -> String {
    let usual = request("TX-1").xml().replace("Contoso, Ltd.", name);
    usual.replace("<PortOutValidationRequest>", &format!("{doctype}<PortOutValidationRequest>"))
}

#[tokio::test]
async fn every_document_type_is_7598_whatever_it_declares() {
    let stack = start().await;
    let root = "PortOutValidationRequest";
    let mut laughs = "<!ENTITY l0 \"lol\">".to_owned();
    for level in 1..10 {
        laughs += &format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10));
    }
    let quadratic = format!("<!ENTITY a \"{}\">", "a".repeat(20_000));
    let file = "<!ENTITY f SYSTEM \"file:///etc/passwd\">";
    let bodies = [
        with_doctype(&format!("<!DOCTYPE {root}>"), "x"),
        with_doctype(&format!("<!DOCTYPE {root} [<!ENTITY a \"b\">]>"), "x"),
        with_doctype(&format!("<!DOCTYPE {root} [{laughs}]>"), "&l9;"),
        with_doctype(&format!("<!DOCTYPE {root} [{quadratic}]>"), &"&a;".repeat(5_000)),
        with_doctype(&format!("<!DOCTYPE {root} [{file}]>"), "&f;"),
        with_doctype(&format!("<!DOCTYPE {root} SYSTEM \"http://127.0.0.1:1/x.dtd\">"), "x"),
        with_doctype(&format!("<!DOCTYPE {root} PUBLIC \"-//X\" \"https://example.com/x.dtd\">"), "x"),
        with_doctype(&format!("<!DOCTYPE {root} [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/\">%p;]>"), "x"),
        with_doctype(&format!("<!DOCTYPE {root} [<!ATTLIST {root} a CDATA \"b\">]>"), "x"),
        with_doctype(&format!("<!doctype {root}>"), "x"),
        with_doctype("<!DOCTYPE", "x"),
        format!("<!DOCTYPE {root}>{}", request("TX-1").xml()),
        request("TX-1").xml() + &format!("<!DOCTYPE {root}>"),
        request("TX-1").xml().replace("Contoso, Ltd.", &format!("<!DOCTYPE {root}>")),
    ];
    assert_refused(&stack, &bodies).await;
}

#[tokio::test]
async fn undeclared_entities_are_7598() {
    let stack = start().await;
    let references = [
        "&nbsp;",
        "&other;",
        "&#0;",
        "&#xD800;",
        "&#x110000;",
        "&#99999999999;",
        "&#;",
        "&;",
        "&#x;",
        "&AMP;",
    ];
    let bodies = references.map(|name| request("TX-1").xml().replace("Contoso, Ltd.", name));
    assert_refused(&stack, &bodies).await;
}

#[tokio::test]
async fn depth_of_ten_thousand_is_7598_and_a_little_depth_in_what_we_do_not_know_is_no_matter() {
    let stack = start().await;
    let usual = request("TX-1").xml();
    let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let bodies = [
        usual.replace("Contoso, Ltd.", &"<a>".repeat(10_000)),
        usual.replace("Contoso, Ltd.", &deep(9_000)),
        "<PortOutValidationRequest>".repeat(2_000),
        deep(9_000),
    ];
    assert_refused(&stack, &bodies).await;
    assert_answer(&stack.send_xml(usual.replace("Contoso, Ltd.", &deep(5))).await, &approved("TX-1"));
}

#[tokio::test]
async fn body_of_64_kib_is_read_and_one_byte_more_is_7598() {
    let stack = start().await;
    let usual = request("TX-1").xml();
    let of_length = |bytes: usize| {
        let name = "x".repeat(bytes - usual.len() + "Contoso, Ltd.".len());
        usual.replace("Contoso, Ltd.", &name)
    };
    assert_eq!(of_length(64 * 1024).len(), 64 * 1024);
    assert_refused(&stack, &[of_length(64 * 1024 + 1), of_length(5 * 1024 * 1024)]).await;
    assert_answer(&stack.send_xml(of_length(64 * 1024)).await, &approved("TX-1"));
}

#[tokio::test]
async fn many_elements_and_attributes_are_read_in_time() {
    let stack = start().await;
    let usual = request("TX-1").xml();
    let attributes: String = (0..6_000).map(|n| format!(" a{n}=\"\"")).collect();
    let fillers = [
        "<a/>".repeat(15_000),
        "<a></a>".repeat(8_000),
        format!("<a{attributes}/>"),
        "<!---->".repeat(8_000),
        "&#65;".repeat(12_000),
    ];
    for filler in fillers {
        let began = Instant::now();
        assert_answer(&stack.send_xml(usual.replace("Contoso, Ltd.", &filler)).await, &approved("TX-1"));
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
    let numbers = format!("<TelephoneNumber>{TN}</TelephoneNumber>");
    let body = usual.replace(&numbers, &numbers.repeat(1_000));
    assert_answer(&stack.send_xml(body).await, &approved("TX-1"));
}

/// Unusual XML that the recommendation allows is read correctly.
#[tokio::test]
async fn prefixes_comments_instructions_sections_and_references_are_read_as_xml_means_them() {
    let stack = start().await;
    let usual = request("TX-1").xml();
    let root = usual.split_once("?>").unwrap().1;
    let prefixed = usual.replace("</", "</b:").replace('<', "<b:").replace("<b:/b:", "</b:");
    let prefixed = prefixed.replace("<b:?", "<?").replacen("Request>", "Request xmlns:b=\"urn:x\">", 1);
    let bodies = [
        prefixed,
        usual.replacen("Request>", "Request xmlns=\"urn:x\" a='<'>", 1).replace("a='<'", "a='&lt;'"),
        usual.replace(PIN, "<![CDATA[482913]]>"),
        usual.replace(PIN, " 48<![CDATA[29]]>13 "),
        usual.replace(PIN, "48<!-- 0 -->29<?x 0?>13"),
        usual.replace(PIN, "&#52;&#x38;2913"),
        usual.replace("<Pin>", "<Pin a=\"b>\" >").replace("</Pin>", "</Pin >"),
        usual.replace("</ZipCode>", "</ZipCode><Unknown><Pin>1</Pin><PON>2</PON></Unknown><Empty/>"),
        format!("<!-- first --><?pi x?>{root}<!-- last --><?pi x?>\n"),
        root.to_owned(),
        root.trim().to_owned(),
        format!("\u{feff}{usual}"),
        usual.replace('\n', "\r\n"),
        usual.replace("\"1.0\"", "\"1.0\" encoding=\"UTF-8\" standalone=\"yes\""),
    ];
    for body in &bodies {
        let answer = stack.send_xml(body).await;
        assert_eq!(answer.text(), approved("TX-1"), "{body}");
    }
    assert_eq!(stack.records().await.orders.len(), 1);
}

/// Text with an element inside is not a value: half of it must not be taken for all of it.
#[tokio::test]
async fn text_that_an_element_cuts_is_not_read_as_its_last_part() {
    let stack = start().await;
    let usual = request("TX-1").xml();
    for cut in ["1<b></b>482913", "1<b>2</b>482913", "<Pin>1</Pin>482913"] {
        let answer = stack.send_xml(usual.replace(PIN, cut)).await;
        crate::fuzz_mutations::assert_refusal(&answer, cut.as_bytes());
    }
    assert_eq!(stack.records().await.held_by(TN), None);
}
