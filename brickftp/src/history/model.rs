//! History events in responses.

use std::fmt;

use mft_common::provider::lenient;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::{GroupId, OffsetDateTime, PermissionId, PermissionKind, UserId};
use mft_common::numeric_id;

numeric_id! {
    /// Identifies a history event.
    HistoryEventId
}

mft_common::open_enum! {
    /// Action of a history event.
    HistoryAction {
        /// A file or folder was created.
        Create = "create",
        /// A file was downloaded.
        Read = "read",
        /// A file or folder was changed.
        Update = "update",
        /// A file or folder was deleted.
        Destroy = "destroy",
        /// A file or folder was moved.
        Move = "move",
        /// A user logged in.
        Login = "login",
        /// A login was rejected.
        FailedLogin = "failedlogin",
        /// A file or folder was copied.
        Copy = "copy",
        /// A user was created.
        UserCreate = "user_create",
        /// A user was deleted.
        UserDestroy = "user_destroy",
        /// A group was created.
        GroupCreate = "group_create",
        /// A group was deleted.
        GroupDestroy = "group_destroy",
        /// A permission was granted.
        PermissionCreate = "permission_create",
        /// A permission was revoked.
        PermissionDestroy = "permission_destroy",
    }

    /// Interface that an action came through.
    HistoryInterface {
        /// The web interface.
        Web = "web",
        /// FTP or FTPS.
        Ftp = "ftp",
        /// The service's automation.
        Robot = "robot",
        /// The JavaScript API.
        JsApi = "jsapi",
        /// The REST API.
        RestApi = "restapi",
        /// SFTP.
        Sftp = "sftp",
        /// WebDAV.
        Dav = "dav",
    }
}

/// An event of the history. Fields that do not apply to the action are missing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HistoryEvent {
    /// The id. Later events have larger ones.
    pub id: HistoryEventId,
    /// The time of the event, with the site's offset from UTC.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub when: Option<OffsetDateTime>,
    /// The user. `None` for public access.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The username.
    #[serde(default)]
    pub username: Option<String>,
    /// Action of a history event.
    #[serde(default)]
    pub action: Option<HistoryAction>,
    /// The reason of a failure. The service does not document the values.
    #[serde(default)]
    pub failure_type: Option<String>,
    /// The affected path.
    #[serde(default)]
    pub path: Option<String>,
    /// The path before the action.
    #[serde(default)]
    pub source: Option<String>,
    /// The path after the action.
    #[serde(default)]
    pub destination: Option<String>,
    /// The users, groups and permissions that were created or deleted. A single object in all examples, documented as
    /// "object(s)".
    #[serde(default, deserialize_with = "targets")]
    pub targets: Vec<HistoryTarget>,
    /// The IP address of the client.
    #[serde(default)]
    pub ip: Option<String>,
    /// The interface.
    #[serde(default)]
    pub interface: Option<HistoryInterface>,
    /// A textual description of the event. Not documented.
    #[serde(default)]
    pub display: Option<String>,
}

/// Object that was created or deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HistoryTarget {
    /// A user, or the holder of a permission.
    #[serde(default)]
    pub user: Option<HistoryUser>,
    /// A group, or the holder of a permission.
    #[serde(default)]
    pub group: Option<HistoryGroup>,
    /// A permission.
    #[serde(default)]
    pub permission: Option<HistoryPermission>,
}

/// A user in the history. It may no longer exist.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HistoryUser {
    /// The id.
    #[serde(default)]
    pub id: Option<UserId>,
    /// The name.
    #[serde(default)]
    pub username: Option<String>,
}

/// A group in the history. It may no longer exist.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HistoryGroup {
    /// The id.
    #[serde(default)]
    pub id: Option<GroupId>,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
}

/// A permission in the history. It may no longer exist.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HistoryPermission {
    /// The id.
    #[serde(default)]
    pub id: Option<PermissionId>,
    /// The kind.
    #[serde(default)]
    pub permission: Option<PermissionKind>,
    /// Whether the permission also applies to everything below the path.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub recursive: Option<bool>,
}

/// Deserializes an object, a list of objects, or nothing.
fn targets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<HistoryTarget>, D::Error> {
    struct Targets;
    impl<'de> Visitor<'de> for Targets {
        type Value = Vec<HistoryTarget>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object or a list of objects")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            let target = HistoryTarget::deserialize(MapAccessDeserializer::new(map))?;
            // XML represents an empty list as an empty object.
            Ok(if target == HistoryTarget::default() { Vec::new() } else { vec![target] })
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut targets = Vec::new();
            while let Some(target) = items.next_element()? {
                targets.push(target);
            }
            Ok(targets)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            if text.trim().is_empty() { Ok(Vec::new()) } else { Err(E::custom("not an object")) }
        }

        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_any(self)
        }
    }
    deserializer.deserialize_any(Targets)
}
