//! Maps the service's error responses to [`Error`](crate::Error).

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use serde_json::Value;

/// Extracts the message and the code from an error response.
///
/// The service documents no error bodies. An object with a `message` is likely, and other spellings are tried as well.
/// The status alone is enough for any other body.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return None;
    }
    let mut details = ErrorDetails::default();
    if let Ok(Value::Object(body)) = serde_json::from_slice(body) {
        let text = |key: &str| body.get(key).and_then(message);
        details.message =
            text("message").or_else(|| text("Message")).or_else(|| text("error")).or_else(|| text("errors"));
        details.code = body.get("id").and_then(Value::as_str).map(str::to_owned);
    }
    Some(details)
}

fn message(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Object(inner) => inner.get("message").and_then(message),
        Value::Array(values) => {
            let messages: Vec<String> = values.iter().filter_map(message).collect();
            (!messages.is_empty()).then(|| messages.join("; "))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_message_in_every_spelling() {
        for (body, expected) in [
            (r#"{"message":"Not Found"}"#, Some("Not Found")),
            (r#"{"Message":"Not Found"}"#, Some("Not Found")),
            (r#"{"error":"no"}"#, Some("no")),
            (r#"{"error":{"message":"no"}}"#, Some("no")),
            (r#"{"errors":["a",{"message":"b"},7]}"#, Some("a; b")),
            (r#"{"message":null,"error":"x"}"#, Some("x")),
            (r#"{"message":7}"#, None),
            ("<html>502</html>", None),
            ("", None),
            ("[]", None),
        ] {
            let details = parse_error(StatusCode::BAD_GATEWAY, &HeaderMap::new(), body.as_bytes()).unwrap();
            assert_eq!(details.message.as_deref(), expected, "{body}");
        }
        assert!(parse_error(StatusCode::CREATED, &HeaderMap::new(), b"{}").is_none());
    }
}
