//! Secrets that must not appear anywhere.

pub(crate) const KEY: &str = "MARK-api-key";
pub(crate) const SESSION: &str = "MARK-session-id";
pub(crate) const PASSWORD: &str = "MARK-password";
pub(crate) const REAUTHENTICATION: &str = "MARK-reauthentication";
