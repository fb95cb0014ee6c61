//! Notifications: webhooks of a bucket.
//!
//! The service documents the model and the events, but not the routes. The operations require the feature `unverified`.

#[cfg(feature = "unverified")]
mod input;
#[cfg(feature = "unverified")]
mod operations;

use std::fmt;

use mft_common::provider::{RedactedUrl, lenient};
use serde::Deserialize;

#[cfg(feature = "unverified")]
pub use input::{NewNotification, NotificationUpdate};
#[cfg(feature = "unverified")]
pub use operations::Notifications;

use crate::{BucketId, UnixSeconds};

mft_common::id! {
    /// Identifies a notification. The documentation contains no example; treat it as opaque.
    NotificationId
}

mft_common::open_enum! {
    /// The type of an event. Renames, moves, downloads and logins have no event.
    EventType {
        /// A bucket was created.
        BucketCreated = "bucket.created",
        /// A bucket was updated.
        BucketUpdated = "bucket.updated",
        /// A bucket was deleted.
        BucketDeleted = "bucket.deleted",
        /// A user was created.
        UserCreated = "user.created",
        /// A user was updated.
        UserUpdated = "user.updated",
        /// A user was deleted.
        UserDeleted = "user.deleted",
        /// A file was uploaded.
        FileUploaded = "file.uploaded",
        /// A file was deleted.
        FileDeleted = "file.deleted",
    }
}

/// A notification: the webhook URL and the event types of a bucket.
///
/// Only the id is always present. The signing key of deliveries belongs to the account and is not part of the model.
/// `Debug` shows only the scheme and host of the URL, because the rest may be secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Notification {
    /// The id.
    pub id: NotificationId,
    /// The bucket.
    #[serde(default)]
    pub bucket_id: Option<BucketId>,
    /// The event types.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub events: Vec<EventType>,
    /// Whether deliveries are enabled.
    #[serde(default)]
    pub active: Option<bool>,
    /// The URL that receives the deliveries.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// Whether file events contain the whole file.
    #[serde(default)]
    pub include_file_contents: Option<bool>,
    /// The directories to which file events are limited. Empty means all directories.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub paths: Vec<String>,
    /// The time of creation, in seconds. An assumption, by analogy with buckets and users.
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
