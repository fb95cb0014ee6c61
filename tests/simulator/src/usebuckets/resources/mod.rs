//! The resources of the API, each with its handlers.

pub(crate) mod buckets;
pub(crate) mod directories;
pub(crate) mod files;
pub(crate) mod notifications;
pub(crate) mod users;
