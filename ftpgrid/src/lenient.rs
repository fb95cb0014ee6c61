//! Lenient deserializers for response fields.

use mft_common::provider::lenient::{optional_bool, optional_integer};
use serde::de::{Deserializer, Error};

use crate::UnixMillis;

/// Reads a boolean. A missing value is `false`.
pub(crate) fn bool_or_false<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    optional_bool(deserializer).map(Option::unwrap_or_default)
}

/// Reads a boolean. A missing value is `true`.
pub(crate) fn bool_or_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    optional_bool(deserializer).map(|value| value.unwrap_or(true))
}

/// The default for a missing field, with the name that `#[serde(default = ..)]` takes.
pub(crate) fn yes() -> bool {
    true
}

/// Reads a size in bytes. A missing value is 0.
pub(crate) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let size = optional_integer(deserializer)?.unwrap_or_default();
    u64::try_from(size).map_err(|_| D::Error::custom("the size is negative"))
}

/// Reads a timestamp in milliseconds, or `None`.
pub(crate) fn optional_millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixMillis>, D::Error> {
    Ok(optional_integer(deserializer)?.map(UnixMillis))
}
