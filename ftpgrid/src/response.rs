//! Decodes responses.

use http::header;
use mft_common::provider::{BufferedResponse, looks_like};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Error, ErrorKind, Result, error};

/// Decodes an acknowledgement: `{"rslt":"OK"}` or an empty body. Any other body is an error, even with status 2xx.
pub(crate) fn acknowledged(response: &BufferedResponse) -> Result<()> {
    if response.body.trim_ascii().is_empty() {
        return Ok(());
    }
    let body: Value = response.json()?;
    if is_ok(&body) {
        return Ok(());
    }
    Err(reported_failure(response).unwrap_or_else(|| unexpected(response, "expected an acknowledgement")))
}

/// Returns whether the body is an acknowledgement. Only `rslt` counts, and an `error` beside it overrides it.
fn is_ok(body: &Value) -> bool {
    let is_error = body.get("error").is_some_and(|error| error::message(error).is_some());
    let result = body.as_str().or_else(|| body.get("rslt")?.as_str());
    !is_error && result.is_some_and(|result| result.trim().eq_ignore_ascii_case("ok"))
}

/// Decodes an object. If the body reports a failure instead, returns its message as the error.
pub(crate) fn object<T: DeserializeOwned>(response: &BufferedResponse) -> Result<T> {
    // serde would accept an array as the object's fields in declaration order.
    if !response.body.trim_ascii_start().starts_with(b"{") {
        return Err(unexpected(response, "expected an object"));
    }
    response.json().map_err(|undecodable| reported_failure(response).unwrap_or(undecodable))
}

/// Decodes a list: the documented array, `null` for an empty list, or an object that contains one array.
pub(crate) fn list<T: DeserializeOwned>(response: &BufferedResponse) -> Result<Vec<T>> {
    match response.body.trim_ascii() {
        [b'{', ..] => wrapped_list(response),
        b"null" => Ok(Vec::new()),
        _ => response.json(),
    }
}

fn wrapped_list<T: DeserializeOwned>(response: &BufferedResponse) -> Result<Vec<T>> {
    let Value::Object(members) = response.json()? else {
        return Err(unexpected(response, "expected a list"));
    };
    if let Some(failure) = failure_beside_list(response, &members) {
        return Err(failure);
    }
    let mut lists: Vec<Value> = members.into_iter().map(|(_, value)| value).filter(Value::is_array).collect();
    match (lists.pop(), lists.is_empty()) {
        // serde's own message would quote the value.
        (Some(list), true) => serde_json::from_value(list)
            .map_err(|_| response.undecodable("an entry of the list inside the object has an unexpected form")),
        (Some(_), false) => Err(response.undecodable("the object contains more than one list")),
        (None, _) => Err(reported_failure(response).unwrap_or_else(|| unexpected(response, "expected a list"))),
    }
}

/// Returns the failure that an object reports beside other members, for example beside an empty list.
fn failure_beside_list(response: &BufferedResponse, members: &Map<String, Value>) -> Option<Error> {
    let message = members.get("error").and_then(error::message);
    let message =
        message.or_else(|| error::message(members.get("rslt")?).filter(|text| !text.eq_ignore_ascii_case("ok")));
    message.map(|message| response.refused(ErrorKind::Rejected, message))
}

/// Returns the failure that a response with status 2xx reports in its body.
pub(crate) fn reported_failure(response: &BufferedResponse) -> Option<Error> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    let message = error::message(&body).filter(|_| body.is_object() && !is_ok(&body))?;
    Some(response.refused(ErrorKind::Rejected, message))
}

fn unexpected(response: &BufferedResponse, expectation: &str) -> Error {
    let content_type = response.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    response.undecodable(&format!("{expectation}, got {}", looks_like(&response.body, content_type)))
}
