//! Permissions of users and groups on paths.

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::codec::CallExt as _;
use crate::codec::response::{decode_created, decode_list, decode_nothing};
use crate::{Call, Client, GroupId, Pager, PermissionId, Result, UserId, id, path, users, validation};

const PERMISSIONS: &str = "/permissions.{format}";
const PERMISSION: &str = "/permissions/{permission_id}.{format}";

mft_common::open_enum! {
    /// Kind of a permission.
    ///
    /// The wire values differ from those of [`GrantedPermission`](crate::GrantedPermission) and from those of a file's
    /// `permissions`.
    PermissionKind {
        /// All operations.
        Full = "full",
        /// Download and list.
        ReadOnly = "readonly",
        /// Upload.
        WriteOnly = "writeonly",
        /// View previews.
        PreviewOnly = "previewonly",
        /// View the history.
        History = "history",
    }
}

/// A permission of a user or group on a path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Permission {
    /// The id.
    pub id: PermissionId,
    /// The user. `None` for a group's permission.
    #[serde(default, deserialize_with = "id::optional")]
    pub user_id: Option<UserId>,
    /// The user's username.
    #[serde(default)]
    pub username: Option<String>,
    /// The group. `None` for a user's permission.
    #[serde(default, deserialize_with = "id::optional")]
    pub group_id: Option<GroupId>,
    /// The group's name.
    #[serde(default)]
    pub group_name: Option<String>,
    /// The path, without a slash at either end.
    #[serde(default)]
    pub path: Option<String>,
    /// The kind.
    #[serde(default)]
    pub permission: Option<PermissionKind>,
    /// Whether the permission also applies to everything below the path.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub recursive: Option<bool>,
}

/// Holder of a permission: one user or one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Grantee {
    /// A user by id.
    #[serde(rename = "user_id")]
    User(UserId),
    /// A user by username. The service looks up the user.
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

impl Grantee {
    /// Creates a grantee from a username.
    pub fn username(name: impl Into<String>) -> Self {
        Self::Username(name.into())
    }
}

/// Request to create a permission.
///
/// # Examples
///
/// ```
/// use brickftp::{Grantee, GroupId, NewPermission, PermissionKind, UserId};
///
/// let for_user = NewPermission::new("Staff/in", UserId::new(41), PermissionKind::WriteOnly);
/// let for_group = NewPermission::new("Staff", GroupId::new(7), PermissionKind::Full).recursive(false);
/// let by_username = NewPermission::new("Staff/in", Grantee::username("ada"), PermissionKind::ReadOnly);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new permission has no effect until it is passed to `create`"]
pub struct NewPermission {
    #[serde(flatten)]
    grantee: Grantee,
    path: String,
    permission: PermissionKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    recursive: Option<bool>,
}

impl NewPermission {
    /// Creates a request that grants a user or group a permission on a path of at most 5000 characters. One leading
    /// slash is removed. The empty path is the root of the site.
    pub fn new(path: impl Into<String>, grantee: impl Into<Grantee>, permission: PermissionKind) -> Self {
        Self { grantee: grantee.into(), path: without_slash(path.into()), permission, recursive: None }
    }

    /// Sets whether the permission also applies to everything below the path. Default: `true`.
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = Some(recursive);
        self
    }

    fn check(&self) -> Result<()> {
        if let Grantee::Username(name) = &self.grantee {
            validation::name("username", name, users::NAME_LIMIT)?;
        }
        path::check("path", &self.path, path::SETTING_LIMIT).map(|_| ())
    }
}

/// Removes one leading slash, which the service does not accept. The check rejects further ones.
pub(crate) fn without_slash(mut path: String) -> String {
    if path.starts_with('/') && !path.starts_with("//") {
        path.remove(0);
    }
    path
}

/// Operations on permissions. Returned by [`Client::permissions`].
///
/// Permissions cannot be updated. Create another permission and delete the first one.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Permissions<'c> {
    pub(crate) client: &'c Client,
}

impl Permissions<'_> {
    /// Lists all permissions of the site.
    ///
    /// Calls `GET /permissions`. The service returns the list in a single response.
    ///
    /// # Errors
    ///
    /// Fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not an administrator.
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

    /// Lists the permissions that apply at a path: its own, and the recursive ones of its parent folders. The service
    /// omits a permission if the same user or group has a greater one.
    ///
    /// Calls `GET /permissions` with `path`.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the path is longer than 5000 characters, ends in
    /// a slash or has an empty, `.` or `..` segment.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let permissions = client.permissions().list_for_path("Staff/in").try_collect_vec().await?;
    /// println!("{} permissions", permissions.len());
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
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the path is invalid, as in
    /// [`list_for_path`](Self::list_for_path), or the username is empty or longer than 50 characters.
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
            .encode(self.client.request_format(), "permission", &permission)
            .decode(decode_created)
    }

    /// Deletes a permission.
    ///
    /// Calls `DELETE /permissions/{permission_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the permission did not exist before the first attempt.
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
        self.client.call("brickftp.permissions.delete", Method::DELETE, PERMISSION, &[&id]).deletes_by(decode_nothing)
    }
}

/// Lists the permissions of the site, or those that apply at a path.
fn listed(client: &Client, at: Option<&str>) -> Pager<Permission> {
    const NAME: &str = "brickftp.permissions.list";
    let (client, at) = (client.clone(), at.map(str::to_owned));
    let call = move || {
        let request = client.call(NAME, Method::GET, PERMISSIONS, &[]).safe();
        let Some(at) = &at else { return request };
        let at = path::check("path", at, path::SETTING_LIMIT);
        request.with_checked(at, |request, at| request.query("path", at))
    };
    Pager::single_by(NAME, call, decode_list)
}
