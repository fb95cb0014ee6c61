//! Share links: files and folders for people with a browser.

use std::num::NonZeroU64;

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Call, Client, Error, OrganizationId, Pager, Patch, Result, Secret, UnixMillis, check};

const LINKS: &str = "/organizations/{organization_id}/portal-links";
const LINK: &str = "/organizations/{organization_id}/portal-links/{share_link_id}";

mft_common::id! {
    /// A share link, 13 letters and digits in all examples. Treat it as opaque.
    ShareLinkId
}

mft_common::open_enum! {
    /// What a share link allows.
    SharePermission {
        /// Read, and not write.
        ReadOnly = "read-only",
        /// Read and write.
        ReadWrite = "read-write",
        /// Write, and not read.
        WriteOnly = "write-only",
        /// Read and write, and not delete.
        ReadWriteNoDelete = "read-write-no-delete",
    }

    /// Whether a share link works. No word but `active` is documented.
    ShareLinkState {
        /// It does.
        Active = "active",
    }

    /// The kind of a link. The service takes nothing but `share`.
    ShareLinkType {
        /// A share.
        Share = "share",
    }
}

/// How often a share link can be opened. At its limit the service removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AccessLimit {
    /// As often as anybody likes: 0 on the wire.
    #[default]
    Unlimited,
    /// This many times.
    Times(NonZeroU64),
}

impl From<u64> for AccessLimit {
    /// Zero is [`AccessLimit::Unlimited`], as on the wire.
    fn from(times: u64) -> Self {
        NonZeroU64::new(times).map_or(Self::Unlimited, Self::Times)
    }
}

impl Serialize for AccessLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(match self {
            Self::Unlimited => 0,
            Self::Times(times) => times.get(),
        })
    }
}

impl<'de> Deserialize<'de> for AccessLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        count(deserializer).map(Self::from)
    }
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = lenient::optional_integer(deserializer)?.unwrap_or_default();
    u64::try_from(number).map_err(|_| serde::de::Error::custom("the number is negative"))
}

/// Who made a share link. The service tells it in two shapes, for one and the same link even.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum CreatedBy {
    /// The shape with a principal.
    Principal(PrincipalCreator),
    /// The shape with an account.
    Account(AccountCreator),
    /// A shape that this version does not know, as it came.
    Other(Value),
}

/// A creator, told as a principal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PrincipalCreator {
    /// `Admin` in all examples.
    #[serde(default, rename = "Type")]
    pub creator_type: Option<String>,
    /// An id.
    #[serde(default)]
    pub id: Option<String>,
    /// A name.
    #[serde(default)]
    pub principal_name: Option<String>,
    /// Another id.
    #[serde(default)]
    pub principal_id: Option<String>,
    /// `admin` in all examples.
    pub principal_type: String,
}

/// A creator, told as an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AccountCreator {
    /// `Account` in all examples.
    #[serde(default, rename = "Type")]
    pub creator_type: Option<String>,
    /// An id.
    #[serde(default)]
    pub id: Option<String>,
    /// An e-mail address.
    pub email: String,
    /// A name.
    #[serde(default)]
    pub name: Option<String>,
}

/// A link to a file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ShareLink {
    /// The id.
    pub id: ShareLinkId,
    /// The address to hand out.
    #[serde(default)]
    pub url: Option<String>,
    /// The path in the storage; a folder's ends with `/`.
    #[serde(default)]
    pub path: Option<String>,
    /// The kind.
    #[serde(default, rename = "Type")]
    pub link_type: Option<ShareLinkType>,
    /// What it allows.
    #[serde(default)]
    pub permission: Option<SharePermission>,
    /// Whether it works. Do not tell that from [`expires_at`](Self::expires_at).
    #[serde(default)]
    pub state: Option<ShareLinkState>,
    /// When it ends; `None` for never.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
    /// How often it can be opened.
    #[serde(default)]
    pub access_limit: AccessLimit,
    /// How often it was opened.
    #[serde(default, deserialize_with = "count")]
    pub access_count: u64,
    /// The password, in the reply to the call that set it. Its absence does not mean that there is none.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub password: Option<Secret>,
    /// Notes for those who may share.
    #[serde(default)]
    pub notes: Option<String>,
    /// The organization.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Who made it.
    #[serde(default)]
    pub created_by: Option<CreatedBy>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<UnixMillis>,
}

impl ShareLink {
    /// Whether it leads to a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.path.as_deref().is_some_and(|path| path.ends_with('/'))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    File,
    Folder,
}

