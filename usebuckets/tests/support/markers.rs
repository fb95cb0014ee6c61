//! Marker secrets that no output may contain.

pub(crate) const KEY: &str = "MARK-api-key";
pub(crate) const PASSWORD: &str = "MARK-password";
