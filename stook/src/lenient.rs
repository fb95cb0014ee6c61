//! What replies may hold in place of what they should hold.

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

pub(crate) use mft_common::provider::lenient::{null_as_default, optional_bool, optional_integer};

/// Reads a truth where there is one, and nothing in whatever else stands there.
pub(crate) fn bool_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(truth(&Value::deserialize(deserializer)?))
}

/// What a value says of a success, if anything: a truth, or one of the two words that other services have for it.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    let word = value.as_str().map(str::trim).unwrap_or_default();
    if word.eq_ignore_ascii_case("success") || word.eq_ignore_ascii_case("ok") {
        return Some(true);
    }
    optional_bool(value).ok().flatten()
}

/// Reads whatever stands under a key, `null` too, so that only the key that is not there is `None`.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a count that may be written as a text, or nothing.
pub(crate) fn optional_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = optional_integer(deserializer)?;
    number.map(u64::try_from).transpose().map_err(|_| D::Error::custom("a count is not negative"))
}

/// Reads a text that may be written as a number, or nothing.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::deserialize(deserializer)? {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(D::Error::custom("expected a text")),
    }
}

/// The same, where nothing is the empty text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    optional_text(deserializer).map(Option::unwrap_or_default)
}
