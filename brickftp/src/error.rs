//! Turns the service's replies of failure into the family's [`Error`](crate::Error).

use http::{HeaderMap, StatusCode};
use mft_common::provider::ErrorDetails;
use mft_common::provider::message::{first_text, not_blank, plain_text};
use serde_json::Value;

use crate::{Error, ErrorKind, Format, reply, xml};

/// A failure inside a success is short; what is longer is what was asked for.
const MAX_FAILURE: usize = 64 * 1024;

/// Whether the service refused the call because it wants the password of the session's user with it, or because the one
/// that came was wrong; see [`Client::with_reauthentication`](crate::Client::with_reauthentication).
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
    let refused = matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Auth | ErrorKind::Rejected);
    let names_it = |text: &str| text.to_ascii_lowercase().contains("reauthenticat");
    refused && error.code().into_iter().chain(error.message()).any(names_it)
}

/// The service's success test. The status of the reply counts and not the one in its body, except where the body of a
/// success tells of a failure.
pub(crate) fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    if status.is_success() {
        return if may_tell_failure(body) { failure_inside_success(body) } else { None };
    }
    Some(
        read(body)
            .map_or_else(|| ErrorDetails { message: neither(body), ..ErrorDetails::default() }, |said| refusal(&said)),
    )
}

/// A look at the bytes, which is all that most successes cost here.
fn may_tell_failure(body: &[u8]) -> bool {
    const WORD: &[u8] = br#""error""#;
    if body.len() > MAX_FAILURE {
        return false;
    }
    match reply::sniff(body) {
        Some(Format::Json) => {
            body.trim_ascii_start().starts_with(b"{") && body.windows(WORD.len()).any(|part| part == WORD)
        }
        Some(Format::Xml) => xml::root_name(body).is_ok_and(|root| root.eq_ignore_ascii_case("error")),
        None => false,
    }
}

fn failure_inside_success(body: &[u8]) -> Option<ErrorDetails> {
    let said = read(body)?;
    let inner = said.get("http-code").and_then(number);
    let tells_failure = match inner {
        Some(inner) => inner >= 400,
        None => first_text(&said, &["error", "message"]).is_some() || said.get("Code").is_some(),
    };
    tells_failure.then(|| ErrorDetails { kind: Some(kind_of(inner)), ..refusal(&said) })
}

/// Of a code inside a body, which no status contradicts but the 2xx. Without one nobody knows what was done.
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
    match reply::sniff(body) {
        Some(Format::Xml) => xml::from_slice(body).ok(),
        _ => serde_json::from_slice(body).ok(),
    }
}

/// What is said in any of the shapes: the documented one, whose JSON key `error` is the XML element `message`, the one of
/// later versions with its own `type` and `instance`, that of the storage, a list of texts, a text alone.
fn refusal(said: &Value) -> ErrorDetails {
    let main = first_text(said, &["error", "message", "Message", "title"]);
    let main = main.or_else(|| said.as_str().and_then(not_blank));
    let details = match said {
        Value::Array(details) => details.as_slice(),
        _ => match said.get("errors") {
            Some(Value::Array(details)) => details.as_slice(),
            Some(one @ (Value::Object(_) | Value::String(_))) => std::slice::from_ref(one),
            _ => &[],
        },
    };
    let mut message = main.unwrap_or_default().to_owned();
    for detail in details {
        let words = first_text(detail, &["message"]).or_else(|| detail.as_str().and_then(not_blank));
        if let Some(words) = words.filter(|words| !message.contains(words)) {
            let between = if message.is_empty() { "" } else { "; " };
            message.extend([between, words]);
        }
    }
    let code = first_text(said, &["type", "Code"]);
    let code = code.or_else(|| details.iter().find_map(|detail| first_text(detail, &["type"])));
    ErrorDetails {
        kind: None,
        code: code.map(str::to_owned),
        message: not_blank(&message).map(str::to_owned),
        request_id: first_text(said, &["instance", "RequestId"]).map(str::to_owned),
    }
}

/// The code is a text in the reference and a number from others.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// What is neither JSON nor XML is shown as it is.
fn neither(body: &[u8]) -> Option<String> {
    if reply::sniff(body).is_some() { None } else { plain_text(body, &[]).map(str::to_owned) }
}
