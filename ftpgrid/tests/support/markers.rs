//! Marker secrets that must not appear in any output.

pub(crate) const ASSOCIATION: &str = "MARK-association-key";
pub(crate) const ACCESS: &str = "MARK-access-key";
pub(crate) const KEY: &str = "MARK-secret-key";
pub(crate) const TOKEN: &str = "MARK-token";
pub(crate) const PASSWORD: &str = "MARK-password";
