//! Maps error responses of the service to the shared [`Error`](crate::Error).

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use mft_common::provider::message::{first_text, not_blank, plain_text};
use serde_json::Value;

use crate::codec::{response, xml};
use crate::{Error, ErrorKind, Format};

/// Error documents are short. A longer body of a success is the requested content.
const MAX_FAILURE: usize = 64 * 1024;

/// Returns whether the service rejected the call because the password of the session's user is missing or wrong. See
/// [`Client::with_reauthentication`](crate::Client::with_reauthentication).
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
/// match client.users().delete(user).await {
///     Err(error) if brickftp::needs_reauthentication(&error) => {
///         client.with_reauthentication("password").users().delete(user).await
///     }
///     other => other,
/// }
/// # }
/// ```
#[must_use]
pub fn needs_reauthentication(error: &Error) -> bool {
    let rejected = matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Auth | ErrorKind::Rejected);
    let mentions_it = |text: &str| text.to_ascii_lowercase().contains("reauthenticat");
    rejected && error.code().into_iter().chain(error.message()).any(mentions_it)
}

/// Detects failures. The HTTP status takes precedence over the status in the body. A 2xx response is a failure if its
/// body contains an error document.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return if may_contain_error(body) { error_in_success(body) } else { None };
    }
    Some(read(body).map_or_else(
        || ErrorDetails { message: raw_text(body), ..ErrorDetails::default() },
        |document| error_details(&document),
    ))
}

/// Scans the bytes only, to avoid parsing every successful response.
fn may_contain_error(body: &[u8]) -> bool {
    const KEY: &[u8] = br#""error""#;
    if body.len() > MAX_FAILURE {
        return false;
    }
    match response::sniff(body) {
        Some(Format::Json) => {
            body.trim_ascii_start().starts_with(b"{") && body.windows(KEY.len()).any(|part| part == KEY)
        }
        Some(Format::Xml) => xml::root_name(body).is_ok_and(|root| root.eq_ignore_ascii_case("error")),
        None => false,
    }
}

fn error_in_success(body: &[u8]) -> Option<ErrorDetails> {
    let document = read(body)?;
    let inner = document.get("http-code").and_then(number);
    let is_error = match inner {
        Some(inner) => inner >= 400,
        None => first_text(&document, &["error", "message"]).is_some() || document.get("Code").is_some(),
    };
    is_error.then(|| ErrorDetails { kind: Some(kind_of(inner)), ..error_details(&document) })
}

/// Maps the status code in the body of a 2xx response. Without a code, the effect of the call is unknown.
fn kind_of(code: Option<u64>) -> ErrorKind {
    match code {
        Some(401) => ErrorKind::Auth,
        Some(403) => ErrorKind::PermissionDenied,
        Some(404 | 410) => ErrorKind::NotFound,
        Some(409 | 412) => ErrorKind::Conflict,
        Some(429) => ErrorKind::RateLimited,
        Some(400..=499) => ErrorKind::Rejected,
        _ => ErrorKind::Server,
    }
}

fn read(body: &[u8]) -> Option<Value> {
    match response::sniff(body) {
        Some(Format::Xml) => xml::from_slice(body).ok(),
        _ => serde_json::from_slice(body).ok(),
    }
}

/// Reads the known shapes of error documents: the documented one (the JSON key `error` is the XML element `message`),
/// the one of later API versions with `type` and `instance`, the one of the storage, a list of strings, a single
/// string.
fn error_details(document: &Value) -> ErrorDetails {
    let main = first_text(document, &["error", "message", "Message", "title"]);
    let main = main.or_else(|| document.as_str().and_then(not_blank));
    let details = match document {
        Value::Array(details) => details.as_slice(),
        _ => match document.get("errors") {
            Some(Value::Array(details)) => details.as_slice(),
            Some(one @ (Value::Object(_) | Value::String(_))) => std::slice::from_ref(one),
            _ => &[],
        },
    };
    let mut message = main.unwrap_or_default().to_owned();
    for detail in details {
        let text = first_text(detail, &["message"]).or_else(|| detail.as_str().and_then(not_blank));
        if let Some(text) = text.filter(|text| !message.contains(text)) {
            let between = if message.is_empty() { "" } else { "; " };
            message.extend([between, text]);
        }
    }
    let code = first_text(document, &["type", "Code"]);
    let code = code.or_else(|| details.iter().find_map(|detail| first_text(detail, &["type"])));
    ErrorDetails {
        kind: None,
        code: code.map(str::to_owned),
        message: not_blank(&message).map(str::to_owned),
        request_id: first_text(document, &["instance", "RequestId"]).map(str::to_owned),
    }
}

/// The reference sends the code as a string. Some responses send a number.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Returns a body that is neither JSON nor XML as plain text.
fn raw_text(body: &[u8]) -> Option<String> {
    if response::sniff(body).is_some() { None } else { plain_text(body, &[]).map(str::to_owned) }
}
