//! What is certainly wrong in every service, refused before anything is sent. No message holds a secret's value.

use crate::{Error, Result, Secret};

/// Refuses a text that is blank.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the field.
pub fn not_empty(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(()) }
}

/// Refuses a password that is empty. Services have policies of their own, which nothing but the service knows.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the field.
pub fn password(field: &str, password: &Secret) -> Result<()> {
    if password.is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(()) }
}

/// Refuses an update that changes nothing: what a service answers is nowhere documented, and the call would be pointless.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
pub fn changes_something<T: Default + PartialEq>(change: &T) -> Result<()> {
    if *change == T::default() { Err(Error::invalid_input("update", "sets no field")) } else { Ok(()) }
}

/// A line as it stands in a file, without the end of it. What is nothing but that stays, to be refused.
#[must_use]
pub fn without_line_end(text: &str) -> &str {
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() { text } else { line }
}

/// Refuses what is certainly no SSH public key in one line: a private key by mistake above all, which then never leaves
/// this machine.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the field and not showing the text.
pub fn public_key(field: &str, line: &str) -> Result<()> {
    let problem = if line.trim().is_empty() {
        "is empty"
    } else if line.contains("PRIVATE KEY") {
        "is a private key; it was not sent. Give the file that ends in .pub"
    } else if line.starts_with("---- BEGIN") {
        "is in the format of RFC 4716; convert it by `ssh-keygen -i -f FILE`"
    } else if line.chars().any(char::is_control) {
        "has more than one line, or a control character"
    } else {
        return Ok(());
    };
    Err(Error::invalid_input(field, problem))
}
