//! What comes under a status of success, which need not be what was asked for.

use http::header;
use mft_common::provider::{Reply, looks_like};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::error::{details, words};
use crate::{Error, ErrorKind, Result};

/// Decodes one object, or a list in its frame.
pub(crate) fn object<T: DeserializeOwned>(reply: &Reply) -> Result<T> {
    // The decoder would take a list for the values of an object in their order.
    if reply.body.trim_ascii_start().starts_with(b"[") {
        let content_type = reply.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        return Err(reply.undecodable(&format!("no object; what came is {}", looks_like(&reply.body, content_type))));
    }
    // Only where it is not what was asked for: looking at every success would cost a second decoding.
    reply.json().map_err(|undecodable| failure(reply, true).unwrap_or(undecodable))
}

/// What a delete answers is not documented, so that it may well be a message of success. An error is none.
pub(crate) fn of_delete(reply: &Reply) -> Result<()> {
    if reply.body.trim_ascii().is_empty() {
        return Ok(());
    }
    reply.json::<IgnoredAny>()?;
    failure(reply, false).map_or(Ok(()), Err)
}

/// A failure with the service's words, in an object that holds them and nothing that was asked for. `"error": false` says
/// that there is none: a message beside it is one of success.
fn failure(reply: &Reply, message_is_one: bool) -> Option<Error> {
    let said: Value = serde_json::from_slice(&reply.body).ok()?;
    let is_there = |key: &str| said.get(key).is_some_and(|value| !is_nothing(value));
    if is_there("id") || is_there("data") {
        return None;
    }
    let denies_error = !is_there("error") && said.get("error").is_some_and(|error| !error.is_null());
    let is_error = is_there("error") || (is_there("errors") && !denies_error);
    let words = words(&said, &details(&said));
    let words = match words {
        Some(words) if is_error || (message_is_one && is_there("message") && !denies_error) => words,
        None if is_error => "the reply holds an error without words",
        _ => return None,
    };
    Some(reply.refused(ErrorKind::Rejected, words))
}

/// What languages write for "none".
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(keys) => keys.is_empty(),
    }
}
