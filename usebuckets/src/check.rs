//! What can be known to be wrong before anything is sent. No message holds a secret's value.

pub(crate) use mft_common::provider::check::{not_empty, password};

use crate::Result;

/// Checks what an update names.
pub(crate) fn where_set<T>(value: Option<&T>, check: impl FnOnce(&T) -> Result<()>) -> Result<()> {
    value.map_or(Ok(()), check)
}
