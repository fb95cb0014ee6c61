//! Replies in both formats, in the three shapes of the service: an object or a list, an envelope of counters, nothing.

use std::fmt;

use http::{StatusCode, header};
use mft_common::provider::{BufferedResponse, looks_like};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{Error, Format, Result, xml};

/// No reply that says nothing is longer, and the others need not be read twice.
const MAX_NOTHING: usize = 512;

/// Decodes one object.
pub(crate) fn decode<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<T> {
    decode_optional(reply)?.ok_or_else(|| Error::not_found("the service answered with nothing: there is no such thing"))
}

/// Decodes one object, or `None` where the service says nothing.
pub(crate) fn decode_optional<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<Option<T>> {
    if is_nothing(reply) { Ok(None) } else { document(reply).map(Some) }
}

/// Decodes a list. An empty one has several spellings, no content at all among them. In JSON an empty object is none of
/// them: to take it for the end of a list could lose the rest.
pub(crate) fn decode_list<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<Vec<T>> {
    let is_empty = match sniff(&reply.body) {
        Some(Format::Xml) => is_nothing(reply),
        _ => reply.status == StatusCode::NO_CONTENT,
    };
    if is_empty { Ok(Vec::new()) } else { document(reply) }
}

/// Decodes what is in the envelope of counters, `{"type":"200-ok","data":{…}}`.
pub(crate) fn decode_data<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<T> {
    #[derive(Deserialize)]
    struct Envelope<T> {
        data: T,
    }
    document::<Envelope<T>>(reply).map(|envelope| envelope.data)
}

/// Accepts every document of the service, and no body at all. Something else with a status of success, such as the
/// login page of a gateway, does not come from the service.
pub(crate) fn expect_nothing(reply: &BufferedResponse) -> Result<()> {
    if reply.body.trim_ascii().is_empty() || is_nothing(reply) {
        return Ok(());
    }
    document::<IgnoredAny>(reply).map(|_| ())
}

/// Decodes the body in the format that it has.
pub(crate) fn document<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<T> {
    match format_of(reply) {
        Format::Json => reply.json(),
        Format::Xml => xml::from_slice(&reply.body).map_err(|problem| {
            let came = looks_like(&reply.body, content_type(reply));
            reply.undecodable(&format!("{problem}; what came is {came}"))
        }),
    }
}

/// The format of a body: the first character tells it, and where that is neither's the declared type.
fn format_of(reply: &BufferedResponse) -> Format {
    sniff(&reply.body).unwrap_or_else(|| match content_type(reply) {
        Some(declared) if declared.to_ascii_lowercase().contains("xml") => Format::Xml,
        _ => Format::Json,
    })
}

pub(crate) fn sniff(body: &[u8]) -> Option<Format> {
    match body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start() {
        [b'<', ..] => Some(Format::Xml),
        [b'{' | b'[', ..] => Some(Format::Json),
        _ => None,
    }
}

fn content_type(reply: &BufferedResponse) -> Option<&str> {
    reply.headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

/// Whether the service says nothing: `[]`, `{}`, `<nil-classes type="array"/>`, or no content.
///
/// A body that is empty with another status than 204 is none of these: it is what a broken gateway sends, and to take it
/// for the end of a list would lose the rest.
fn is_nothing(reply: &BufferedResponse) -> bool {
    if reply.status == StatusCode::NO_CONTENT {
        return true;
    }
    if reply.body.len() > MAX_NOTHING {
        return false;
    }
    match sniff(&reply.body) {
        Some(Format::Json) => serde_json::from_slice(&reply.body).is_ok_and(|Nothing(nothing)| nothing),
        Some(Format::Xml) => xml::from_slice(&reply.body).is_ok_and(|Nothing(nothing)| nothing),
        None => reply.body.trim_ascii() == b"null",
    }
}

/// Whether a document is empty.
struct Nothing(bool);

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Nothing;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a document")
            }

            fn visit_unit<E>(self) -> std::result::Result<Nothing, E> {
                Ok(Nothing(true))
            }

            fn visit_none<E>(self) -> std::result::Result<Nothing, E> {
                Ok(Nothing(true))
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<Nothing, E> {
                Ok(Nothing(text.trim().is_empty()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Nothing, A::Error> {
                let mut nothing = true;
                while items.next_element::<IgnoredAny>()?.is_some() {
                    nothing = false;
                }
                Ok(Nothing(nothing))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Nothing, A::Error> {
                let mut nothing = true;
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    nothing = false;
                }
                Ok(Nothing(nothing))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
