//! Parses error responses, including those with status 2xx.

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use mft_common::provider::message::{first_text, not_blank, plain_text};
use serde::Deserialize;
use serde_json::Value;

use crate::{ErrorKind, lenient};

/// The maximum size of a failure with status 2xx. A longer body is data; its decoder also checks the status field.
const MAX_FAILURE: usize = 64 * 1024;

/// Parses a failure from the HTTP status or, with status 2xx, from the body.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return if may_report_failure(body) { failure_in_success(body) } else { None };
    }
    // Error bodies are not documented. An object is expected, plain text becomes the message, and HTML is ignored.
    let body_json = serde_json::from_slice::<Value>(body).ok();
    Some(body_json.map_or_else(
        || ErrorDetails { message: plain_text(body, &['<', '{', '[']).map(str::to_owned), ..ErrorDetails::default() },
        |body| error_details(&body),
    ))
}

/// Returns whether a body with status 2xx may report a failure. Most successes are recognized by their first bytes.
fn may_report_failure(body: &[u8]) -> bool {
    const SUCCESS_PREFIX: &[u8] = br#"{"status":true"#;
    body.len() <= MAX_FAILURE
        && body.trim_ascii_start().starts_with(b"{")
        && !body.starts_with(SUCCESS_PREFIX)
        && StatusFields::parse(body).may_be_failure()
}

fn failure_in_success(body: &[u8]) -> Option<ErrorDetails> {
    let body_json = serde_json::from_slice::<Value>(body).ok()?;
    let status_word = body_json.get("status").and_then(status_word);
    if status_word.is_some() && !StatusFields::parse(body).is_failure() && has_data(&body_json) {
        return None;
    }
    let details = error_details(&body_json);
    let message = details.message.clone().or(status_word.map(str::to_owned));
    Some(ErrorDetails { kind: Some(kind_in_success(&details)), message, ..details })
}

/// Returns the text of a `status` that is not a boolean, such as `error`.
fn status_word(status: &Value) -> Option<&str> {
    not_blank(status.as_str()?).filter(|_| lenient::status_flag(status).is_none())
}

/// Returns whether the body contains data. Then `status` may be a property of the data: an account of version 1 has no
/// envelope.
fn has_data(body: &Value) -> bool {
    let is_data = |value: &Value| match value {
        Value::Null => false,
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(keys) => !keys.is_empty(),
        _ => true,
    };
    ["data", "uuid", "token"].iter().any(|key| body.get(*key).is_some_and(is_data))
}

/// Returns the error kind of a failure with status 2xx: `Rejected`, unless a code looks like an HTTP status.
///
/// `Unauthenticated.` is the message with which the service's framework refuses a token. The client then logs in again,
/// as after a 401.
fn kind_in_success(details: &ErrorDetails) -> ErrorKind {
    match details.code.as_deref().and_then(|code| code.parse::<u16>().ok()) {
        Some(401) => ErrorKind::Auth,
        None if details.message.as_deref() == Some("Unauthenticated.") => ErrorKind::Auth,
        Some(403) => ErrorKind::PermissionDenied,
        Some(404 | 410) => ErrorKind::NotFound,
        Some(409 | 412) => ErrorKind::Conflict,
        Some(429) => ErrorKind::RateLimited,
        Some(500..=599) => ErrorKind::Server,
        _ => ErrorKind::Rejected,
    }
}

/// The fields that report success: `status`, or `success` in other APIs of the same host.
#[derive(Default, Deserialize)]
struct StatusFields {
    #[serde(default)]
    status: Value,
    #[serde(default, deserialize_with = "lenient::bool_if_any")]
    success: Option<bool>,
}

impl StatusFields {
    /// Parses the fields. A body that is not JSON has none; the decoder reports it.
    fn parse(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// Returns whether the fields report a failure. `status` takes precedence.
    fn is_failure(&self) -> bool {
        lenient::status_flag(&self.status).or(self.success) == Some(false)
    }

    fn may_be_failure(&self) -> bool {
        self.is_failure() || status_word(&self.status).is_some()
    }
}

/// Reads the error details from any of the formats that hosts of the vendor use.
fn error_details(body: &Value) -> ErrorDetails {
    let error = body.get("error");
    let summary = body.get("message").and_then(message_text);
    let summary = summary.or_else(|| error.and_then(message_text));
    let summary = summary.or_else(|| body.get("messages").and_then(first_message));
    let mut message = summary.unwrap_or_default().to_owned();
    for detail in body.get("errors").map(field_errors).unwrap_or_default() {
        if !message.contains(&detail) {
            let separator = if message.is_empty() { "" } else { "; " };
            message.extend([separator, &detail]);
        }
    }
    let code = body.get("code").or_else(|| error?.get("code")).and_then(text_or_number);
    ErrorDetails {
        kind: None,
        code,
        message: (!message.is_empty()).then_some(message),
        request_id: body.get("opID").and_then(text_or_number),
    }
}

/// Returns a text, or the message of an object.
fn message_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => not_blank(text),
        _ => first_text(value, &["message"]),
    }
}

fn first_message(value: &Value) -> Option<&str> {
    value.as_array()?.iter().find_map(message_text)
}

/// Returns the entries of `errors`. Those of a map are prefixed with the name of their field.
fn field_errors(errors: &Value) -> Vec<String> {
    let prefixed = |(field, value): (&String, &Value)| {
        let texts = match value {
            Value::Array(entries) => entries.iter().filter_map(message_text).collect::<Vec<_>>().join(" "),
            entry => message_text(entry)?.to_owned(),
        };
        (!texts.is_empty()).then(|| format!("{field}: {texts}"))
    };
    match errors {
        Value::Object(fields) => fields.iter().filter_map(prefixed).collect(),
        Value::Array(entries) => entries.iter().filter_map(message_text).map(str::to_owned).collect(),
        entry => message_text(entry).map(str::to_owned).into_iter().collect(),
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

    fn parse(status: u16, body: &str) -> Option<ErrorDetails> {
        parse_error(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn finds_the_message_in_every_known_format() {
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
            assert_eq!(parse(502, body).unwrap().message.as_deref(), message, "{body}");
        }
    }

    #[test]
    fn reads_code_and_request_id() {
        for (body, code, id) in [
            (r#"{"code":"E7","opID":"op-1"}"#, Some("E7"), Some("op-1")),
            (r#"{"error":{"code":17},"opID":9}"#, Some("17"), Some("9")),
            (r#"{"code":"","opID":null}"#, None, None),
        ] {
            let details = parse(422, body).unwrap();
            assert_eq!((details.code.as_deref(), details.request_id.as_deref()), (code, id), "{body}");
        }
    }

    #[test]
    fn a_2xx_with_a_failure_in_its_body_is_an_error() {
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
            assert_eq!(parse(200, body).and_then(|details| details.kind), Some(kind), "{body}");
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
            // In any order, with any whitespace.
            r#"{"status":true,"success":false}"#,
            r#"{ "success": false, "status": true }"#,
            r#"{"status":{"ok":false}}"#,
            "{",
            "",
            "false",
            "[false]",
        ] {
            assert!(parse(200, body).is_none(), "{body}");
        }
        // Without another message, the status is the message.
        let message = parse(200, r#"{"status":"No such account"}"#).and_then(|details| details.message);
        assert_eq!(message.as_deref(), Some("No such account"));
    }
}
