//! Turns the service's replies of failure into the family's [`Error`](crate::Error).

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use mft_common::provider::message::{not_blank, plain_text};
use serde_json::Value;

/// The service publishes no error bodies: these are the keys that a message can be expected under, the first one
/// counts.
const KEYS: [&str; 6] = ["error", "message", "msg", "rslt", "detail", "title"];

/// The status alone tells success from failure: what a `rslt` inside a 2xx means depends on the operation.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return None;
    }
    let message = match serde_json::from_slice(body) {
        Ok(said) => words(&said).map(str::to_owned),
        Err(_) => plain_text(body, &['<', '{', '[']).map(str::to_owned),
    };
    Some(ErrorDetails { message, ..ErrorDetails::default() })
}

/// What is said in any of the shapes.
pub(crate) fn words(said: &Value) -> Option<&str> {
    match said {
        Value::String(text) => not_blank(text),
        Value::Object(said) => KEYS.iter().find_map(|key| match said.get(*key)? {
            Value::String(text) => not_blank(text),
            inner @ Value::Object(_) if *key == "error" => words(inner),
            _ => None,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_every_spelling_and_never_made_up() {
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
            let refusal = parse_error(StatusCode::BAD_GATEWAY, &HeaderMap::new(), body.as_bytes()).unwrap();
            assert_eq!(refusal.message.as_deref(), expected, "{body}");
        }
        assert!(parse_error(StatusCode::CREATED, &HeaderMap::new(), br#"{"error":"no"}"#).is_none());
    }
}
