//! The operations, by resource.

mod behaviors;
mod bundles;
mod files;
pub(crate) mod folders;
mod groups;
mod history;
mod keys;
mod notifications;
mod permissions;
mod sessions;
pub(crate) mod uploads;
mod users;
