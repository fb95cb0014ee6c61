//! What replies may hold in place of what they should hold.

use mft_common::provider::lenient::{optional_bool, optional_integer};
use serde::de::{Deserializer, Error};

use crate::UnixMillis;

pub(crate) fn bool_or_false<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    optional_bool(deserializer).map(Option::unwrap_or_default)
}

/// An account that is listed without the word works.
pub(crate) fn bool_or_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    optional_bool(deserializer).map(|truth| truth.unwrap_or(true))
}

pub(crate) fn yes() -> bool {
    true
}

/// Reads a number of bytes, 0 where there is none.
pub(crate) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let size = optional_integer(deserializer)?.unwrap_or_default();
    u64::try_from(size).map_err(|_| D::Error::custom("the size is negative"))
}

pub(crate) fn optional_millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixMillis>, D::Error> {
    Ok(optional_integer(deserializer)?.map(UnixMillis))
}
