//! The stored objects, as tests see them. Times are Unix milliseconds. Enum values are those of the API.

use std::fmt;

use serde_json::Value;

/// A user of the site.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools)] // each is a field of the service
#[allow(missing_docs)] // named as the service names them
pub struct User {
    pub id: u64,
    pub username: String,
    pub authentication_method: String,
    /// In plain text.
    pub password: String,
    pub last_login_at_ms: Option<i64>,
    pub authenticate_until_ms: Option<i64>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub notes: Option<String>,
    pub ftp_permission: bool,
    pub sftp_permission: bool,
    pub dav_permission: bool,
    pub restapi_permission: bool,
    pub attachments_permission: bool,
    pub self_managed: bool,
    pub require_password_change: bool,
    pub allowed_ips: Option<String>,
    pub user_root: String,
    pub time_zone: String,
    pub language: String,
    pub ssl_required: String,
    pub site_admin: bool,
    pub receive_admin_alerts: bool,
    pub subscribe_to_newsletter: bool,
    pub can_create_new_users: bool,
    pub last_protocol_cipher: Option<String>,
    pub lockout_expires_ms: Option<i64>,
    /// Failed logins since the last successful one, for the lockout.
    pub failed_logins: u32,
}

/// An API key of a user.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct ApiKey {
    pub id: u64,
    pub user_id: u64,
    /// The key itself, which the service shows once.
    pub key: String,
    pub name: String,
    pub permission_set: String,
    pub platform: String,
    pub expires_at_ms: Option<i64>,
    pub created_at_ms: i64,
}

/// A public SSH key of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct PublicKey {
    pub id: u64,
    pub user_id: u64,
    pub title: String,
    pub public_key: String,
    pub fingerprint: String,
    pub created_at_ms: i64,
}

/// A group of users. Its members are [`Membership`]s.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct Group {
    pub id: u64,
    pub name: String,
    pub notes: String,
}

/// The membership of a user in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct Membership {
    pub id: u64,
    pub group_id: u64,
    pub user_id: u64,
    /// Whether the user administers the group.
    pub admin: bool,
}

/// A permission of a user, or of the members of a group, at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct Permission {
    pub id: u64,
    pub user_id: Option<u64>,
    pub group_id: Option<u64>,
    /// Without leading and trailing slashes. Empty for the root.
    pub path: String,
    /// `full`, `readonly`, `writeonly`, `previewonly` or `history`.
    pub permission: String,
    pub recursive: bool,
}

/// A notification of a user by mail about changes at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct Notification {
    pub id: u64,
    pub path: String,
    pub user_id: u64,
    pub send_interval: String,
    pub unsubscribed: bool,
}

/// A public link to files.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct Bundle {
    pub id: u64,
    pub code: String,
    pub user_id: Option<u64>,
    pub created_at_ms: i64,
    pub paths: Vec<String>,
    pub password: Option<String>,
}

/// A setting of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct Behavior {
    pub id: u64,
    pub path: String,
    pub behavior: String,
    pub value: Value,
}

/// An entry of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // named as the service names them
pub struct Event {
    pub id: u64,
    pub when_ms: i64,
    /// `None` for anonymous requests and for the site's API key.
    pub user_id: Option<u64>,
    pub username: Option<String>,
    pub action: String,
    pub failure_type: Option<String>,
    pub path: Option<String>,
    pub source: Option<String>,
    pub destination: Option<String>,
    pub target_user: Option<(u64, String)>,
    pub target_group: Option<(u64, String)>,
    /// The id, the permission, and whether it is recursive.
    pub target_permission: Option<(u64, String, bool)>,
    pub ip: String,
    pub interface: String,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The id.
    pub id: u64,
    /// The path from the root, without leading and trailing slashes.
    pub path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// In bytes; 0 for folders.
    pub size: u64,
    /// The MD5 in hex, once it is known.
    pub md5: Option<String>,
    /// The CRC-32 in hex, once it is known.
    pub crc32: Option<String>,
    /// When it was stored.
    pub mtime_ms: i64,
    /// The time that a client set.
    pub provided_mtime_ms: Option<i64>,
}

/// An upload that was started and not completed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadSession {
    /// The handle, such as `put-417`.
    pub reference: String,
    /// The target path when the upload was started.
    pub path: String,
    /// The number and size of the parts that arrived, ordered by number.
    pub parts: Vec<(u32, u64)>,
    /// When it was started.
    pub started_at_ms: i64,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("site_admin", &self.site_admin)
            .field("lockout_expires_ms", &self.lockout_expires_ms)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .field("name", &self.name)
            .field("expires_at_ms", &self.expires_at_ms)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle")
            .field("id", &self.id)
            .field("code", &self.code)
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}