/// A share link to be created.
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

    fn check(&self) -> Result<()> {
        check::not_empty("Path", &self.path)?;
        match (self.shared, self.path.ends_with('/')) {
            (Shared::Folder, false) => return Err(Error::invalid_input("Path", "is a folder's and must end with `/`")),
            (Shared::File, true) => return Err(Error::invalid_input("Path", "is a file's and must not end with `/`")),
            _ => {}
        }
        if self.link_type != ShareLinkType::Share {
            return Err(Error::invalid_input("Type", "must be `share`"));
        }
        self.password.as_ref().map_or(Ok(()), check::password)
    }
}

/// A change of a share link. What is not named stays.
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
    pub fn no_password(mut self) -> Self {
        self.password = Patch::Clear;
        self
    }

    /// Changes the notes.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Patch::Set(notes.into());
        self
    }

    /// Takes the notes away. Sent as `null`, which is what replies hold where there are none.
    pub fn no_notes(mut self) -> Self {
        self.notes = Patch::Clear;
        self
    }

    fn check(&self) -> Result<()> {
        check::changes_something(self)?;
        self.path.as_deref().map_or(Ok(()), |path| check::not_empty("Path", path))?;
        self.password.as_set().map_or(Ok(()), check::password)
    }
}

/// Operations on share links; from [`Client::share_links`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct ShareLinks<'c> {
    pub(crate) client: &'c Client,
}

impl ShareLinks<'_> {
    /// Lists all share links.
    ///
    /// Calls `GET /portal-links`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error); nothing is documented for this call alone.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// let mut links = client.share_links().list();
    /// while let Some(link) = links.try_next().await? {
    ///     println!("{:?} was opened {} times", link.path, link.access_count);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<ShareLink> {
        const NAME: &str = "sftptogo.share_links.list";
        let client = self.client.clone();
        Pager::single(NAME, move || client.call(NAME, Method::GET, LINKS, &[]).read())
    }

    /// Creates a share link.
    ///
    /// Calls `POST /portal-links`. A password that was set is in the reply to this call and in no other.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where a folder's path does not end with `/` or a file's does;
    /// [`Rejected`](crate::ErrorKind::Rejected) for a password against the organization's policy;
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) most likely where the plan has no share links.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// use std::time::{Duration, SystemTime};
    ///
    /// use sftptogo::{NewShareLink, SharePermission};
    ///
    /// let in_a_week = SystemTime::now() + Duration::from_secs(7 * 24 * 60 * 60);
    /// let link = client
    ///     .share_links()
    ///     .create(NewShareLink::folder("/outbox/q3/", SharePermission::ReadOnly).expires_at(in_a_week))
    ///     .await?;
    /// println!("{}", link.url.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, link: NewShareLink) -> Call<ShareLink> {
        self.client
            .call("sftptogo.share_links.create", Method::POST, LINKS, &[])
            .once()
            .check(link.check())
            .json(&link)
            .returns()
    }

    /// Fetches one share link.
    ///
    /// Calls `GET /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound), also once the link was opened as often as its limit says.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::ShareLinkId) -> sftptogo::Result<()> {
    /// let link = client.share_links().get(&id).await?;
    /// println!("{:?} {:?}", link.state, link.access_limit);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: &ShareLinkId) -> Call<ShareLink> {
        self.client.call("sftptogo.share_links.get", Method::GET, LINK, &[id.as_str()]).read().returns()
    }

    /// Changes what the update names and leaves the rest.
    ///
    /// Calls `PATCH /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Rejected`](crate::ErrorKind::Rejected) for a password against the
    /// policy. An update that names nothing is [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::ShareLinkId) -> sftptogo::Result<()> {
    /// use sftptogo::{SharePermission, ShareLinkUpdate};
    ///
    /// let change = ShareLinkUpdate::new().permission(SharePermission::ReadWrite).never_expires();
    /// client.share_links().update(&id, change).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &ShareLinkId, update: ShareLinkUpdate) -> Call<ShareLink> {
        self.client
            .call("sftptogo.share_links.update", Method::PATCH, LINK, &[id.as_str()])
            .repeatable()
            .check(update.check())
            .json(&update)
            .returns()
    }

    /// Deletes a share link; the file or folder stays. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such link before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::ShareLinkId) -> sftptogo::Result<()> {
    /// client.share_links().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &ShareLinkId) -> Call<()> {
        self.client.call("sftptogo.share_links.delete", Method::DELETE, LINK, &[id.as_str()]).deletes()
    }
}
