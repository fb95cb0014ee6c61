//! What users and groups may do below a path.

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::request::decode_list;
use crate::{Call, Client, GroupId, Pager, PermissionId, Result, UserId, check, id, path, users};

const PERMISSIONS: &str = "/permissions.{format}";
const PERMISSION: &str = "/permissions/{permission_id}.{format}";

mft_common::open_enum! {
    /// What a permission permits.
    ///
    /// The words differ from those of [`GrantedPermission`](crate::GrantedPermission), and from those in a file's
    /// `permissions`.
    PermissionKind {
        /// Everything.
        Full = "full",
        /// Download and list.
        ReadOnly = "readonly",
        /// Upload.
        WriteOnly = "writeonly",
        /// Look at previews.
        PreviewOnly = "previewonly",
        /// See what happened.
        History = "history",
    }
}

/// What a user or a group may do at a path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Permission {
    /// The id.
    pub id: PermissionId,
    /// The user, where it is a user's.
    #[serde(default, deserialize_with = "id::optional")]
    pub user_id: Option<UserId>,
    /// The name of that user to log in with.
    #[serde(default)]
    pub username: Option<String>,
    /// The group, where it is a group's.
    #[serde(default, deserialize_with = "id::optional")]
    pub group_id: Option<GroupId>,
    /// What that group is called.
    #[serde(default)]
    pub group_name: Option<String>,
    /// The path, without a slash at either end.
    #[serde(default)]
    pub path: Option<String>,
    /// What is permitted.
    #[serde(default)]
    pub permission: Option<PermissionKind>,
    /// Whether it is so for everything below the path too.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub recursive: Option<bool>,
}

/// Whom a permission is for: one user or one group, and never both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Grantee {
    /// A user.
    #[serde(rename = "user_id")]
    User(UserId),
    /// The user with this name to log in with, which the service looks up.
    #[serde(rename = "username")]
    Username(String),
    /// A group.
    #[serde(rename = "group_id")]
    Group(GroupId),
}

impl From<UserId> for Grantee {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}

impl From<GroupId> for Grantee {
    fn from(group: GroupId) -> Self {
        Self::Group(group)
    }
}

impl From<&str> for Grantee {
    fn from(username: &str) -> Self {
        Self::Username(username.to_owned())
    }
}

impl From<String> for Grantee {
    fn from(username: String) -> Self {
        Self::Username(username)
    }
}

/// A permission to be created.
///
/// # Examples
///
/// ```
/// use brickftp::{GroupId, NewPermission, PermissionKind, UserId};
///
/// let of_a_user = NewPermission::new("Staff/in", UserId::new(41), PermissionKind::WriteOnly);
/// let of_a_group = NewPermission::new("Staff", GroupId::new(7), PermissionKind::Full).recursive(false);
/// let by_name = NewPermission::new("Staff/in", "ada", PermissionKind::ReadOnly);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new permission does nothing until it is given to `create`"]
pub struct NewPermission {
    #[serde(flatten)]
    grantee: Grantee,
    path: String,
    permission: PermissionKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    recursive: Option<bool>,
}

impl NewPermission {
    /// Lets a user or a group do something at a path, of at most 5000 characters. One slash before the path is taken
    /// away; the empty path is the root of the site.
    pub fn new(path: impl Into<String>, grantee: impl Into<Grantee>, permission: PermissionKind) -> Self {
        Self { grantee: grantee.into(), path: without_slash(path.into()), permission, recursive: None }
    }

    /// Whether it is so for everything below the path too. Unset it is.
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = Some(recursive);
        self
    }

    fn check(&self) -> Result<()> {
        if let Grantee::Username(name) = &self.grantee {
            check::name("username", name, users::NAME_LIMIT)?;
        }
        path::check("path", &self.path, path::SETTING_LIMIT).map(|_| ())
    }
}

/// People write it before a path, and the service wants none. Another one is refused by the check.
pub(crate) fn without_slash(mut path: String) -> String {
    if path.starts_with('/') && !path.starts_with("//") {
        path.remove(0);
    }
    path
}

/// Operations on permissions; from [`Client::permissions`].
///
/// A permission cannot be changed: create another one and delete the first.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Permissions<'c> {
    pub(crate) client: &'c Client,
}

impl Permissions<'_> {
    /// Lists all permissions of the site.
    ///
    /// Calls `GET /permissions`. The list comes in one piece.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for whom is no administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut permissions = client.permissions().list();
    /// while let Some(permission) = permissions.try_next().await? {
    ///     println!("{:?} {:?} {:?}", permission.path, permission.username, permission.permission);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Permission> {
        listed(self.client, None)
    }

    /// Lists what is permitted at a path: the permissions on it, and those on the folders above it that reach down to
    /// it. A lesser one is left out where the same user or group has a greater one.
    ///
    /// Calls `GET /permissions` with `path`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a path that is longer than 5000 characters, has a slash at
    /// its end, an empty segment, `.` or `..`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let there = client.permissions().list_for_path("Staff/in").try_collect_vec().await?;
    /// println!("{} permissions", there.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_for_path(&self, path: &str) -> Pager<Permission> {
        listed(self.client, Some(path))
    }

    /// Creates a permission.
    ///
    /// Calls `POST /permissions`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a path as in [`list_for_path`](Self::list_for_path) and a
    /// name that is empty or longer than 50 characters.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// use brickftp::{NewPermission, PermissionKind};
    ///
    /// client.permissions().create(NewPermission::new("Staff/in", user, PermissionKind::WriteOnly)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, permission: NewPermission) -> Call<Permission> {
        self.client
            .call("brickftp.permissions.create", Method::POST, PERMISSIONS, &[])
            .non_idempotent()
            .check(permission.check())
            .body("permission", &permission)
            .creates()
    }

    /// Deletes a permission.
    ///
    /// Calls `DELETE /permissions/{permission_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such permission before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, permission: brickftp::PermissionId) -> brickftp::Result<()> {
    /// client.permissions().delete(permission).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: PermissionId) -> Call<()> {
        self.client.call("brickftp.permissions.delete", Method::DELETE, PERMISSION, &[&id]).deletes()
    }
}

/// The permissions of the site, or those that hold at a path.
fn listed(client: &Client, at: Option<&str>) -> Pager<Permission> {
    const NAME: &str = "brickftp.permissions.list";
    let (client, at) = (client.clone(), at.map(str::to_owned));
    let call = move || {
        let request = client.call(NAME, Method::GET, PERMISSIONS, &[]).safe();
        let Some(at) = &at else { return request.into_builder() };
        let at = path::check("path", at, path::SETTING_LIMIT);
        request.with_checked(at, |request, at| request.query("path", at)).into_builder()
    };
    Pager::single_by(NAME, call, decode_list)
}
