//! Turns the service's replies of failure into the family's [`Error`](crate::Error).

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use mft_common::provider::message::{first_text, not_blank, plain_text};
use serde::Deserialize;
use serde_json::Value;

use crate::{ErrorKind, lenient};

/// A failure inside a success is short; what is longer is what was asked for, and decoding looks at its status too.
const MAX_FAILURE: usize = 64 * 1024;

/// The service's success test: a reply is a failure where its status says so, or where its body does.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return if may_tell_failure(body) { failure_inside_success(body) } else { None };
    }
    // No reply of failure is documented. What can be expected is an object; plain text is shown as it is, and a page of
    // HTML leaves the status to speak for itself.
    let said = serde_json::from_slice::<Value>(body).ok();
    Some(said.map_or_else(
        || ErrorDetails { message: plain_text(body, &['<', '{', '[']).map(str::to_owned), ..ErrorDetails::default() },
        |said| refusal(&said),
    ))
}

/// A look at the bytes, which is all that most successes cost here.
fn may_tell_failure(body: &[u8]) -> bool {
    const USUAL: &[u8] = br#"{"status":true"#;
    body.len() <= MAX_FAILURE
        && body.trim_ascii_start().starts_with(b"{")
        && !body.starts_with(USUAL)
        && Success::of(body).may_be_denied()
}

fn failure_inside_success(body: &[u8]) -> Option<ErrorDetails> {
    let said = serde_json::from_slice::<Value>(body).ok()?;
    let another_word = said.get("status").and_then(other_word);
    if another_word.is_some() && !Success::of(body).is_denied() && holds_something(&said) {
        return None;
    }
    let refusal = refusal(&said);
    let message = refusal.message.clone().or(another_word.map(str::to_owned));
    Some(ErrorDetails { kind: Some(kind_inside_success(&refusal)), message, ..refusal })
}

/// The text of a `status` that is no truth, such as `error`.
fn other_word(status: &Value) -> Option<&str> {
    not_blank(status.as_str()?).filter(|_| lenient::truth(status).is_none())
}

/// Whether there is what somebody asked for, beside which `status` may be the state of that: an account of version 1
/// comes bare.
fn holds_something(said: &Value) -> bool {
    let is_something = |value: &Value| match value {
        Value::Null => false,
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(keys) => !keys.is_empty(),
        _ => true,
    };
    ["data", "uuid", "token"].iter().any(|key| said.get(*key).is_some_and(is_something))
}

/// The service looked at the request and said no. Only a code that looks like a status can say more, and the words with
/// which the service's framework refuses a token: then the client logs in again, as after a 401.
fn kind_inside_success(refusal: &ErrorDetails) -> ErrorKind {
    match refusal.code.as_deref().and_then(|code| code.parse::<u16>().ok()) {
        Some(401) => ErrorKind::Auth,
        None if refusal.message.as_deref() == Some("Unauthenticated.") => ErrorKind::Auth,
        Some(403) => ErrorKind::PermissionDenied,
        Some(404 | 410) => ErrorKind::NotFound,
        Some(409 | 412) => ErrorKind::Conflict,
        Some(429) => ErrorKind::RateLimited,
        Some(500..=599) => ErrorKind::Server,
        _ => ErrorKind::Rejected,
    }
}

/// What the body of a success says of its own success: `status` here, `success` elsewhere on the same host.
#[derive(Default, Deserialize)]
struct Success {
    #[serde(default)]
    status: Value,
    #[serde(default, deserialize_with = "lenient::bool_if_any")]
    success: Option<bool>,
}

impl Success {
    /// A body that is no JSON denies nothing; the decoder deals with it.
    fn of(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// Where both words are there, the service's own counts.
    fn is_denied(&self) -> bool {
        lenient::truth(&self.status).or(self.success) == Some(false)
    }

    fn may_be_denied(&self) -> bool {
        self.is_denied() || other_word(&self.status).is_some()
    }
}

/// What is said, in any of the shapes that the hosts of the vendor are known to use.
fn refusal(said: &Value) -> ErrorDetails {
    let error = said.get("error");
    let main = said.get("message").and_then(words);
    let main = main.or_else(|| error.and_then(words));
    let main = main.or_else(|| said.get("messages").and_then(first_words));
    let mut message = main.unwrap_or_default().to_owned();
    for detail in said.get("errors").map(details).unwrap_or_default() {
        if !message.contains(&detail) {
            let between = if message.is_empty() { "" } else { "; " };
            message.extend([between, &detail]);
        }
    }
    let code = said.get("code").or_else(|| error?.get("code")).and_then(text_or_number);
    ErrorDetails {
        kind: None,
        code,
        message: (!message.is_empty()).then_some(message),
        request_id: said.get("opID").and_then(text_or_number),
    }
}

/// A text, or the message of an object.
fn words(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => not_blank(text),
        _ => first_text(value, &["message"]),
    }
}

fn first_words(value: &Value) -> Option<&str> {
    value.as_array()?.iter().find_map(words)
}

