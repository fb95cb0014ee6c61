//! What comes under a status of success, which need not be what was asked for.

use mft_common::provider::BufferedResponse;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::error::{details, words};
use crate::{Error, ErrorKind, Result};

/// Decodes one object, or a list in its frame.
pub(crate) fn object<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<T> {
    // Only where it is not what was asked for: looking at every success would cost a second decoding.
    reply.json().map_err(|undecodable| failure(reply).or_else(|| message(reply)).unwrap_or(undecodable))
}

/// What a delete answers is not documented, so that it may well be a message of success. An error is none.
pub(crate) fn of_delete(reply: &BufferedResponse) -> Result<()> {
    if reply.body.trim_ascii().is_empty() {
        return Ok(());
    }
    reply.json::<IgnoredAny>()?;
    failure(reply).map_or(Ok(()), Err)
}

/// A failure with the service's words, in an object that holds them and nothing that was asked for. `"error": false` says
/// that there is none.
fn failure(reply: &BufferedResponse) -> Option<Error> {
    let said = without_result(reply)?;
    let denies_error = said.get("error").is_some_and(|error| !error.is_null() && is_nothing(error));
    let is_error = is_there(&said, "error") || (is_there(&said, "errors") && !denies_error);
    let words = words(&said, &details(&said)).unwrap_or("the reply holds an error without words");
    is_error.then(|| reply.refused(ErrorKind::Rejected, words))
}

/// A message alone says neither that it was done nor that it was not, and the status says that it was.
fn message(reply: &BufferedResponse) -> Option<Error> {
    let said = without_result(reply).filter(|said| is_there(said, "message"))?;
    let words = words(&said, &details(&said))?;
    Some(reply.undecodable(&format!("it holds nothing but a message: {words}")))
}

/// What came, where it is not what was asked for.
fn without_result(reply: &BufferedResponse) -> Option<Value> {
    let said: Value = serde_json::from_slice(&reply.body).ok()?;
    (!is_there(&said, "id") && !is_there(&said, "data")).then_some(said)
}

fn is_there(said: &Value, key: &str) -> bool {
    said.get(key).is_some_and(|value| !is_nothing(value))
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
