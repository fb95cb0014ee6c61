//! Checks of the documented limits, performed before a request is sent. No message contains a secret.

pub(crate) use mft_common::provider::check::{changes_something, not_empty, password, public_key, without_line_end};

use crate::{Error, Result};

/// Checks the length in characters, as the service counts.
pub(crate) fn longest(field: &str, text: &str, limit: usize) -> Result<()> {
    // No string has more characters than bytes.
    if text.len() <= limit {
        return Ok(());
    }
    match text.chars().count() {
        length if length > limit => {
            Err(Error::invalid_input(field, format_args!("has {length} characters; the limit is {limit}")))
        }
        _ => Ok(()),
    }
}

/// Checks a required name with a length limit.
pub(crate) fn name(field: &str, text: &str, limit: usize) -> Result<()> {
    not_empty(field, text)?;
    longest(field, text, limit)
}
