//! Turns the service's replies of failure into the family's [`Error`](crate::Error).

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use mft_common::provider::message::{first_text, not_blank, plain_text};
use serde_json::Value;

/// The service publishes neither the statuses nor the bodies of its failures, so the status alone decides the kind, and
/// words are looked for wherever services of this sort put them.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return None;
    }
    let Ok(said) = serde_json::from_slice::<Value>(body) else {
        return Some(ErrorDetails { message: plain_text(body, &['<']).map(str::to_owned), ..ErrorDetails::default() });
    };
    let details = details(&said);
    let message = words(&said, &details).map(str::to_owned);
    let code = in_any(&details, "code").map(str::to_owned);
    Some(ErrorDetails { message, code, ..ErrorDetails::default() })
}

/// Where services of this sort say more: at the top, under `error`, and in the first of `errors`.
pub(crate) fn details(said: &Value) -> [Option<&Value>; 3] {
    [Some(said), said.get("error"), said.get("errors").and_then(|errors| errors.get(0))]
}

/// The words for people.
pub(crate) fn words<'v>(said: &'v Value, details: &[Option<&'v Value>; 3]) -> Option<&'v str> {
    first_text(said, &["message"])
        .or_else(|| details.iter().flatten().find_map(|detail| not_blank(detail.as_str()?)))
        .or_else(|| in_any(details, "message"))
}

fn in_any<'v>(details: &[Option<&'v Value>; 3], key: &str) -> Option<&'v str> {
    details.iter().flatten().find_map(|detail| first_text(detail, &[key]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_every_spelling_and_never_made_up() {
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
            ("no, for once in plain words\n", Some("no, for once in plain words"), None),
            ("<html>502</html>", None, None),
            ("", None, None),
            ("[]", None, None),
            ("\u{7}", Some("\u{7}"), None),
        ] {
            let refusal = parse_error(StatusCode::BAD_GATEWAY, &HeaderMap::new(), body.as_bytes()).unwrap();
            assert_eq!((refusal.message.as_deref(), refusal.code.as_deref()), (message, code), "{body}");
        }
        let binary = parse_error(StatusCode::BAD_REQUEST, &HeaderMap::new(), &[0xff, 0xfe]).unwrap();
        assert_eq!(binary.message, None);
        assert!(parse_error(StatusCode::CREATED, &HeaderMap::new(), b"{}").is_none());
    }
}
