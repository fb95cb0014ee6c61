//! The resources of the API, each with its handlers.

pub(crate) mod credentials;
pub(crate) mod inbound_rules;
pub(crate) mod share_links;
pub(crate) mod ssh_keys;
pub(crate) mod webhooks;
