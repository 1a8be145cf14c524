//! Bodies that are not the document that they should be: refused with 7598 or the fitting code, and nothing is stored.

use harness::assertions::bandwidth::{approved, assert_answer, contoso, refused, refused_as_asked};
use harness::clients::bandwidth::request;
use harness::prelude::*;

use crate::{TN, start};

/// Fails unless each body is refused as a whole, under 7598, with the number if it can be found, and nothing is
/// recorded.
async fn assert_refused(stack: &Stack, bodies: &[Vec<u8>]) {
    let before = stack.records().await;
    for body in bodies {
        let answer = stack.send_xml(body).await;
        let body = String::from_utf8_lossy(body).replace('\0', "");
        let numbers: &[&str] = if body.contains(&format!("<TelephoneNumber>{TN}<")) { &[TN] } else { &[] };
        let expected = refused_as_asked(None, 7598, numbers);
        assert_eq!(answer.text(), expected, "{body:.300}");
        assert_answer(&answer, &expected);
    }
    assert_eq!(stack.records().await, before);
}

/// Returns the usual document with one text replaced.
fn changed(from: &str, to: &str) -> Vec<u8> {
    let usual = request("TX-1").xml();
    assert_eq!(usual.matches(from).count(), 1, "{from}");
    usual.replace(from, to).into_bytes()
}

/// What is sent counts, and not what it is called.
#[tokio::test]
async fn content_type_does_not_matter() {
    let stack = start().await;
    let types = [
        "",
        "application/json",
        "application/xml-dtd",
        "text/plain",
        "multipart/form-data; boundary=x",
        "xml",
        "application/xml, application/xml",
        "; application/xml",
        "TEXT/XML; charset=utf-16",
    ];
    for content_type in types {
        let answer = stack.send_typed(content_type, request("TX-1").xml().as_bytes()).await;
        assert_answer(&answer, &approved("TX-1"));
    }
    let body = stack.bandwidth("bw").body("application/xml", request("TX-1").xml());
    let mut event = body.header("authorization", &stack.credentials()).event();
    event["headers"].as_object_mut().unwrap().remove("content-type");
    assert_answer(&stack.answer(&event).await, &approved("TX-1"));
}

#[tokio::test]
async fn bytes_outside_ascii_in_elements_that_are_not_read_do_no_harm() {
    let stack = start().await;
    for name in [&b"M\xfcller"[..], b"\xff\xfe", b"\xc3", b"\xe2\x82", "Müller 日本".as_bytes()] {
        let (before, after) = (&b"Name>"[..], &b"<"[..]);
        let (usual, place) = (request("TX-1").xml(), "Contoso, Ltd.");
        let (head, tail) = usual.split_once(place).unwrap();
        assert!(head.as_bytes().ends_with(before) && tail.as_bytes().starts_with(after));
        let body = [head.as_bytes(), name, tail.as_bytes()].concat();
        assert_answer(&stack.send_xml(body).await, &approved("TX-1"));
    }
    // A PON in ISO 8859-1 is told back in the encoding of the answer.
    let latin = request("@").numbers(&["2065550101"]).xml().into_bytes();
    let latin: Vec<u8> = latin.into_iter().map(|byte| if byte == b'@' { 0xdc } else { byte }).collect();
    assert_answer(&stack.send_xml(latin).await, &approved("Ü"));
}

#[tokio::test]
async fn what_is_no_xml_is_7598() {
    let stack = start().await;
    let order = order("TX-1", CONTOSO, PIN, &[TN]).to_string();
    let usual = request("TX-1").xml();
    let utf_16: Vec<u8> = usual.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_16_with_mark = [b"\xff\xfe".as_slice(), &utf_16].concat();
    let bodies = [
        b"".to_vec(),
        b" \n".to_vec(),
        b"\0".to_vec(),
        b"PortOutValidationRequest".to_vec(),
        b"pon=TX-1&pin=482913".to_vec(),
        order.into_bytes(),
        b"<".to_vec(),
        b"<>".to_vec(),
        b"</PortOutValidationRequest>".to_vec(),
        utf_16,
        utf_16_with_mark,
        changed("Contoso, Ltd.", "x").into_iter().chain(*b"\xff").collect(),
        usual.as_bytes()[..usual.len() - 3].to_vec(),
        usual.as_bytes()[..usual.len() / 2].to_vec(),
    ];
    assert_refused(&stack, &bodies).await;
}

#[tokio::test]
async fn documents_that_are_not_well_formed_or_not_theirs_are_7598() {
    let stack = start().await;
    let usual = request("TX-1").xml();
    let inner = usual.split_once("<PortOutValidationRequest>").unwrap().1;
    let bodies = [
        format!("<PortOutValidationResponse>{inner}").replace("</PortOutValidationRequest>", ""),
        usual.replace("PortOutValidationRequest", "PortOutRequest"),
        usual.replace("PortOutValidationRequest", "portoutvalidationrequest"),
        usual.replace("</Pin>", "</PIN>"),
        usual.replace("</Pin>", ""),
        usual.replace("<Pin>", ""),
        usual.replace("</PortOutValidationRequest>", ""),
        usual.replace("</PortOutValidationRequest>", "</PortOutValidationRequest></x>"),
        format!("{usual}{}", usual.split_once("?>").unwrap().1),
        format!("{usual}<PortOutValidationRequest/>"),
        format!("<x>{}</x>", usual.split_once("?>").unwrap().1),
        usual.replace("<Pin>", "<Pin><"),
        usual.replace("Contoso, Ltd.", "Contoso & Co"),
        usual.replace("Contoso, Ltd.", "Contoso &amp Co"),
        usual.replace("Contoso, Ltd.", "<!-- Contoso"),
        usual.replace("Contoso, Ltd.", "<![CDATA[ Contoso"),
    ];
    assert_refused(&stack, &bodies.map(String::into_bytes)).await;
}

