//! Parses XML request bodies into the equivalent JSON values.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// An element under construction.
#[derive(Default)]
struct Element {
    name: String,
    nil: bool,
    array: bool,
    text: String,
    children: Vec<(String, Value)>,
}

/// The maximum nesting depth.
const DEEPEST: usize = 32;

/// Returns the content of the root element. `None` if the document is not well-formed or has a document type.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if root.is_none() && open.len() < DEEPEST => open.push(element(&start)?),
            Event::Empty(start) if root.is_none() => close(element(&start)?, &mut open, &mut root),
            Event::End(_) => close(open.pop()?, &mut open, &mut root),
            Event::Text(piece) => append(&mut open, &piece.xml_content(quick_xml::XmlVersion::Explicit1_0))?,
            Event::CData(piece) => append(&mut open, &piece)?,
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().ok()? {
                    Some(character) => character,
                    None => predefined(&reference)?,
                };
                append(&mut open, character.encode_utf8(&mut [0; 4]))?;
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return root.filter(|_| open.is_empty()),
            Event::Start(_) | Event::Empty(_) | Event::DocType(_) => return None,
        }
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let mut element = Element { name: String::from(start.name().0), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let value: &str = &attribute.value;
        match attribute.key.0 {
            "nil" => element.nil = value == "true",
            "type" => element.array = value.eq_ignore_ascii_case("array"),
            _ => {}
        }
    }
    Some(element)
}

/// Text outside the root is an error, unless it is whitespace.
fn append(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return None,
    }
    Some(())
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Value>) {
    let name = element.name.clone();
    let value = value(element);
    match open.last_mut() {
        Some(parent) => parent.children.push((name, value)),
        None => *root = Some(value),
    }
}

fn value(element: Element) -> Value {
    if element.nil {
        return Value::Null;
    }
    let Element { array, text, children, .. } = element;
    if array {
        return Value::Array(children.into_iter().map(|(_, value)| value).collect());
    }
    if children.is_empty() {
        return Value::String(text);
    }
    let repeated = children.len() > 1 && children.iter().all(|(name, _)| *name == children[0].0);
    if repeated {
        return Value::Array(children.into_iter().map(|(_, value)| value).collect());
    }
    let mut object = Map::new();
    for (name, value) in children {
        object.insert(name, value);
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn documents_become_values() {
        for (text, expected) in [
            (
                "<?xml version=\"1.0\"?>\n<user><username>a &amp; b&#33;</username><name nil=\"true\" /><x/></user>\n",
                json!({ "username": "a & b!", "name": null, "x": "" }),
            ),
            ("<b><paths><path>a</path></paths></b>", json!({ "paths": { "path": "a" } })),
            ("<b><paths><path>a</path><path>b</path></paths></b>", json!({ "paths": ["a", "b"] })),
            ("<b><value type=\"array\"><value><![CDATA[<u>]]></value></value></b>", json!({ "value": ["<u>"] })),
            ("<b><ids type=\"array\"/></b>", json!({ "ids": [] })),
            ("<file><move-destination>/A</move-destination></file>", json!({ "move-destination": "/A" })),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let deep = "<a>".repeat(40) + &"</a>".repeat(40);
        for text in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&unknown;</a>",
            "<a/>x",
            "{}",
            &deep,
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
            "<a b=1/>",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
