//! JSON, and what to say when a reply is not what it should be.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Decodes a body, or says where and in which way it is not what it should be.
///
/// The text never quotes the body: a decoder's own message does, and a mistyped password would land in a log. Decoding
/// is done plainly first; only a failure is decoded a second time, for the path.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], content_type: Option<&str>) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|plain| describe::<T>(body, content_type, &plain))
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
}
