//! Marker secrets that must not appear in any output.

pub(crate) const KEY: &str = "MARK-api-key";
pub(crate) const API_SECRET: &str = "MARK-api-secret";
pub(crate) const TOKEN: &str = "MARK-token";
pub(crate) const PASSWORD: &str = "MARK-password";
