//! What holds after every call, whatever came.

use std::fmt::Debug;

use mft_common::{Error, ErrorKind};
use serde_json::Value;

/// The keys, tokens and sessions that the clients are made with.
pub const KEY: &str = "own-key-71c09e5d3ab8";
/// `Basic` of [`KEY`] and `x`.
pub const BASIC_KEY: &str = "b3duLWtleS03MWMwOWU1ZDNhYjg6eA==";
/// The second half of a pair.
pub const SECRET_KEY: &str = "own-secret-5f20d7c4e961";
/// Passwords that requests set.
pub const PASSWORD: &str = "own-password-8e3b16a90fd2";

/// What no error may repeat after it was sent.
pub const OWN_SECRETS: [&str; 4] = [KEY, BASIC_KEY, SECRET_KEY, PASSWORD];

/// A secret of the service's. Where it comes under the name of a secret alone, nothing may show it.
pub const PLANTED: &str = "planted-6d15";

/// An error is one line, names its call, and shows none of these.
///
/// # Panics
///
/// Where it does not.
pub fn assert_sound(error: &Error, told: &[&str]) {
    let said = error.to_string();
    assert!(!said.is_empty() && said.len() < 4096, "{} bytes: {said}", said.len());
    assert!(!said.contains(char::is_control), "{said:?}");
    assert!(error.operation().is_some(), "no operation: {error:?}");
    let texts = everything_shown(error);
    let decoded = told.contains(&BASIC_KEY).then_some(&KEY);
    for secret in told.iter().chain(decoded) {
        assert!(!texts.contains(secret), "{secret} is shown: {texts}");
    }
}

/// All that an error shows of itself.
fn everything_shown(error: &Error) -> String {
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

/// What came under the names of secrets is not shown, neither by a value nor by the error of a reply that is none.
///
/// # Panics
///
/// Where it is.
pub fn assert_planted_hidden<'b>(
    result: &Result<Box<dyn Debug>, Error>,
    bodies: impl IntoIterator<Item = &'b [u8]>,
    names: &[&str],
) {
    let mut planted = false;
    for body in bodies.into_iter().filter(|body| holds(body)) {
        planted = true;
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
        if !only_below(&value, names, false) {
            return;
        }
    }
    if !planted {
        return;
    }
    let shown = match result {
        Ok(value) => format!("{value:?} {value:#?}"),
        Err(error) if error.kind() == ErrorKind::Decode => everything_shown(error),
        Err(_) => return,
    };
    assert!(!shown.contains(PLANTED), "{shown}");
}

fn holds(body: &[u8]) -> bool {
    body.windows(PLANTED.len()).any(|window| window == PLANTED.as_bytes())
}

/// Whether the planted secret stands under these names, and nowhere else.
fn only_below(value: &Value, names: &[&str], is_below: bool) -> bool {
    match value {
        Value::String(text) => is_below || !text.contains(PLANTED),
        Value::Array(items) => items.iter().all(|item| only_below(item, names, is_below)),
        Value::Object(members) => members.iter().all(|(name, member)| {
            !name.contains(PLANTED) && only_below(member, names, is_below || names.contains(&name.as_str()))
        }),
        _ => true,
    }
}
