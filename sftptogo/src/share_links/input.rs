//! What can be asked of a share link.

use mft_common::Patch;
use serde::Serialize;

use super::model::{AccessLimit, ShareLinkType, SharePermission};
use crate::{Error, Result, Secret, UnixMillis, check};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    File,
    Folder,
}

/// A share link to be created.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use sftptogo::{NewShareLink, SharePermission};
///
/// let week = SystemTime::now() + Duration::from_secs(7 * 24 * 60 * 60);
/// let link = NewShareLink::folder("/outbox/q3/", SharePermission::ReadOnly).expires_at(week).access_limit(20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[must_use = "a new share link does nothing until it is given to `create`"]
pub struct NewShareLink {
    path: String,
    permission: SharePermission,
    #[serde(rename = "Type")]
    link_type: ShareLinkType,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UnixMillis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_limit: Option<AccessLimit>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(skip)]
    shared: Shared,
}

impl NewShareLink {
    fn new(path: String, permission: SharePermission, shared: Shared) -> Self {
        Self {
            path,
            permission,
            link_type: ShareLinkType::Share,
            expires_at: None,
            access_limit: None,
            password: None,
            notes: None,
            shared,
        }
    }

    /// A link to a folder. Its path, counted from the root of the storage, must end with `/`, or the service would take
    /// it for a file's.
    pub fn folder(path: impl Into<String>, permission: SharePermission) -> Self {
        Self::new(path.into(), permission, Shared::Folder)
    }

    /// A link to a file. Its path, counted from the root of the storage, must not end with `/`.
    pub fn file(path: impl Into<String>, permission: SharePermission) -> Self {
        Self::new(path.into(), permission, Shared::File)
    }

    /// Sets when it ends. Without this it never does.
    pub fn expires_at(mut self, moment: impl Into<UnixMillis>) -> Self {
        self.expires_at = Some(moment.into());
        self
    }

    /// Sets how often it can be opened.
    pub fn access_limit(mut self, limit: impl Into<AccessLimit>) -> Self {
        self.access_limit = Some(limit.into());
        self
    }

    /// Protects it by a password, which must obey the organization's policy.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets notes for those who may share.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// Sets the kind, for the day on which there is another one. Anything but `share` is refused today.
    pub fn link_type(mut self, link_type: ShareLinkType) -> Self {
        self.link_type = link_type;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        check::not_empty("Path", &self.path)?;
        match (self.shared, self.path.ends_with('/')) {
            (Shared::Folder, false) => return Err(Error::invalid_input("Path", "is a folder's and must end with `/`")),
            (Shared::File, true) => return Err(Error::invalid_input("Path", "is a file's and must not end with `/`")),
            _ => {}
        }
        if self.link_type != ShareLinkType::Share {
            return Err(Error::invalid_input("Type", "must be `share`"));
        }
        self.password.as_ref().map_or(Ok(()), |password| check::password("Password", password))
    }
}

/// A change of a share link. What is not named stays.
///
/// # Examples
///
/// ```
/// use sftptogo::ShareLinkUpdate;
///
/// let open = ShareLinkUpdate::new().clear_password().notes("for everybody").never_expires();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[must_use = "a change does nothing until it is given to `update`"]
pub struct ShareLinkUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<SharePermission>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    expires_at: Patch<UnixMillis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_limit: Option<AccessLimit>,
    #[serde(skip_serializing_if = "Patch::is_keep", serialize_with = "mft_common::secret::expose")]
    password: Patch<Secret>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    notes: Patch<String>,
}

impl ShareLinkUpdate {
    /// A change of nothing, so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leads it somewhere else; a folder's path ends with `/`. That a link can be moved is not documented.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Changes what it allows.
    pub fn permission(mut self, permission: SharePermission) -> Self {
        self.permission = Some(permission);
        self
    }

    /// Changes when it ends.
    pub fn expires_at(mut self, moment: impl Into<UnixMillis>) -> Self {
        self.expires_at = Patch::Set(moment.into());
        self
    }

    /// Lets it work for ever.
    pub fn never_expires(mut self) -> Self {
        self.expires_at = Patch::Clear;
        self
    }

    /// Changes how often it can be opened.
    pub fn access_limit(mut self, limit: impl Into<AccessLimit>) -> Self {
        self.access_limit = Some(limit.into());
        self
    }

    /// Changes the password.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Patch::Set(password.into());
        self
    }

    /// Takes the password away. Sent as `null`, which the service does not document for this field.
    pub fn clear_password(mut self) -> Self {
        self.password = Patch::Clear;
        self
    }

    /// Changes the notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Patch::Set(notes.into());
        self
    }

    /// Takes the notes away. Sent as `null`, which is what replies hold where there are none.
    pub fn clear_notes(mut self) -> Self {
        self.notes = Patch::Clear;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        check::changes_something(self)?;
        self.path.as_deref().map_or(Ok(()), |path| check::not_empty("Path", path))?;
        self.password.as_set().map_or(Ok(()), |password| check::password("Password", password))
    }
}
