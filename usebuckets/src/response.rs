//! Decodes success responses, which may contain an error instead of the expected object.

use mft_common::provider::BufferedResponse;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::error::{error_message, error_objects};
use crate::{Error, ErrorKind, Result};

/// Decodes an object, or a list in its envelope.
pub(crate) fn object<T: DeserializeOwned>(response: &BufferedResponse) -> Result<T> {
    // Looks for an error only if decoding fails. Otherwise every success would be decoded twice.
    response
        .json()
        .map_err(|undecodable| embedded_error(response).or_else(|| message_only(response)).unwrap_or(undecodable))
}

/// Checks the response to a delete. Its body is not documented. Any body but an error is a success.
pub(crate) fn deleted(response: &BufferedResponse) -> Result<()> {
    if response.body.trim_ascii().is_empty() {
        return Ok(());
    }
    response.json::<IgnoredAny>()?;
    embedded_error(response).map_or(Ok(()), Err)
}

/// Returns the error in an object that contains an error and no result. `"error": false` means no error.
fn embedded_error(response: &BufferedResponse) -> Option<Error> {
    let body = without_result(response)?;
    let denies_error = body.get("error").is_some_and(|error| !error.is_null() && is_none_like(error));
    let is_error = has_value(&body, "error") || (has_value(&body, "errors") && !denies_error);
    let message =
        error_message(&body, &error_objects(&body)).unwrap_or("the response contains an error without a message");
    is_error.then(|| response.refused(ErrorKind::Rejected, message))
}

/// Returns a decode error for an object that contains a message and no result. The status implies that the call was applied.
fn message_only(response: &BufferedResponse) -> Option<Error> {
    let body = without_result(response).filter(|body| has_value(body, "message"))?;
    let message = error_message(&body, &error_objects(&body))?;
    Some(response.undecodable(&format!("it contains only a message: {message}")))
}

/// Returns the body if it does not contain the expected result.
fn without_result(response: &BufferedResponse) -> Option<Value> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    (!has_value(&body, "id") && !has_value(&body, "data")).then_some(body)
}

fn has_value(body: &Value, key: &str) -> bool {
    body.get(key).is_some_and(|value| !is_none_like(value))
}

/// Returns `true` for the values that different languages use for "none".
fn is_none_like(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Object(keys) => keys.is_empty(),
    }
}
