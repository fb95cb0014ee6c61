//! What the service says of an event.

use std::fmt;

use mft_common::provider::lenient;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::{GroupId, OffsetDateTime, PermissionId, PermissionKind, UserId};
use mft_common::numeric_id;

numeric_id! {
    /// An event of the history.
    HistoryEventId
}

mft_common::open_enum! {
    /// What happened.
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
        /// A login was refused.
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
        /// A permission was given.
        PermissionCreate = "permission_create",
        /// A permission was taken away.
        PermissionDestroy = "permission_destroy",
    }

    /// Through which door it happened.
    HistoryInterface {
        /// The web interface.
        Web = "web",
        /// FTP or FTPS.
        Ftp = "ftp",
        /// The service's own automation.
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

/// One event of the history. What does not belong to an action is not in its events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HistoryEvent {
    /// The id. Later events have larger ones.
    pub id: HistoryEventId,
    /// When it happened, with the distance from UTC of the site.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub when: Option<OffsetDateTime>,
    /// Who did it. Nobody for what is open to anybody.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The name of who did it.
    #[serde(default)]
    pub username: Option<String>,
    /// What happened.
    #[serde(default)]
    pub action: Option<HistoryAction>,
    /// Why it failed, where it did. The words are not documented.
    #[serde(default)]
    pub failure_type: Option<String>,
    /// The path that it happened to.
    #[serde(default)]
    pub path: Option<String>,
    /// The path before it happened.
    #[serde(default)]
    pub source: Option<String>,
    /// The path afterwards.
    #[serde(default)]
    pub destination: Option<String>,
    /// The users, groups and permissions that were created or deleted. One object in all examples, documented as "object(s)".
    #[serde(default, deserialize_with = "targets")]
    pub targets: Vec<HistoryTarget>,
    /// The address that it came from.
    #[serde(default)]
    pub ip: Option<String>,
    /// Through which door it came.
    #[serde(default)]
    pub interface: Option<HistoryInterface>,
    /// The event in words. Not documented.
    #[serde(default)]
    pub display: Option<String>,
}

/// What was created or deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HistoryTarget {
    /// A user, also one whom a permission is for.
    #[serde(default)]
    pub user: Option<HistoryUser>,
    /// A group, also one that a permission is for.
    #[serde(default)]
    pub group: Option<HistoryGroup>,
    /// A permission.
    #[serde(default)]
    pub permission: Option<HistoryPermission>,
}

/// A user in the history. There may be no such user any more.
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

/// A group in the history. There may be no such group any more.
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

/// A permission in the history. There may be no such permission any more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HistoryPermission {
    /// The id.
    #[serde(default)]
    pub id: Option<PermissionId>,
    /// What it allows.
    #[serde(default)]
    pub permission: Option<PermissionKind>,
    /// Whether it holds for what is below the path too.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub recursive: Option<bool>,
}

/// Reads one object, a list of objects, or nothing.
fn targets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<HistoryTarget>, D::Error> {
    struct Targets;
    impl<'de> Visitor<'de> for Targets {
        type Value = Vec<HistoryTarget>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object or a list of objects")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            let target = HistoryTarget::deserialize(MapAccessDeserializer::new(map))?;
            // An object that holds nothing is how XML writes an empty list.
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
