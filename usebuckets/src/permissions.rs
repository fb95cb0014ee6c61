//! What a user may do where.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{Result, check};

mft_common::open_enum! {
    /// What a user may do in a directory. The documentation shows one word of several; the others come and go as
    /// [`Permission::Unknown`], and `Permission::from("…")` makes one.
    Permission {
        /// Read files.
        Read = "read",
    }
}

/// What a user may do in which directories of the bucket.
///
/// **Without a single directory it allows everything in every directory.** It does not mean "nothing": the service has
/// no map that allows nothing, so deactivate a user who shall do nothing.
///
/// That is why there is no `new`, no `Default` and no way to take a directory out: an empty map is written
/// [`Permissions::everything`], and nothing else makes one.
///
/// # Examples
///
/// ```
/// use usebuckets::{Permission, Permissions};
///
/// let some = Permissions::on("/invoices", Permission::Read).and("/archive/*/signed", Permission::Read);
/// assert!(!some.is_everything());
/// assert!(Permissions::everything().is_everything());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(#[serde(deserialize_with = "words")] BTreeMap<String, Permission>);

/// A value that is no word is kept as its JSON. Left out, it could leave an empty map, which means everything; and as
/// an error it would cost the whole list of users. An empty list is the empty map, as some languages write it; a list
/// of something names no directories, and is not understood.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Permission>, D::Error> {
    let word = |value| match value {
        Value::String(word) => Permission::from(word),
        other => Permission::Unknown(other.to_string()),
    };
    let values = match Value::deserialize(deserializer)? {
        Value::Array(entries) if entries.is_empty() => BTreeMap::new(),
        other => BTreeMap::<String, Value>::deserialize(other).map_err(D::Error::custom)?,
    };
    Ok(values.into_iter().map(|(directory, value)| (directory, word(value))).collect())
}

impl Permissions {
    /// Everything in every directory of the bucket: what the service makes of an empty map.
    #[must_use]
    pub fn everything() -> Self {
        Self(BTreeMap::new())
    }

    /// A permission for one directory, and nothing anywhere else. A `*` may stand for a whole segment of the path:
    /// `/dir1/*/dir2`.
    pub fn on(directory: impl Into<String>, permission: Permission) -> Self {
        Self(BTreeMap::from([(directory.into(), permission)]))
    }

    /// A permission for another directory as well. Given for [`everything`](Self::everything), it is the only one.
    #[must_use]
    pub fn and(mut self, directory: impl Into<String>, permission: Permission) -> Self {
        self.0.insert(directory.into(), permission);
        self
    }

    /// Whether it allows everything in every directory, as it does where it names none.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// The permission that is stated for exactly this directory. `None` is not "nothing is allowed there": see
    /// [`is_everything`](Self::is_everything), and directories with a `*`.
    #[must_use]
    pub fn get(&self, directory: &str) -> Option<&Permission> {
        self.0.get(directory)
    }

    /// The directories that are named, in the order of their text, with their permissions.
    #[must_use]
    pub fn directories(&self) -> impl ExactSizeIterator<Item = (&str, &Permission)> {
        self.0.iter().map(|(directory, permission)| (directory.as_str(), permission))
    }

    pub(crate) fn check(&self) -> Result<()> {
        for (directory, permission) in self.directories() {
            check::not_empty("permissions", directory)?;
            check::not_empty("permissions", permission.as_str())?;
        }
        Ok(())
    }
}
