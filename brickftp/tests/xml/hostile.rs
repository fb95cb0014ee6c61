//! Hostile documents.

use std::fmt::Write as _;

use brickftp::xml::{self, Class};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// Decodes a document into all kinds of types. All must agree.
fn refusal(document: &[u8]) -> xml::Error {
    let refusal = xml::from_slice::<Value>(document).expect_err("a refusal");
    let of_ignored = xml::from_slice::<IgnoredAny>(document).expect_err("a refusal");
    assert_eq!(refusal.class(), of_ignored.class(), "{refusal} / {of_ignored}");
    let message = format!("{refusal} {refusal:?} {of_ignored}");
    assert!(!message.contains("hunter2"), "{message}");
    refusal
}

#[test]
fn a_broken_or_dangerous_document_is_a_typed_error() {
    let utf16: Vec<u8> = "<x>hunter2</x>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (document, class, detail) in [
        (&b""[..], Class::Empty, ""),
        (b" \r\n\t", Class::Empty, ""),
        (b"<?xml version=\"1.0\"?>", Class::Empty, ""),
        (b"hunter2", Class::Syntax, "text before the first element"),
        (b"{\"a\":\"hunter2\"}", Class::Syntax, "text before the first element"),
        (b"<!DOCTYPE html><p>hunter2", Class::Html, ""),
        (b" \n<!doctype HTML PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\"><html/>", Class::Html, ""),
        (b"<HTML><br>hunter2</HTML>", Class::Html, ""),
        (b"<?xml version=\"1.0\"?><html><body>hunter2</body></html>", Class::Html, ""),
        (b"<!DOCTYPE x SYSTEM \"http://hunter2/\"><x/>", Class::Forbidden, "a document type"),
        (b"<!DOCTYPE x [<!ENTITY a \"hunter2\">]><x>&a;</x>", Class::Forbidden, "a document type"),
        (b"<x><!DOCTYPE x></x>", Class::Forbidden, "a document type"),
        (b"<x>&hunter2;</x>", Class::Forbidden, "an entity of its own"),
        (b"<x>&nbsp;</x>", Class::Forbidden, "an entity of its own"),
        (b"<x a=\"&hunter2;\">1</x>", Class::Forbidden, "an entity of its own"),
        (b"<x>&#0;</x>", Class::Forbidden, "a reference to a character"),
        (b"<x>&#xD800;</x>", Class::Forbidden, "a reference to a character"),
        (b"<x>&#xFFFF;</x>", Class::Forbidden, "a reference to a character"),
        (b"<x>&#99999999999999999999;</x>", Class::Forbidden, "a reference to a character"),
        (b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><x>\xe9</x>", Class::Encoding, "ISO-8859-1"),
        (b"<?xml version='1.0' encoding = 'windows-1252' ?><x/>", Class::Encoding, "windows-1252"),
        (b"<?xml version='1.0' encoding='hunter2 <b>'?><x/>", Class::Encoding, "an unknown one"),
        (b"<x>\xe9</x>", Class::Encoding, "not UTF-8), line 1 column 4"),
        (b"\xff\xfe<\0x\0/\0>\0", Class::Encoding, "UTF-16"),
        (b"\xfe\xff\0<\0x", Class::Encoding, "UTF-16"),
        (&utf16, Class::Encoding, "UTF-16"),
        (b"<x>hunter2", Class::Truncated, ""),
        (b"<x><y></y>", Class::Truncated, ""),
        (b"<x><y", Class::Truncated, ""),
        (b"<x a=\"hunter2>", Class::Truncated, ""),
        (b"<x></x", Class::Truncated, ""),
        (b"<x><!-- hunter2", Class::Truncated, ""),
        (b"<x><![CDATA[hunter2]]", Class::Truncated, ""),
        (b"<x><?php", Class::Truncated, ""),
        (b"<x>", Class::Truncated, ""),
        (b"<", Class::Truncated, ""),
        (b"<x></y>", Class::Syntax, "an end tag that does not match"),
        (b"<x></xy>", Class::Syntax, "an end tag that does not match"),
        (b"<xy></x>", Class::Syntax, "an end tag that does not match"),
        (b"<x><y></x></y>", Class::Syntax, "an end tag that does not match"),
        (b"</x>", Class::Syntax, "an end tag without a start"),
        (b"<x/></x>", Class::Syntax, "an end tag without a start"),
        (b"<x/>hunter2", Class::Syntax, "text after the root element"),
        (b"<x/>&amp;", Class::Syntax, "text after the root element"),
        (b"<x/><y/>", Class::Syntax, "a second root element"),
        (b"<x/><![CDATA[a]]>", Class::Syntax, "text outside of the root element"),
        (b"<x/>\0", Class::Syntax, "text after the root element"),
        (b"<!-- --><?xml version=\"1.0\"?><x/>", Class::Syntax, "an XML declaration after the start"),
        (b"<x><!hunter2></x>", Class::Syntax, "unknown markup"),
        (b"<x><![hunter2]]></x>", Class::Syntax, "unknown markup"),
        (b"<x><!-hunter2--></x>", Class::Syntax, "unknown markup"),
        (b"<x><!doc></x>", Class::Syntax, "unknown markup"),
        (b"<x><?></x>", Class::Syntax, "unknown markup"),
        (b"<x><? hunter2?></x>", Class::Syntax, "unknown markup"),
        (b"<!DOCTYPE", Class::Forbidden, "a document type"),
        (b"<!DOCTYPE>", Class::Forbidden, "a document type"),
        (b"<x><!", Class::Truncated, ""),
        (b"<x><![CDA", Class::Truncated, ""),
        (b"<x><></></x>", Class::Syntax, "a name that XML does not allow"),
        (b"<x>< y/></x>", Class::Syntax, "a name that XML does not allow"),
        (b"<x><1/></x>", Class::Syntax, "a name that XML does not allow"),
        (b"<x><a\"b/></x>", Class::Syntax, "a name that XML does not allow"),
        (b"<x><a<b></x>", Class::Syntax, "a name that XML does not allow"),
        (b"<x><a <b/></x>", Class::Syntax, "a tag within a tag"),
        (b"<x a/>", Class::Syntax, "an attribute without a value in quotes"),
        (b"<x a=hunter2/>", Class::Syntax, "an attribute without a value in quotes"),
        (b"<x a/b=\"1\"/>", Class::Syntax, "the name of an attribute that XML does not allow"),
        (b"<x/a>", Class::Syntax, "a name that XML does not allow"),
        (b"<x a=\"1\" a=\"2\"/>", Class::Syntax, "an attribute comes twice"),
        (b"<x type=\"integer\" type=\"array\"/>", Class::Syntax, "an attribute comes twice"),
        (b"<x a=\"<\"/>", Class::Syntax, "a tag within a tag"),
    ] {
        let refusal = refusal(document);
        let text_of_document = String::from_utf8_lossy(document);
        assert_eq!(refusal.class(), class, "{text_of_document}: {refusal}");
        assert!(refusal.to_string().contains(detail), "{text_of_document}: {refusal}");
    }
}

