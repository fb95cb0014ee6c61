//! Every operation of each resource: requests and responses, in JSON and XML.

mod api_keys;
mod behaviors;
mod bundles;
mod files;
mod folders;
mod groups;
mod history;
mod notifications;
mod permissions;
mod public_keys;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod transfer;
mod uploads;
mod users;
