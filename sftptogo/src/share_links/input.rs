//! Request values for share links.

use mft_common::Patch;
use serde::Serialize;

use super::model::{AccessLimit, ShareLinkType, SharePermission};
use crate::{Error, Result, Secret, UnixMillis, validation};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TargetKind {
    File,
    Folder,
}

/// The request to create a share link.
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
#[must_use = "a new share link has no effect until it is passed to `create`"]
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
    target: TargetKind,
}

impl NewShareLink {
    fn new(path: String, permission: SharePermission, target: TargetKind) -> Self {
        Self {
            path,
            permission,
            link_type: ShareLinkType::Share,
            expires_at: None,
            access_limit: None,
            password: None,
            notes: None,
            target,
        }
    }

    /// Creates a request for a link to a folder. The path starts at the root of the storage and must end with `/`;
    /// otherwise the service treats it as a file path.
    pub fn folder(path: impl Into<String>, permission: SharePermission) -> Self {
        Self::new(path.into(), permission, TargetKind::Folder)
    }

    /// Creates a request for a link to a file. The path starts at the root of the storage and must not end with `/`.
    pub fn file(path: impl Into<String>, permission: SharePermission) -> Self {
        Self::new(path.into(), permission, TargetKind::File)
    }

    /// Sets the time of expiration. Default: never.
    pub fn expires_at(mut self, moment: impl Into<UnixMillis>) -> Self {
        self.expires_at = Some(moment.into());
        self
    }

    /// Sets how often the link can be opened. Default: unlimited.
    pub fn access_limit(mut self, limit: impl Into<AccessLimit>) -> Self {
        self.access_limit = Some(limit.into());
        self
    }

    /// Sets the password, which must satisfy the organization's policy. Default: no password.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets the internal notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// Sets the kind. Default: [`ShareLinkType::Share`], the only kind that the service accepts today.
    pub fn link_type(mut self, link_type: ShareLinkType) -> Self {
        self.link_type = link_type;
        self
    }

    pub(super) fn validate(&self) -> Result<()> {
        validation::not_empty("Path", &self.path)?;
        match (self.target, self.path.ends_with('/')) {
            (TargetKind::Folder, false) => {
                return Err(Error::invalid_input("Path", "is a folder path and must end with `/`"));
            }
            (TargetKind::File, true) => {
                return Err(Error::invalid_input("Path", "is a file path and must not end with `/`"));
            }
            _ => {}
        }
        if self.link_type != ShareLinkType::Share {
            return Err(Error::invalid_input("Type", "must be `share`"));
        }
        self.password.as_ref().map_or(Ok(()), |password| validation::password("Password", password))
    }
}

/// An update of a share link. Unset fields are left unchanged.
///
/// # Examples
///
/// ```
/// use sftptogo::ShareLinkUpdate;
///
/// let open = ShareLinkUpdate::new().clear_password().notes("open to everyone").never_expires();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[must_use = "an update has no effect until it is passed to `update`"]
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
    /// Creates an empty update.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a new target path. A folder path ends with `/`. The service does not document this field for updates.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Sets the access that the link grants.
    pub fn permission(mut self, permission: SharePermission) -> Self {
        self.permission = Some(permission);
        self
    }

    /// Sets the time of expiration.
    pub fn expires_at(mut self, moment: impl Into<UnixMillis>) -> Self {
        self.expires_at = Patch::Set(moment.into());
        self
    }

    /// Removes the expiration.
    pub fn never_expires(mut self) -> Self {
        self.expires_at = Patch::Clear;
        self
    }

    /// Sets how often the link can be opened.
    pub fn access_limit(mut self, limit: impl Into<AccessLimit>) -> Self {
        self.access_limit = Some(limit.into());
        self
    }

    /// Sets the password.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Patch::Set(password.into());
        self
    }

    /// Removes the password. Sent as `null`, which the service does not document for this field.
    pub fn clear_password(mut self) -> Self {
        self.password = Patch::Clear;
        self
    }

    /// Sets the internal notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Patch::Set(notes.into());
        self
    }

    /// Removes the internal notes. Sent as `null`, which is how responses represent absent notes.
    pub fn clear_notes(mut self) -> Self {
        self.notes = Patch::Clear;
        self
    }

    pub(super) fn validate(&self) -> Result<()> {
        validation::changes_something(self)?;
        self.path.as_deref().map_or(Ok(()), |path| validation::not_empty("Path", path))?;
        self.password.as_set().map_or(Ok(()), |password| validation::password("Password", password))
    }
}
