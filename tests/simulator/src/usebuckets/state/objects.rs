//! The stored objects, as tests read and write them.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use crate::usebuckets::state::table::Row;

/// A bucket: a separate SFTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bucket {
    /// The id, such as `bio_test_buc_1amaj5125as`.
    pub id: String,
    /// The human-readable name. It is not unique.
    pub name: String,
    /// The SFTP host.
    pub host: String,
    /// Whether it accepts connections and files.
    pub active: bool,
    /// Unix seconds.
    pub created_at: i64,
}

/// A login to a bucket.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The id, such as `bio_test_usr_3fj0w8d2k1z`.
    pub id: String,
    /// The bucket of the user.
    pub bucket_id: String,
    /// The login name.
    pub username: String,
    /// The password in clear text. The API never returns it.
    pub password: String,
    /// Whether the user can log in.
    pub active: bool,
    /// Directory paths and their wire values, such as `read`. If empty, every directory can be read and written.
    pub permissions: BTreeMap<String, String>,
    /// Unix seconds.
    pub created_at: i64,
}

/// A webhook subscription to the events of a bucket.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// The id, such as `bio_test_ntf_9sn4c7u5h6p`.
    pub id: String,
    /// The bucket of the notification.
    pub bucket_id: String,
    /// The events, such as `file.uploaded`.
    pub events: Vec<String>,
    /// Whether deliveries are attempted.
    pub active: bool,
    /// The URL that receives deliveries.
    pub webhook_url: String,
    /// Whether deliveries of file events contain the whole file.
    pub include_file_contents: bool,
    /// The directories that file events are limited to.
    pub paths: Option<Vec<String>>,
    /// Unix seconds.
    pub created_at: i64,
}

/// A file in a bucket.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// The absolute path in the bucket, including the name.
    pub path: String,
    /// The content.
    pub contents: Bytes,
    /// The user who uploaded the file.
    pub user_id: String,
    /// Unix seconds.
    pub uploaded_at: i64,
}

impl Row for Bucket {
    fn id(&self) -> &str {
        &self.id
    }

    fn parent(&self) -> &'static str {
        ""
    }
}

impl Row for User {
    fn id(&self) -> &str {
        &self.id
    }

    fn parent(&self) -> &str {
        &self.bucket_id
    }
}

impl Row for Notification {
    fn id(&self) -> &str {
        &self.id
    }

    fn parent(&self) -> &str {
        &self.bucket_id
    }
}

redacted_debug!(User { id, bucket_id, username, active, permissions, created_at } redacts password);

redacted_debug!(
    Notification {
        id, bucket_id, events, active, include_file_contents, paths, created_at
    } redacts webhook_url
);

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile")
            .field("path", &self.path)
            .field("bytes", &self.contents.len())
            .field("user_id", &self.user_id)
            .field("uploaded_at", &self.uploaded_at)
            .finish()
    }
}
