//! What comes under a status of success, which need not be what was asked for.

use mft_common::provider::Reply;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::error::{details, words};
use crate::{Error, ErrorKind, Result};

/// Decodes one object, or a list in its frame.
pub(crate) fn object<T: DeserializeOwned>(reply: &Reply) -> Result<T> {
    // Only where it is not what was asked for: looking at every success would cost a second decoding.
    reply.json().map_err(|undecodable| failure(reply, &["message", "error", "errors"]).unwrap_or(undecodable))
}

/// What a delete answers is not documented, so that it may well be a message of success. An error is none.
pub(crate) fn of_delete(reply: &Reply) -> Result<()> {
    if reply.body.trim_ascii().is_empty() {
        return Ok(());
    }
    reply.json::<IgnoredAny>()?;
    failure(reply, &["error", "errors"]).map_or(Ok(()), Err)
}

/// A failure with the service's words, in an object that holds them under one of these keys and nothing that was asked
/// for.
fn failure(reply: &Reply, keys: &[&str]) -> Option<Error> {
    let said: Value = serde_json::from_slice(&reply.body).ok()?;
    let is_there = |key: &&str| said.get(*key).is_some_and(|value| !value.is_null());
    if ["id", "data"].iter().any(is_there) || !keys.iter().any(is_there) {
        return None;
    }
    words(&said, &details(&said)).map(|words| reply.refused(ErrorKind::Rejected, words))
}
