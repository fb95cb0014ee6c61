//! Parses error responses.

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use mft_common::provider::message::{not_blank, plain_text};
use serde_json::Value;

/// Keys that may contain an error message, in order of precedence. The service documents no error bodies.
const MESSAGE_KEYS: [&str; 6] = ["error", "message", "msg", "rslt", "detail", "title"];

/// Parses a response with an error status. A 2xx is left to the operation, which gives `rslt` its meaning.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return None;
    }
    let message = match serde_json::from_slice(body) {
        Ok(body) => message(&body).map(str::to_owned),
        Err(_) => plain_text(body, &['<', '{', '[']).map(str::to_owned),
    };
    Some(ErrorDetails { message, ..ErrorDetails::default() })
}

/// Returns the message of an error body: its text, or a text under one of the known keys.
pub(crate) fn message(body: &Value) -> Option<&str> {
    match body {
        Value::String(text) => not_blank(text),
        Value::Object(members) => MESSAGE_KEYS.iter().find_map(|key| match members.get(*key)? {
            Value::String(text) => not_blank(text),
            inner @ Value::Object(_) if *key == "error" => message(inner),
            _ => None,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_message_in_every_known_format() {
        for (body, expected) in [
            (r#"{"error":"no"}"#, Some("no")),
            (r#"{"error":{"message":"no"}}"#, Some("no")),
            (r#"{"error":7,"message":"no"}"#, Some("no")),
            (r#"{"error":"","msg":" no "}"#, Some("no")),
            (r#"{"rslt":"no such file"}"#, Some("no such file")),
            (r#"{"title":"t","detail":"d"}"#, Some("d")),
            (r#""Unauthorized""#, Some("Unauthorized")),
            ("Unauthorized\n", Some("Unauthorized")),
            ("<html>502</html>", None),
            (r#"{"error"#, None),
            (r#"{"path":"no"}"#, None),
            ("[\"no\"]", None),
            ("null", None),
            ("", None),
        ] {
            let details = parse_error(StatusCode::BAD_GATEWAY, &HeaderMap::new(), body.as_bytes()).unwrap();
            assert_eq!(details.message.as_deref(), expected, "{body}");
        }
        assert!(parse_error(StatusCode::CREATED, &HeaderMap::new(), br#"{"error":"no"}"#).is_none());
    }
}
