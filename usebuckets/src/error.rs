//! Maps the service's error responses to [`Error`](crate::Error).

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use mft_common::provider::message::{first_text, not_blank, plain_text};
use serde_json::Value;

/// Extracts the message and the code from an error response.
///
/// The service documents neither the statuses nor the bodies of errors. The status alone decides the kind. The message is
/// taken from any of the usual fields.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return None;
    }
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Some(ErrorDetails { message: plain_text(body, &['<']).map(str::to_owned), ..ErrorDetails::default() });
    };
    let objects = error_objects(&body);
    let message = error_message(&body, &objects).map(str::to_owned);
    let code = text_in_any(&objects, "code").map(str::to_owned);
    Some(ErrorDetails { message, code, ..ErrorDetails::default() })
}

/// Returns the objects that may contain a message or a code: the body, its `error`, and the first of its `errors`.
pub(crate) fn error_objects(body: &Value) -> [Option<&Value>; 3] {
    [Some(body), body.get("error"), body.get("errors").and_then(|errors| errors.get(0))]
}

/// Returns the human-readable message.
pub(crate) fn error_message<'v>(body: &'v Value, objects: &[Option<&'v Value>; 3]) -> Option<&'v str> {
    first_text(body, &["message"])
        .or_else(|| objects.iter().flatten().find_map(|object| not_blank(object.as_str()?)))
        .or_else(|| text_in_any(objects, "message"))
}

fn text_in_any<'v>(objects: &[Option<&'v Value>; 3], key: &str) -> Option<&'v str> {
    objects.iter().flatten().find_map(|object| first_text(object, &[key]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_message_and_the_code_in_every_spelling() {
        for (body, message, code) in [
            (r#"{"message":"no"}"#, Some("no"), None),
            (r#"{"error":"no","code":"E7"}"#, Some("no"), Some("E7")),
            (r#"{"error":{"message":"no","code":"E7"}}"#, Some("no"), Some("E7")),
            (r#"{"errors":[{"message":"first","code":"E7"},{"message":"second"}]}"#, Some("first"), Some("E7")),
            (r#"{"errors":["first"]}"#, Some("first"), None),
            (r#"{"message":"outer","error":"inner"}"#, Some("outer"), None),
            (r#"{"message":null,"error":"no"}"#, Some("no"), None),
            (r#"{"message":" ","errors":[]}"#, None, None),
            (r#"{"message":7,"code":7}"#, None, None),
            (r#""no""#, Some("no"), None),
            ("no, in plain text\n", Some("no, in plain text"), None),
            ("<html>502</html>", None, None),
            ("", None, None),
            ("[]", None, None),
            ("\u{7}", Some("\u{7}"), None),
        ] {
            let details = parse_error(StatusCode::BAD_GATEWAY, &HeaderMap::new(), body.as_bytes()).unwrap();
            assert_eq!((details.message.as_deref(), details.code.as_deref()), (message, code), "{body}");
        }
        let binary = parse_error(StatusCode::BAD_REQUEST, &HeaderMap::new(), &[0xff, 0xfe]).unwrap();
        assert_eq!(binary.message, None);
        assert!(parse_error(StatusCode::CREATED, &HeaderMap::new(), b"{}").is_none());
    }
}
