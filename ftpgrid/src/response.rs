//! Replies in the shapes that the service has, and in those that it may have.

use http::header;
use mft_common::provider::{BufferedResponse, looks_like};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Error, ErrorKind, Result, error};

/// An acknowledgement: `{"rslt":"OK"}`, or nothing at all. Whatever else is said with a status of success is no
/// success.
pub(crate) fn acknowledged(reply: &BufferedResponse) -> Result<()> {
    if reply.body.trim_ascii().is_empty() {
        return Ok(());
    }
    let said: Value = reply.json()?;
    if says_ok(&said) {
        return Ok(());
    }
    Err(failure_told(reply).unwrap_or_else(|| unexpected(reply, "no acknowledgement")))
}

/// `rslt` is the word that counts; words beside it may say anything, except under the name of an error.
fn says_ok(said: &Value) -> bool {
    let is_error = said.get("error").is_some_and(|error| error::words(error).is_some());
    let word = said.as_str().or_else(|| said.get("rslt")?.as_str());
    !is_error && word.is_some_and(|word| word.trim().eq_ignore_ascii_case("ok"))
}

/// An object, or the service's words for why there is none.
pub(crate) fn object<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<T> {
    // The decoder would take a list for the values of an object in their order.
    if !reply.body.trim_ascii_start().starts_with(b"{") {
        return Err(unexpected(reply, "no object"));
    }
    reply.json().map_err(|undecodable| failure_told(reply).unwrap_or(undecodable))
}

/// A list: the documented array, `null` for an empty one, or an object with one array in it.
pub(crate) fn list<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<Vec<T>> {
    match reply.body.trim_ascii() {
        [b'{', ..] => wrapped_list(reply),
        b"null" => Ok(Vec::new()),
        _ => reply.json(),
    }
}

fn wrapped_list<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<Vec<T>> {
    let Value::Object(members) = reply.json()? else {
        return Err(unexpected(reply, "no list"));
    };
    if let Some(refused) = failure_beside(reply, &members) {
        return Err(refused);
    }
    let mut lists: Vec<Value> = members.into_iter().map(|(_, value)| value).filter(Value::is_array).collect();
    match (lists.pop(), lists.is_empty()) {
        // The decoder's own words quote what it did not like.
        (Some(list), true) => serde_json::from_value(list)
            .map_err(|_| reply.undecodable("an entry of the list inside the object is not what it should be")),
        (Some(_), false) => Err(reply.undecodable("an object with more than one list in it")),
        (None, _) => Err(failure_told(reply).unwrap_or_else(|| unexpected(reply, "no list"))),
    }
}

/// A failure that is told beside what was asked for, such as an empty list.
fn failure_beside(reply: &BufferedResponse, members: &Map<String, Value>) -> Option<Error> {
    let told = members.get("error").and_then(error::words);
    let told = told.or_else(|| error::words(members.get("rslt")?).filter(|word| !word.eq_ignore_ascii_case("ok")));
    told.map(|words| reply.refused(ErrorKind::Rejected, words))
}

/// A failure that is told with a status of success.
pub(crate) fn failure_told(reply: &BufferedResponse) -> Option<Error> {
    let said: Value = serde_json::from_slice(&reply.body).ok()?;
    let words = error::words(&said).filter(|_| said.is_object() && !says_ok(&said))?;
    Some(reply.refused(ErrorKind::Rejected, words))
}

fn unexpected(reply: &BufferedResponse, what: &str) -> Error {
    let content_type = reply.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    reply.undecodable(&format!("{what}; what came is {}", looks_like(&reply.body, content_type)))
}
