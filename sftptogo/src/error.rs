//! Turns the service's replies of failure into the family's [`Error`](crate::Error).

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use serde_json::Value;

/// The service publishes no error bodies. What can be expected is an object with a `message`; the other spellings cost
/// nothing to look for, and a body that is none of them leaves the status to speak for itself.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return None;
    }
    let mut refusal = ErrorDetails::default();
    if let Ok(Value::Object(body)) = serde_json::from_slice(body) {
        let text = |key: &str| body.get(key).and_then(words);
        refusal.message =
            text("message").or_else(|| text("Message")).or_else(|| text("error")).or_else(|| text("errors"));
        refusal.code = body.get("id").and_then(Value::as_str).map(str::to_owned);
    }
    Some(refusal)
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Object(inner) => inner.get("message").and_then(words),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().filter_map(words).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_every_spelling_and_never_made_up() {
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
            let refusal = parse_error(StatusCode::BAD_GATEWAY, &HeaderMap::new(), body.as_bytes()).unwrap();
            assert_eq!(refusal.message.as_deref(), expected, "{body}");
        }
        assert!(parse_error(StatusCode::CREATED, &HeaderMap::new(), b"{}").is_none());
    }
}
