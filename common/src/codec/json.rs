//! JSON, and what to say when a reply is not what it should be.

use std::fmt::Write as _;

use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor, value};
use serde::forward_to_deserialize_any;
use serde_json::error::Category;

/// Decodes a body, or says where and in which way it is not what it should be.
///
/// The text never quotes the body: a decoder's own message does, and a mistyped password would land in a log. Decoding
/// is done plainly first; only a failure is decoded a second time, for the path.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], content_type: Option<&str>) -> Result<T, String> {
    if body.trim_ascii_start().starts_with(b"[") && is_object::<T>() {
        // The decoder would take a list for the values of an object in their order.
        return Err(format!("no object; what came is {}", looks_like(body, content_type)));
    }
    serde_json::from_slice(body).map_err(|plain| describe::<T>(body, content_type, &plain))
}

/// Whether a type is read from an object, asked of the type itself.
fn is_object<T: DeserializeOwned>() -> bool {
    T::deserialize(Asked).is_err_and(|answer| answer == value::Error::custom(AN_OBJECT))
}

const AN_OBJECT: &str = "an object";

/// Reads nothing, and ends in what it was asked for.
struct Asked;

impl<'de> Deserializer<'de> for Asked {
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

/// Names what a body seems to be, without quoting it.
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
    fn a_failure_names_path_and_place_and_quotes_nothing() {
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
            let said = decode::<Vec<Item>>(body.as_bytes(), content_type).unwrap_err();
            assert!(said.contains(expected), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn a_list_is_no_object_whose_values_stand_in_their_order() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Thing {
            id: String,
            #[serde(default)]
            name: Option<String>,
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Wrapped(Thing);
        for body in [r#"["boom"]"#, r#" ["boom", "x"]"#, "[]"] {
            let said = decode::<Thing>(body.as_bytes(), None).unwrap_err();
            assert!(said.starts_with("no object; what came is a list"), "{said}");
            assert!(decode::<Wrapped>(body.as_bytes(), None).is_err());
        }
        let thing = || Thing { id: "a".to_owned(), name: None };
        assert_eq!(decode::<Wrapped>(br#"{"id":"a"}"#, None), Ok(Wrapped(thing())));
        assert_eq!(decode::<Vec<Thing>>(br#"[{"id":"a"}]"#, None), Ok(vec![thing()]));
        assert_eq!(decode::<(u8, String)>(br#"[1,"a"]"#, None), Ok((1, "a".to_owned())));
        assert_eq!(decode::<serde_json::Value>(b"[1]", None), Ok(serde_json::json!([1])));
    }
}
