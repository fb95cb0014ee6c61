//! JSON decoding and its error messages.

use std::fmt::Write as _;

use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor, value};
use serde::forward_to_deserialize_any;
use serde_json::error::Category;

/// Decodes a body, or returns a description of the mismatch and its path.
///
/// The description never quotes the body, because a password could end up in a log. The first pass does not track the path.
/// Only if it fails, a second pass does.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], content_type: Option<&str>) -> Result<T, String> {
    if body.trim_ascii_start().starts_with(b"[") && is_object::<T>() {
        // serde would accept a list as the field values of a struct.
        return Err(format!("no object; what came is {}", looks_like(body, content_type)));
    }
    serde_json::from_slice(body).map_err(|plain| describe::<T>(body, content_type, &plain))
}

/// Returns whether a type deserializes from an object. The type itself is probed.
fn is_object<T: DeserializeOwned>() -> bool {
    T::deserialize(Probe).is_err_and(|answer| answer == value::Error::custom(AN_OBJECT))
}

const AN_OBJECT: &str = "an object";

/// Fails with the kind of value that a type requests.
struct Probe;

impl<'de> Deserializer<'de> for Probe {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, value::Error> {
        Err(value::Error::custom("something else"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, value::Error> {
        Err(value::Error::custom(AN_OBJECT))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

fn describe<T: DeserializeOwned>(body: &[u8], content_type: Option<&str>, plain: &serde_json::Error) -> String {
    let mut text = match plain.classify() {
        Category::Data => "a value of another type or a missing key",
        Category::Eof => "JSON that ends too early",
        Category::Syntax | Category::Io => "no JSON",
    }
    .to_owned();
    let mut decoder = serde_json::Deserializer::from_slice(body);
    if let Err(traced) = serde_path_to_error::deserialize::<_, T>(&mut decoder) {
        let path = traced.path().to_string();
        if path != "." {
            let _ = write!(text, " at `{path}`");
        }
    }
    let _ = write!(text, ", line {} column {}", plain.line(), plain.column());
    let _ = write!(text, "; what came is {}", looks_like(body, content_type));
    text
}

/// Describes the apparent content of a body without quoting it.
#[must_use]
pub fn looks_like(body: &[u8], content_type: Option<&str>) -> String {
    let start = body.trim_ascii_start();
    let lower: Vec<u8> = start.iter().take(16).map(u8::to_ascii_lowercase).collect();
    let form = match start {
        [] => "empty",
        [0xef, 0xbb, 0xbf, ..] => "text with a byte order mark",
        _ if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") => "an HTML page",
        [b'<', ..] => "XML",
        [b'{', ..] => "an object",
        [b'[', ..] => "a list",
        [b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n', ..] => "a single value",
        _ => "something else",
    };
    let mut text = form.to_owned();
    if !body.is_empty() {
        let _ = write!(text, " of {} bytes", body.len());
    }
    if let Some(content_type) = content_type {
        let _ = write!(text, " sent as {content_type}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Item {
        #[serde(rename = "Port")]
        #[expect(dead_code, reason = "only decoded")]
        port: u16,
    }

    #[test]
    fn an_error_contains_path_and_position_and_quotes_nothing() {
        for (body, content_type, expected) in [
            (
                r#"[{"Port":1},{"Port":"hunter2"}]"#,
                None,
                "another type or a missing key at `[1].Port`, line 1 column 29",
            ),
            (r#"[{"Port":1},{}]"#, None, "missing key at `[1]`"),
            ("[{\"Port\":", None, "JSON that ends too early"),
            ("", Some("application/json"), "what came is empty sent as application/json"),
            ("<!DOCTYPE html><p>hunter2", Some("text/html"), "an HTML page of 25 bytes sent as text/html"),
            (r#"{"password":"hunter2"}"#, None, "what came is an object of 22 bytes"),
            ("\u{feff}[]", None, "byte order mark"),
            (r#"[{"Port":1}] hunter2"#, None, "no JSON"),
        ] {
            let problem = decode::<Vec<Item>>(body.as_bytes(), content_type).unwrap_err();
            assert!(problem.contains(expected), "{problem}");
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn a_list_is_not_accepted_as_the_fields_of_an_object() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Thing {
            id: String,
            #[serde(default)]
            name: Option<String>,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Wrapped(Thing);
        for body in [r#"["boom"]"#, r#" ["boom", "x"]"#, "[]"] {
            let problem = decode::<Thing>(body.as_bytes(), None).unwrap_err();
            assert!(problem.starts_with("no object; what came is a list"), "{problem}");
            assert!(decode::<Wrapped>(body.as_bytes(), None).is_err());
        }
        let thing = || Thing { id: "a".to_owned(), name: None };
        assert_eq!(decode::<Wrapped>(br#"{"id":"a"}"#, None), Ok(Wrapped(thing())));
        assert_eq!(decode::<Vec<Thing>>(br#"[{"id":"a"}]"#, None), Ok(vec![thing()]));
        assert_eq!(decode::<(u8, String)>(br#"[1,"a"]"#, None), Ok((1, "a".to_owned())));
        assert_eq!(decode::<serde_json::Value>(b"[1]", None), Ok(serde_json::json!([1])));
    }
}
