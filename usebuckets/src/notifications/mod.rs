//! Notifications: what a bucket tells an address of yours.
//!
//! The model and the events are documented, the routes are not: calling them takes the feature `unverified`.

#[cfg(feature = "unverified")]
mod input;
#[cfg(feature = "unverified")]
mod routes;

use std::fmt;

use mft_common::provider::{RedactedUrl, lenient};
use serde::Deserialize;

#[cfg(feature = "unverified")]
pub use input::{NewNotification, NotificationUpdate};
#[cfg(feature = "unverified")]
pub use routes::Notifications;

use crate::{BucketId, UnixSeconds};

mft_common::id! {
    /// A notification. No documentation shows one; treat it as opaque.
    NotificationId
}

mft_common::open_enum! {
    /// What somebody is told about. There is no event for a rename, a move, a download or a login.
    EventType {
        /// A bucket was created.
        BucketCreated = "bucket.created",
        /// A bucket was changed.
        BucketUpdated = "bucket.updated",
        /// A bucket was deleted.
        BucketDeleted = "bucket.deleted",
        /// A user was created.
        UserCreated = "user.created",
        /// A user was changed.
        UserUpdated = "user.updated",
        /// A user was deleted.
        UserDeleted = "user.deleted",
        /// A file was uploaded.
        FileUploaded = "file.uploaded",
        /// A file was deleted.
        FileDeleted = "file.deleted",
    }
}

/// A notification as the service keeps it: whom a bucket tells of which events.
///
/// Only the id is certain to be there. The key that deliveries are signed with belongs to the account and is not in
/// here. `Debug` leaves out what may be secret in the address.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Notification {
    /// The id.
    pub id: NotificationId,
    /// The bucket that it is attached to.
    #[serde(default)]
    pub bucket_id: Option<BucketId>,
    /// What it tells.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub events: Vec<EventType>,
    /// Whether it tells anything; otherwise no delivery is tried.
    #[serde(default)]
    pub active: Option<bool>,
    /// The address that it tells.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// Whether events of files bring the whole file.
    #[serde(default)]
    pub include_file_contents: Option<bool>,
    /// The directories to which events of files are limited; everywhere without one.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub paths: Vec<String>,
    /// When it was made, in seconds. Assumed, as buckets and users have it.
    #[serde(default)]
    pub created_at: Option<UnixSeconds>,
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("id", &self.id)
            .field("bucket_id", &self.bucket_id)
            .field("events", &self.events)
            .field("active", &self.active)
            .field("webhook_url", &self.webhook_url.as_deref().map(RedactedUrl))
            .field("include_file_contents", &self.include_file_contents)
            .field("paths", &self.paths)
            .field("created_at", &self.created_at)
            .finish()
    }
}
