//! Permissions of a user, by directory.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{Result, validation};

mft_common::open_enum! {
    /// The permission of a user in a directory. The documentation names one of several values. The others are
    /// [`Permission::Unknown`]; create them with `Permission::from("…")`.
    Permission {
        /// Read files.
        Read = "read",
    }
}

/// The permissions of a user, by directory of the bucket.
///
/// **An empty map allows everything in every directory.** The service has no map that allows nothing. Deactivate a user
/// instead.
///
/// For this reason, there is no `new`, no `Default` and no method that removes a directory. Only
/// [`Permissions::everything`] creates an empty map.
///
/// # Examples
///
/// ```
/// use usebuckets::{Permission, Permissions};
///
/// let permissions = Permissions::on("/invoices", Permission::Read).and("/archive/*/signed", Permission::Read);
/// assert!(!permissions.is_everything());
/// assert!(Permissions::everything().is_everything());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(#[serde(deserialize_with = "lenient_map")] BTreeMap<String, Permission>);

/// Keeps a value that is not a string as JSON text. Without the value, the map could become empty, which means everything.
/// An error would fail the whole list of users. An empty array is an empty map, as some languages serialize it. Any other
/// array is an error, because it has no directories.
fn lenient_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Permission>, D::Error> {
    let permission = |value| match value {
        Value::String(name) => Permission::from(name),
        other => Permission::Unknown(other.to_string()),
    };
    let values = match Value::deserialize(deserializer)? {
        Value::Array(entries) if entries.is_empty() => BTreeMap::new(),
        other => BTreeMap::<String, Value>::deserialize(other).map_err(D::Error::custom)?,
    };
    Ok(values.into_iter().map(|(directory, value)| (directory, permission(value))).collect())
}

impl Permissions {
    /// Allows everything in every directory of the bucket. Sent as an empty map.
    #[must_use]
    pub fn everything() -> Self {
        Self(BTreeMap::new())
    }

    /// Grants a permission in one directory, and nothing elsewhere. `*` matches a whole path segment: `/dir1/*/dir2`.
    pub fn on(directory: impl Into<String>, permission: Permission) -> Self {
        Self(BTreeMap::from([(directory.into(), permission)]))
    }

    /// Adds a permission for another directory. Added to [`everything`](Self::everything), it becomes the only one.
    ///
    /// # Examples
    ///
    /// ```
    /// use usebuckets::{Permission, Permissions};
    ///
    /// let permissions = Permissions::everything().and("/invoices", Permission::Read);
    /// assert!(!permissions.is_everything());
    /// ```
    #[must_use]
    pub fn and(mut self, directory: impl Into<String>, permission: Permission) -> Self {
        self.0.insert(directory.into(), permission);
        self
    }

    /// Returns `true` if the map is empty and therefore allows everything in every directory.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the permission of exactly this directory. `None` does not mean that nothing is allowed there: see
    /// [`is_everything`](Self::is_everything), and consider directories with `*`.
    ///
    /// # Examples
    ///
    /// ```
    /// use usebuckets::{Permission, Permissions};
    ///
    /// let permissions = Permissions::on("/invoices", Permission::Read);
    /// assert_eq!(permissions.get("/invoices"), Some(&Permission::Read));
    /// ```
    #[must_use]
    pub fn get(&self, directory: &str) -> Option<&Permission> {
        self.0.get(directory)
    }

    /// Returns the directories in lexical order, with their permissions.
    ///
    /// # Examples
    ///
    /// ```
    /// use usebuckets::{Permission, Permissions};
    ///
    /// let permissions = Permissions::on("/b", Permission::Read).and("/a", Permission::Read);
    /// assert!(permissions.directories().map(|(directory, _)| directory).eq(["/a", "/b"]));
    /// ```
    #[must_use]
    pub fn directories(&self) -> impl ExactSizeIterator<Item = (&str, &Permission)> {
        self.0.iter().map(|(directory, permission)| (directory.as_str(), permission))
    }

    pub(crate) fn validate(&self) -> Result<()> {
        for (directory, permission) in self.directories() {
            validation::not_empty("permissions", directory)?;
            validation::not_empty("permissions", permission.as_str())?;
        }
        Ok(())
    }
}
