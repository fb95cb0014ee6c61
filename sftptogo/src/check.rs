//! The documented limits, checked before anything is sent. No message holds a secret's value.

use crate::{Error, Result, Secret};

/// 10 to 100 letters, digits, `_`, `-` and `.`.
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

/// The password policy is the organization's; that it is not empty is all that can be known here.
pub(crate) fn password(password: &Secret) -> Result<()> {
    if password.is_empty() { Err(Error::invalid_input("Password", "is empty")) } else { Ok(()) }
}

pub(crate) fn not_empty(field: &str, text: &str) -> Result<()> {
    if text.is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(()) }
}

/// The service's answer to an update that changes nothing is not documented, and the call would be pointless.
pub(crate) fn changes_something<T: Default + PartialEq>(change: &T) -> Result<()> {
    if *change == T::default() { Err(Error::invalid_input("update", "sets no field")) } else { Ok(()) }
}
