//! Validation before anything is sent. No message contains a secret's value.

pub(crate) use mft_common::provider::check::{changes_something, not_empty, password};

use crate::Result;

/// Checks an optional field if it is set.
pub(crate) fn if_set<T>(value: Option<&T>, check: impl FnOnce(&T) -> Result<()>) -> Result<()> {
    value.map_or(Ok(()), check)
}
