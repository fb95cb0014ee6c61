//! Encoding of paths and queries.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::path_value::PathValue;
use crate::{Error, Result};

/// Everything except the unreserved characters of RFC 3986, which no URL parser rewrites.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The bytes that are not encoded. A dot is excluded because `..` has a meaning.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        plain[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
        byte += 1;
    }
    plain
};

/// Fills a path template with encoded segments.
///
/// `/users/{user_id}` and `["a/b"]` give `/users/a%2Fb`. Empty values, `.`, `..` and control characters are rejected. A URL
/// parser or a server could remove them, and the call would reach another endpoint.
///
/// A placeholder with an asterisk takes a path: `/files/{*path}` and `["a b/c"]` give `/files/a%20b/c`. An empty path is
/// the root. It removes the preceding slash.
pub(crate) fn fill(path: &mut String, template: &str, values: &[&dyn PathValue]) -> Result<()> {
    let mut values = values.iter();
    let mut remaining = template;
    while let Some(open) = position(remaining, b'{') {
        let (before, after) = remaining.split_at(open);
        let Some(close) = position(after, b'}') else { break };
        path.push_str(before);
        let name = &after[1..close];
        let value = values.next().ok_or_else(|| Error::invalid_input(name, "is missing from the path"))?;
        let value = value.text()?;
        match name.strip_prefix('*') {
            Some(name) => push_segments(path, name, &value)?,
            None => push_segment(path, name, &value)?,
        }
        remaining = &after[close + 1..];
    }
    path.push_str(remaining);
    if values.next().is_some() {
        return Err(Error::invalid_input("path", "has more values than placeholders"));
    }
    Ok(())
}

/// Templates are short, so a simple loop is faster than a substring search.
fn position(text: &str, wanted: u8) -> Option<usize> {
    text.bytes().position(|byte| byte == wanted)
}

pub(crate) fn push_segment(path: &mut String, name: &str, value: &str) -> Result<()> {
    // Most ids need no encoding. Copying them is cheaper than encoding each character.
    if !value.is_empty() && value.bytes().fold(true, |plain, byte| plain & PLAIN[usize::from(byte)]) {
        path.push_str(value);
        return Ok(());
    }
    check_segment(name, value)?;
    path.extend(utf8_percent_encode(value, RESERVED));
    Ok(())
}

fn push_segments(path: &mut String, name: &str, value: &str) -> Result<()> {
    if value.is_empty() {
        if path.ends_with('/') {
            path.pop();
        }
        return Ok(());
    }
    for (index, segment) in value.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        push_segment(path, name, segment)?;
    }
    Ok(())
}

/// Checks that a value can be one path segment. Calls check their own values; this is for values that are known earlier.
///
/// # Errors
///
/// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the value is empty, `.` or `..`, or contains a
/// control character.
pub fn check_segment(name: &str, value: &str) -> Result<()> {
    let problem = match value {
        "" => "is empty",
        "." | ".." => "is `.` or `..`, which a server resolves to another path",
        _ if value.chars().any(char::is_control) => "contains a control character",
        _ => return Ok(()),
    };
    Err(Error::invalid_input(name, problem))
}

/// Returns the percent-encoded text for a query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Appends `name=value` to a query. Spaces become `%20`, which all servers decode.
pub(crate) fn push_query(query: &mut String, name: &str, value: &str) {
    push_pair(query, name, value, RESERVED);
}

/// Appends a path as query value. Its slashes are not encoded.
pub(crate) fn push_query_path(query: &mut String, name: &str, value: &str) {
    push_pair(query, name, value, const { &RESERVED.remove(b'/') });
}

fn push_pair(query: &mut String, name: &str, value: &str, reserved: &'static AsciiSet) {
    let (name, value) = (utf8_percent_encode(name, RESERVED), utf8_percent_encode(value, reserved));
    let _ = write!(query, "{name}={value}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(template: &str, values: &[&dyn PathValue]) -> Result<String> {
        let mut path = String::new();
        fill(&mut path, template, values).map(|()| path)
    }

    #[test]
    fn segments_that_would_reach_another_endpoint_are_rejected() {
        for value in ["", ".", "..", "a\nb", "a\r\nHost: x", "tab\t", "nul\0", "\u{85}"] {
            let error = filled("/users/{user_id}", &[&value]).unwrap_err();
            assert!(error.is_invalid_input() && error.message().unwrap().starts_with("user_id "), "{value:?}: {error}");
        }
        assert!(filled("/users/{user_id}", &[]).unwrap_err().is_invalid_input());
        assert!(filled("/users", &[&"x"]).unwrap_err().is_invalid_input());
    }

    #[test]
    fn reserved_characters_are_encoded() {
        let path = filled("/a/{x}/b/{y}", &[&"../users/1?q#f;+ %2e'{}", &"é😀.json"]).unwrap();
        assert_eq!(path, "/a/..%2Fusers%2F1%3Fq%23f%3B%2B%20%252e%27%7B%7D/b/%C3%A9%F0%9F%98%80.json");
    }

    #[test]
    fn a_path_placeholder_keeps_slashes_and_rejects_dot_segments() {
        for (value, expected) in [
            ("", "/files"),
            ("a", "/files/a"),
            ("a b/c?d/é.json", "/files/a%20b/c%3Fd/%C3%A9.json"),
            ("a%2Fb", "/files/a%252Fb"),
        ] {
            assert_eq!(filled("/files/{*path}", &[&value]).unwrap(), expected, "{value:?}");
        }
        for value in ["/", "a/", "/a", "a//b", "..", "a/../b", "./a", "a/b\n"] {
            let error = filled("/files/{*path}", &[&value]).unwrap_err();
            assert!(error.is_invalid_input() && error.message().unwrap().starts_with("path "), "{value:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_url_parser_returns_the_segment_unchanged(value in "\\PC{1,40}") {
            prop_assume!(value != "." && value != "..");
            let path = filled("/o/{id}/end", &[&value]).unwrap();
            let url = url::Url::parse(&format!("https://host.example{path}")).unwrap();
            prop_assert_eq!(url.path(), &path);
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3);
            let text = percent_encoding::percent_decode_str(segments[1]).decode_utf8().unwrap();
            prop_assert_eq!(text, value);
        }
    }
}
