//! Marker secrets that no output may contain.

pub(crate) const KEY: &str = "MARK-api-key";
pub(crate) const PASSWORD: &str = "MARK-password";
pub(crate) const HEADER: &str = "Bearer MARK-authorization-header";
pub(crate) const SIGNING: &str = "MARK-signing-secret";
pub(crate) const URI: &str = "sftp://robot:MARK-password@host.example";
