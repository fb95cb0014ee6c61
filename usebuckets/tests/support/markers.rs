//! Secrets that must not be seen anywhere.

pub(crate) const KEY: &str = "MARK-api-key";
pub(crate) const PASSWORD: &str = "MARK-password";