/// The details of `errors`: those of a map each with the name of its field.
fn details(errors: &Value) -> Vec<String> {
    let named = |(field, said): (&String, &Value)| {
        let texts = match said {
            Value::Array(all) => all.iter().filter_map(words).collect::<Vec<_>>().join(" "),
            one => words(one)?.to_owned(),
        };
        (!texts.is_empty()).then(|| format!("{field}: {texts}"))
    };
    match errors {
        Value::Object(fields) => fields.iter().filter_map(named).collect(),
        Value::Array(all) => all.iter().filter_map(words).map(str::to_owned).collect(),
        one => words(one).map(str::to_owned).into_iter().collect(),
    }
}

fn text_or_number(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => not_blank(text).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Option<ErrorDetails> {
        parse_error(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn the_message_is_found_in_every_spelling_and_never_made_up() {
        for (body, message) in [
            (r#"{"message":"Not Found"}"#, Some("Not Found")),
            (r#"{"error":"no"}"#, Some("no")),
            (r#"{"error":{"message":"no"}}"#, Some("no")),
            (r#"{"messages":["a","b"]}"#, Some("a")),
            (r#"{"messages":[],"errors":["a",{"message":"b"},7]}"#, Some("a; b")),
            (r#"{"errors":"no"}"#, Some("no")),
            (r#"{"message":null,"error":"x"}"#, Some("x")),
            (
                r#"{"message":"Invalid.","errors":{"password":["Too short.","No digit."],"path":"Bad."}}"#,
                Some("Invalid.; password: Too short. No digit.; path: Bad."),
            ),
            (r#"{"message":"a","errors":{"name":[]}}"#, Some("a")),
            (r#"{"message":7}"#, None),
            ("Service Unavailable\n", Some("Service Unavailable")),
            ("<html>502</html>", None),
            ("", None),
            ("[]", None),
        ] {
            assert_eq!(told(502, body).unwrap().message.as_deref(), message, "{body}");
        }
    }

    #[test]
    fn code_and_request_id_are_kept() {
        for (body, code, id) in [
            (r#"{"code":"E7","opID":"op-1"}"#, Some("E7"), Some("op-1")),
            (r#"{"error":{"code":17},"opID":9}"#, Some("17"), Some("9")),
            (r#"{"code":"","opID":null}"#, None, None),
        ] {
            let refusal = told(422, body).unwrap();
            assert_eq!((refusal.code.as_deref(), refusal.request_id.as_deref()), (code, id), "{body}");
        }
    }

    #[test]
    fn a_success_that_denies_itself_is_a_failure() {
        for (body, kind) in [
            (r#"{"status":false,"message":"no"}"#, ErrorKind::Rejected),
            (r#"{"data":[],"status":0,"message":"no"}"#, ErrorKind::Rejected),
            (r#"{"status":"false","messages":["no"]}"#, ErrorKind::Rejected),
            (r#"{"success":false,"errors":{"name":["no"]}}"#, ErrorKind::Rejected),
            (r#"{"status":"error","success":false}"#, ErrorKind::Rejected),
            (r#"{"status":false,"message":"Unauthenticated."}"#, ErrorKind::Auth),
            (r#"{"status":false,"code":401}"#, ErrorKind::Auth),
            (r#"{"status":false,"code":404}"#, ErrorKind::NotFound),
            (r#"{"status":false,"code":"409"}"#, ErrorKind::Conflict),
            (r#"{"status":false,"error":{"code":500}}"#, ErrorKind::Server),
            (r#"{"status":false,"code":"name_taken"}"#, ErrorKind::Rejected),
            (r#"{"status":"error","message":"boom"}"#, ErrorKind::Rejected),
            (r#"{"data":null,"status":"fail","code":404}"#, ErrorKind::NotFound),
            (r#"{"status":"error","data":[]}"#, ErrorKind::Rejected),
            (r#"{"status":"error","data":{},"message":"Unauthenticated."}"#, ErrorKind::Auth),
            (r#"{"status":"error","success":false,"data":{"uuid":"1"}}"#, ErrorKind::Rejected),
        ] {
            assert_eq!(told(200, body).and_then(|refusal| refusal.kind), Some(kind), "{body}");
        }
        for body in [
            r#"{"status":true,"data":{"status":false}}"#,
            r#"{"status":1}"#,
            r#"{"status":null,"error":"not looked at"}"#,
            r#"{"status":"active","uuid":"1"}"#,
            r#"{"status":"active","data":{"uuid":"1"}}"#,
            r#"{"status":"granted","token":"t"}"#,
            r#"{"status":"Success","message":"Deleted."}"#,
            r#"{"status":" ","message":"Deleted."}"#,
            // In whichever order, with whichever blanks.
            r#"{"status":true,"success":false}"#,
            r#"{ "success": false, "status": true }"#,
            r#"{"status":{"ok":false}}"#,
            "{",
            "",
            "false",
            "[false]",
        ] {
            assert!(told(200, body).is_none(), "{body}");
        }
        // Where nothing else is said, the word itself is.
        let message = told(200, r#"{"status":"No such account"}"#).and_then(|refusal| refusal.message);
        assert_eq!(message.as_deref(), Some("No such account"));
    }
}
