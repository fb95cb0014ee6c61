//! Validation of the documented limits, before anything is sent. No message contains a secret's value.

pub(crate) use mft_common::provider::check::{changes_something, not_empty, password, public_key, without_line_end};

use crate::{Error, Result};

/// Checks the documented form: 10 to 100 letters, digits, `_`, `-` and `.`.
pub(crate) fn user_name(name: &str) -> Result<()> {
    let length = name.chars().count();
    if !(10..=100).contains(&length) {
        return Err(Error::invalid_input("UserName", format_args!("has {length} characters; it must have 10 to 100")));
    }
    match name.chars().find(|character| !(character.is_ascii_alphanumeric() || "_-.".contains(*character))) {
        Some(character) => Err(Error::invalid_input(
            "UserName",
            format_args!("has {character:?}; only letters, digits, `_`, `-` and `.` are allowed"),
        )),
        None => Ok(()),
    }
}
