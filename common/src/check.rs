//! Input checks that apply to every service. They run before a request is sent. No message contains a secret.

use crate::{Error, Result, Secret};

/// Checks that a text is not blank.
///
/// # Errors
///
/// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) and the name of the field.
pub fn not_empty(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(()) }
}

/// Checks that a password is not empty. Only the service knows its password policy.
///
/// # Errors
///
/// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) and the name of the field.
pub fn password(field: &str, password: &Secret) -> Result<()> {
    if password.is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(()) }
}

/// Checks that an update sets a field. No service documents its response to an empty update.
///
/// # Errors
///
/// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the update is empty.
pub fn changes_something<T: Default + PartialEq>(change: &T) -> Result<()> {
    if *change == T::default() { Err(Error::invalid_input("update", "has no fields set")) } else { Ok(()) }
}

/// Returns a line of a file without its line end. A text of line ends only is returned unchanged, so that it is rejected.
#[must_use]
pub fn without_line_end(text: &str) -> &str {
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() { text } else { line }
}

/// Rejects text that cannot be an SSH public key in one line. Most importantly, a private key is never sent by mistake.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) and the name of the field. The message does not contain the text.
pub fn public_key(field: &str, line: &str) -> Result<()> {
    let problem = if line.trim().is_empty() {
        "is empty"
    } else if line.contains("PRIVATE KEY") {
        "is a private key; it was not sent. Use the file that ends in .pub"
    } else if line.starts_with("---- BEGIN") {
        "is in RFC 4716 format; convert it with `ssh-keygen -i -f FILE`"
    } else if line.chars().any(char::is_control) {
        "contains a line end or a control character"
    } else {
        return Ok(());
    };
    Err(Error::invalid_input(field, problem))
}