/// XML knows no text outside the root.
#[tokio::test]
async fn text_before_or_after_the_document_is_7598() {
    let stack = start().await;
    let usual = request("TX-1").xml();
    let root = usual.split_once("?>").unwrap().1;
    let bodies = [
        format!("x{root}"),
        format!("{usual}x"),
        format!("{usual}{{}}"),
        format!("<![CDATA[x]]>{root}"),
        format!("{usual}&#120;"),
    ];
    assert_refused(&stack, &bodies.map(String::into_bytes)).await;
}

#[tokio::test]
async fn elements_that_stand_there_twice_are_7598() {
    let stack = start().await;
    let twice = ["<PON>TX-1</PON>", "<Pin>482913</Pin>", "<AccountNumber>CONTOSO</AccountNumber>"];
    let bodies: Vec<_> = twice
        .into_iter()
        .chain(["<ZipCode>98052</ZipCode>"])
        .flat_map(|one| {
            let name = &one[1..one.find('>').unwrap()];
            [one.to_owned() + one, format!("{one}<{name}></{name}>"), format!("<{name}> </{name}>{one}")]
                .map(|both| changed(one, &both))
        })
        .collect();
    assert_refused(&stack, &bodies).await;
}

#[tokio::test]
async fn request_without_a_number_is_7598() {
    let stack = start().await;
    let number = format!("<TelephoneNumber>{TN}</TelephoneNumber>");
    let usual = request("TX-1").xml();
    let bodies = [
        usual.replace(&number, ""),
        usual.replace("TelephoneNumbers>", "TelephoneList>"),
        usual.replace("<TelephoneNumbers>", "").replace("</TelephoneNumbers>", ""),
        usual.replace(&number, &format!("<x>{number}</x>")),
    ];
    for body in bodies {
        assert_answer(&stack.send_xml(&body).await, &refused_as_asked(Some("TX-1"), 7598, &[]));
    }
    assert_eq!(stack.records().await.orders.len(), 0);
}

#[tokio::test]
async fn number_that_is_none_is_7516() {
    let stack = start().await;
    let digits = "２０６５５５０１００";
    let numbers = [
        "",
        "x",
        "206555010",
        "20655501000",
        "+442065550100",
        "206555010.0",
        "1165550100",
        digits,
        "206,555,0100",
    ];
    for number in numbers {
        let validation = request("TX-1").numbers(&[TN, number]);
        stack.assert_validated(&validation, &refused_as_asked(Some("TX-1"), 7516, &[TN])).await;
    }
    assert_eq!(stack.records().await.orders.len(), 0);
}

/// A PON is a label: whatever it is, it is told back, and a retry is recognized by it.
#[tokio::test]
async fn any_pon_is_told_back_exactly_and_names_a_request_of_its_own() {
    let stack = start().await;
    let pons = [
        "TX 1",
        "TX/1",
        "TX&amp;1",
        "ТХ-1",
        "&lt;/PON&gt;",
        &"9".repeat(25),
        &"9".repeat(26),
        &"x".repeat(5_000),
    ];
    for (n, pon) in pons.into_iter().enumerate() {
        let validation = request(pon).numbers(&[format!("20655501{n:02}")]);
        for _ in 0..2 {
            stack.assert_validated(&validation, &approved(pon)).await;
        }
        let wrong = request(pon).pin(WRONG_PIN).numbers(&["2065550109"]);
        stack.assert_validated(&wrong, &refused(Some(pon), &[7513], contoso(&["2065550109"]))).await;
        stack.set_pin(CONTOSO, PIN).await.assert_status(200);
    }
    assert_eq!(stack.records().await.orders.len(), 2 * pons.len());
}

/// Characters that XML 1.0 cannot hold would make the answer unreadable, and so an approval.
#[tokio::test]
async fn answer_never_holds_a_character_that_xml_does_not_know() {
    let stack = start().await;
    let forbidden =
        ["\u{1}", "\u{8}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}", "&#1;", "&#x1F;", "&#xFFFE;"];
    for forbidden in forbidden {
        for (before, after) in
            [("<PON>TX", "-1"), ("<Pin>482", "913"), ("ber>CON", "TOSO"), ("<ZipCode>98", "052")]
        {
            let cut = format!("{before}{forbidden}{after}");
            let answer = stack.send_xml(changed(&format!("{before}{after}"), &cut)).await;
            crate::fuzz_mutations::assert_refusal(&answer, cut.as_bytes());
        }
    }
    assert_eq!(stack.records().await.held_by(TN), None);
}
