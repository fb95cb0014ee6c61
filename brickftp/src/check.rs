//! The documented limits, checked before anything is sent. No message holds a secret's value.

use crate::{Error, Result, Secret};

pub(crate) fn not_empty(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(()) }
}

/// The password policy is the site's; that it is not empty is all that can be known here.
pub(crate) fn password(field: &str, password: &Secret) -> Result<()> {
    if password.is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(()) }
}

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

/// The service's answer to an update that changes nothing is not documented, and the call would be pointless.
pub(crate) fn changes_something<T: Default + PartialEq>(change: &T) -> Result<()> {
    if *change == T::default() { Err(Error::invalid_input("update", "sets no field")) } else { Ok(()) }
}
