//! The resources of the API, each with its handlers.

pub(crate) mod buckets;
pub(crate) mod credentials;
pub(crate) mod ftp_accounts;
pub(crate) mod wrap_rules;
