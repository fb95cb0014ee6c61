//! The documented limits, checked before anything is sent. No message holds a secret's value.

pub(crate) use mft_common::provider::check::{changes_something, not_empty, password, public_key, without_line_end};

use crate::{Error, Result};

/// The service counts characters.
pub(crate) fn longest(field: &str, text: &str, limit: usize) -> Result<()> {
    // No text has more characters than bytes.
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

/// A name that must be there and has a limit.
pub(crate) fn name(field: &str, text: &str, limit: usize) -> Result<()> {
    not_empty(field, text)?;
    longest(field, text, limit)
}