#[test]
fn limits_reject_floods() {
    let limits = xml::Limits::DEFAULT;
    let attributes = |count: usize, name: &str| {
        let mut document = "<x><y".to_owned();
        for index in 0..count {
            write!(document, " {name}{index}=\"\"").unwrap();
        }
        document
    };
    for (flood, at) in [
        (attributes(80_000, "a"), 3),
        (attributes(10_000, "xmlns:n"), 3),
        (attributes(limits.attributes + 1, "a") + ">", 3),
        (format!("<x><y a=\"{}", "a".repeat(1_000_000)), 3),
        (format!("<x><y{}", " ".repeat(1_000_000)), 3),
        (format!("<x><{}", "y".repeat(1_000_000)), 3),
        ("<x>".repeat(100_000), limits.depth * 3),
        ("<x a=\"1\"> <!-- -->".repeat(100_000), limits.depth * 18),
    ] {
        let refusal = refusal(flood.as_bytes());
        assert_eq!((refusal.class(), refusal.offset()), (Class::Limit, Some(at)), "{refusal}");
        assert!(refusal.to_string().len() < 700, "{}", refusal.to_string().len());
        // Content after the limit makes no difference.
        let longest = limits.attribute_bytes + limits.name_bytes + 100;
        let shorter = &flood.as_bytes()[..flood.len().min(at + longest)];
        assert_eq!(xml::from_slice::<Value>(shorter).unwrap_err(), refusal);
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Nested {
    Inner { x: Box<Nested> },
    Text(String),
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| "<x>".repeat(depth) + "a" + &"</x>".repeat(depth);
    let deepest = nested(xml::Limits::DEFAULT.depth);
    let mut value: Value = xml::from_slice(deepest.as_bytes()).unwrap();
    while let Some(inner) = value.get_mut("x") {
        value = inner.take();
    }
    assert_eq!(value, "a");
    xml::from_slice::<Nested>(deepest.as_bytes()).unwrap();
    assert_eq!(refusal(nested(xml::Limits::DEFAULT.depth + 1).as_bytes()).class(), Class::Limit);

    let limits = xml::Limits::DEFAULT.depth(2);
    assert_eq!(xml::from_slice_with::<Value>(nested(2).as_bytes(), limits).unwrap()["x"], "a");
    assert_eq!(xml::from_slice_with::<Value>(nested(3).as_bytes(), limits).unwrap_err().class(), Class::Limit);
}

#[test]
fn long_but_honest_documents_pass() {
    // Many siblings, comments, references and text sections do not count as depth.
    let document = format!("<x type=\"array\">{}</x>", "<!-- --><y>a&amp;<![CDATA[b]]>&amp;</y>&#32;".repeat(20_000));
    let items: Vec<String> = xml::from_slice(document.as_bytes()).unwrap();
    assert_eq!((items.len(), items[19_999].as_str()), (20_000, "a&b&"));

    let ampersands = format!("<x>{}</x>", "&".repeat(100_000));
    assert_eq!(xml::from_slice::<String>(ampersands.as_bytes()).unwrap(), "&".repeat(100_000));
}
