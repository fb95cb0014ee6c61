//! Decodes responses of both formats: an object, a list, an envelope of counters, or nothing.

use std::fmt;

use http::{StatusCode, header};
use mft_common::provider::{BufferedResponse, looks_like};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Format, xml};
use crate::{Error, Outcome, Result};

/// No empty document is longer. Longer bodies are parsed only once.
const MAX_NOTHING: usize = 512;

/// Decodes one object. An empty response means that the object does not exist.
pub(crate) fn decode_object<T: DeserializeOwned>(response: &BufferedResponse) -> Result<T> {
    decode_optional(response)?.ok_or_else(|| Error::not_found("the response is empty: the object does not exist"))
}

/// Decodes a created object. An empty response is a decoding error, because an object was created.
pub(crate) fn decode_created<T: DeserializeOwned>(response: &BufferedResponse) -> Result<T> {
    let created = decode_optional(response)?;
    created.ok_or_else(|| response.undecodable("the response is empty instead of the new object"))
}

/// Decodes an updated object. An empty response may be a success or mean that the object does not exist, so the outcome
/// is unknown.
pub(crate) fn decode_updated<T: DeserializeOwned>(response: &BufferedResponse) -> Result<T> {
    let updated = decode_optional(response)?;
    updated.ok_or_else(|| {
        response.undecodable("the response is empty instead of the updated object").with_outcome(Outcome::Unknown)
    })
}

/// Decodes one object, or `None` from an empty response.
pub(crate) fn decode_optional<T: DeserializeOwned>(response: &BufferedResponse) -> Result<Option<T>> {
    if is_nothing(response) { Ok(None) } else { document(response).map(Some) }
}

/// Decodes a list. The service sends an empty list in several forms, including no content. An empty JSON object is not
/// one of them: it could hide the rest of a list.
pub(crate) fn decode_list<T: DeserializeOwned>(response: &BufferedResponse) -> Result<Vec<T>> {
    let is_empty = match sniff(&response.body) {
        Some(Format::Xml) => is_nothing(response),
        _ => response.status == StatusCode::NO_CONTENT,
    };
    if is_empty { Ok(Vec::new()) } else { document(response) }
}

/// Decodes the content of the counter envelope, `{"type":"200-ok","data":{…}}`.
pub(crate) fn decode_data<T: DeserializeOwned>(response: &BufferedResponse) -> Result<T> {
    #[derive(Deserialize)]
    struct Envelope<T> {
        data: T,
    }
    document::<Envelope<T>>(response).map(|envelope| envelope.data)
}

/// Accepts every document of the service and an empty body. Any other body with a 2xx status, such as a gateway's login
/// page, is an error.
pub(crate) fn decode_nothing(response: &BufferedResponse) -> Result<()> {
    if response.body.trim_ascii().is_empty() || is_nothing(response) {
        return Ok(());
    }
    document::<IgnoredAny>(response).map(|_| ())
}

/// Decodes the body in its own format.
pub(crate) fn document<T: DeserializeOwned>(response: &BufferedResponse) -> Result<T> {
    match format_of(response) {
        Format::Json => response.json(),
        Format::Xml => xml::from_slice(&response.body).map_err(|problem| {
            let kind = looks_like(&response.body, content_type(response));
            response.undecodable(&format!("{problem}; the body is {kind}"))
        }),
    }
}

/// Detects the format of a body by its first character, with the declared media type as fallback.
fn format_of(response: &BufferedResponse) -> Format {
    sniff(&response.body).unwrap_or_else(|| match content_type(response) {
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

fn content_type(response: &BufferedResponse) -> Option<&str> {
    response.headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

/// Returns whether the response is empty: `[]`, `{}`, `<nil-classes type="array"/>`, or no content.
///
/// An empty body with a status other than 204 does not count. Broken gateways send it, and it could hide the rest of a
/// list.
fn is_nothing(response: &BufferedResponse) -> bool {
    if response.status == StatusCode::NO_CONTENT {
        return true;
    }
    if response.body.len() > MAX_NOTHING {
        return false;
    }
    match sniff(&response.body) {
        Some(Format::Json) => serde_json::from_slice(&response.body).is_ok_and(|Nothing(nothing)| nothing),
        Some(Format::Xml) => xml::from_slice(&response.body).is_ok_and(|Nothing(nothing)| nothing),
        None => response.body.trim_ascii() == b"null",
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
