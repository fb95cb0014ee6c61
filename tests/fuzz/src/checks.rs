//! Checks that hold after every call, independent of the responses.

use std::fmt::Debug;

use mft_common::{Error, ErrorKind};
use serde_json::Value;

/// The API key, token and session of the clients.
pub const KEY: &str = "own-key-71c09e5d3ab8";
/// `Basic` authentication with [`KEY`] and `x`.
pub const BASIC_KEY: &str = "b3duLWtleS03MWMwOWU1ZDNhYjg6eA==";
/// The second half of a key pair.
pub const SECRET_KEY: &str = "own-secret-5f20d7c4e961";
/// The password in requests.
pub const PASSWORD: &str = "own-password-8e3b16a90fd2";

/// The secrets that no error may contain after they were sent.
pub const OWN_SECRETS: [&str; 4] = [KEY, BASIC_KEY, SECRET_KEY, PASSWORD];

/// A secret in responses. If it appears only in secret fields, nothing may print it.
pub const PLANTED: &str = "planted-6d15";

/// Asserts that an error is one line, names its operation, and contains none of the sent secrets.
///
/// # Panics
///
/// Panics if the check fails.
pub fn assert_valid_error(error: &Error, sent_secrets: &[&str]) {
    let line = error.to_string();
    assert!(!line.is_empty() && line.len() < 4096, "{} bytes: {line}", line.len());
    assert!(!line.contains(char::is_control), "{line:?}");
    assert!(error.operation().is_some(), "no operation: {error:?}");
    let texts = error_text(error);
    let decoded_key = sent_secrets.contains(&BASIC_KEY).then_some(&KEY);
    for secret in sent_secrets.iter().chain(decoded_key) {
        assert!(!texts.contains(secret), "{secret} in {texts}");
    }
}

/// Returns all text that an error prints.
fn error_text(error: &Error) -> String {
    let mut texts = format!("{error} {error:#} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        texts.extend([format!(" {cause} {cause:#} {cause:?}")]);
        source = cause.source();
    }
    for text in [error.message(), error.code(), error.request_id()].into_iter().flatten() {
        texts.extend([" ", text]);
    }
    texts
}

/// Asserts that secret fields of responses are not printed, neither by a value nor by a decode error.
///
/// # Panics
///
/// Panics if the check fails.
pub fn assert_planted_hidden<'b>(
    result: &Result<Box<dyn Debug>, Error>,
    bodies: impl IntoIterator<Item = &'b [u8]>,
    names: &[&str],
) {
    let mut planted = false;
    for body in bodies.into_iter().filter(|body| contains_planted(body)) {
        planted = true;
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
        if !planted_only_below(&value, names, false) {
            return;
        }
    }
    if !planted {
        return;
    }
    let text = match result {
        Ok(value) => format!("{value:?} {value:#?}"),
        Err(error) if error.kind() == ErrorKind::Decode => error_text(error),
        Err(_) => return,
    };
    assert!(!text.contains(PLANTED), "{text}");
}

fn contains_planted(body: &[u8]) -> bool {
    body.windows(PLANTED.len()).any(|window| window == PLANTED.as_bytes())
}

/// Returns whether the planted secret appears only below the given names.
fn planted_only_below(value: &Value, names: &[&str], inside: bool) -> bool {
    match value {
        Value::String(text) => inside || !text.contains(PLANTED),
        Value::Array(items) => items.iter().all(|item| planted_only_below(item, names, inside)),
        Value::Object(members) => members.iter().all(|(name, member)| {
            !name.contains(PLANTED) && planted_only_below(member, names, inside || names.contains(&name.as_str()))
        }),
        _ => true,
    }
}
