//! Lenient deserializers for response fields.

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

pub(crate) use mft_common::provider::lenient::{null_as_default, optional_bool, optional_integer};

/// Reads a boolean, or `None` from any other value.
pub(crate) fn bool_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(status_flag(&Value::deserialize(deserializer)?))
}

/// Interprets a status value: a boolean, or the words `success` and `ok`. `None` for any other value.
pub(crate) fn status_flag(value: &Value) -> Option<bool> {
    let text = value.as_str().map(str::trim).unwrap_or_default();
    if text.eq_ignore_ascii_case("success") || text.eq_ignore_ascii_case("ok") {
        return Some(true);
    }
    optional_bool(value).ok().flatten()
}

/// Reads any value including `null`, so that `None` means that the key is missing.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a count from a number or text, or `None`.
pub(crate) fn optional_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = optional_integer(deserializer)?;
    number.map(u64::try_from).transpose().map_err(|_| D::Error::custom("a count must not be negative"))
}

/// Reads text from text or a number, or `None`.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::deserialize(deserializer)? {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(D::Error::custom("expected text")),
    }
}

/// Reads text from text or a number. A missing value is empty.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    optional_text(deserializer).map(Option::unwrap_or_default)
}
