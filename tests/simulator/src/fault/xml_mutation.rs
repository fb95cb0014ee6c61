//! Mutations of XML documents in the Rails format.

use quick_xml::events::{BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

use super::body_mutation::{BodyMutation, MutationTargets, UNKNOWN_WORD};

/// Undocumented elements: an array, a text and a null.
const EXTRA: &str = "<simulator-extra><nested type=\"array\"><nested type=\"integer\">1</nested><nested>two</nested></nested>\
                     </simulator-extra><simulator-null nil=\"true\"/>";

/// An open element.
struct OpenElement {
    key: String,
    is_array: bool,
    has_elements: bool,
}

impl BodyMutation {
    /// Returns the mutated document. `None` if it is not XML, or the mutation exists for JSON only.
    pub(crate) fn apply_to_xml(&self, document: &str, targets: MutationTargets) -> Option<String> {
        if matches!(self, Self::Set(..) | Self::Remove(_)) {
            return None;
        }
        let mut reader = Reader::from_str(document);
        let mut writer = Writer::new(Vec::new());
        let mut open: Vec<OpenElement> = Vec::new();
        loop {
            let event = match reader.read_event().ok()? {
                Event::Start(start) => {
                    if let Some(parent) = open.last_mut() {
                        parent.has_elements = true;
                    }
                    let start = self.start(start, targets);
                    open.push(OpenElement { key: key(&start), is_array: is_array(&start), has_elements: false });
                    Event::Start(start)
                }
                Event::Empty(start) => {
                    if let Some(parent) = open.last_mut() {
                        parent.has_elements = true;
                    }
                    Event::Empty(start)
                }
                Event::End(end) => {
                    let closed = open.pop()?;
                    if matches!(self, Self::ExtraKeys) && closed.has_elements && !closed.is_array {
                        writer.get_mut().extend_from_slice(EXTRA.as_bytes());
                    }
                    Event::End(end)
                }
                Event::Text(text) => {
                    let is_enum =
                        |open: &OpenElement| !open.has_elements && targets.enum_keys.contains(&open.key.as_str());
                    let is_word = matches!(self, Self::UnknownEnums) && open.last().is_some_and(is_enum);
                    Event::Text(if is_word { BytesText::new(UNKNOWN_WORD) } else { text })
                }
                Event::Eof => break,
                other => other,
            };
            writer.write_event(event).ok()?;
        }
        String::from_utf8(writer.into_inner()).ok()
    }

    /// Numbers that are written as strings have no type attribute.
    fn start<'s>(&self, start: BytesStart<'s>, targets: MutationTargets) -> BytesStart<'s> {
        if matches!(self, Self::NumbersAsStrings) && targets.time_keys.contains(&key(&start).as_str()) {
            return BytesStart::new(String::from(start.name().0));
        }
        start
    }
}

/// Returns the key that the element has in JSON.
fn key(start: &BytesStart<'_>) -> String {
    String::from(start.name().0).replace('-', "_")
}

fn is_array(start: &BytesStart<'_>) -> bool {
    start.attributes().flatten().any(|attribute| attribute.key.0 == "type" && &*attribute.value == "array")
}

#[cfg(test)]
mod tests {
    use super::{BodyMutation, MutationTargets};

    const WORDS: MutationTargets = MutationTargets { enum_keys: &["send_interval"], time_keys: &["id", "user_id"] };
    const DOCUMENT: &str = "<?xml version=\"1.0\"?>\n<users type=\"array\">\n  <user>\n    <user-id type=\"integer\">7</user-id>\
                            <send_interval>daily</send_interval><notes>a &amp; b</notes><locked? nil=\"true\"/></user></users>\n";

    #[test]
    fn each_change_leaves_the_rest_as_it_is() {
        let extra = format!("<locked? nil=\"true\"/>{}</user></users>", super::EXTRA);
        for (change, expected) in [
            (BodyMutation::ExtraKeys, DOCUMENT.replace("<locked? nil=\"true\"/></user></users>", &extra)),
            (BodyMutation::UnknownEnums, DOCUMENT.replace("daily", "not-yet-documented")),
            (BodyMutation::NumbersAsStrings, DOCUMENT.replace(" type=\"integer\"", "")),
        ] {
            assert_eq!(change.apply_to_xml(DOCUMENT, WORDS).as_deref(), Some(expected.as_str()), "{change:?}");
            assert_eq!(change.apply_to_xml("<a><b></a>", WORDS), None, "{change:?}");
        }
        assert_eq!(BodyMutation::Remove("id".into()).apply_to_xml(DOCUMENT, WORDS), None);
    }
}
