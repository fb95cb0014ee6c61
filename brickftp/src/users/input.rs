//! Requests to create and update users.

use mft_common::Patch;
use serde::Serialize;

use super::model::{AuthenticationMethod, GrantedPermission, SslRequirement};
use crate::{Error, GroupId, IdList, OffsetDateTime, Result, Secret, path, validation};

/// Maximum length of names and e-mail addresses, in characters.
pub(crate) const NAME_LIMIT: usize = 50;

const ROOT_LIMIT: usize = 250;

/// Request to create a user.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
/// use brickftp::{GrantedPermission, NewUser};
///
/// let ada = NewUser::new("ada").password("correct horse").user_root("Staff/ada/").grant_permission(GrantedPermission::Full);
/// println!("{}", client.users().create(ada).await?.id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "a new user has no effect until it is passed to `create`"]
#[serde(transparent)]
pub struct NewUser(Fields);

/// Request to create a user in a group. It has fewer fields than [`NewUser`].
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: brickftp::Client, operators: brickftp::GroupId) -> brickftp::Result<()> {
/// use brickftp::NewGroupUser;
///
/// client.groups().create_user(operators, NewGroupUser::new("bo").email("bo@acme.example")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "a new user has no effect until it is passed to `create_user`"]
#[serde(transparent)]
pub struct NewGroupUser(Fields);

/// Update of a user. Unset fields are left unchanged.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
/// use brickftp::UserUpdate;
///
/// let back = UserUpdate::new().clear_authenticate_until().notes("back from leave");
/// client.users().update(user, back).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
#[serde(transparent)]
pub struct UserUpdate(Fields);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_method: Option<AuthenticationMethod>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password_confirmation: Option<Secret>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    authenticate_until: Patch<OffsetDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_ids: Option<IdList<GroupId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_group_ids: Option<IdList<GroupId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ftp_permission: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sftp_permission: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dav_permission: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restapi_permission: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments_permission: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    self_managed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_password_change: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_ips: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_root: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_permission: Option<GrantedPermission>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ssl_required: Option<SslRequirement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_admin: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receive_admin_alerts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscribe_to_newsletter: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    can_create_new_users: Option<bool>,
}

impl Fields {
    fn named(username: impl Into<String>) -> Self {
        Self { username: Some(username.into()), ..Self::default() }
    }

    fn check(&self) -> Result<()> {
        if let Some(username) = &self.username {
            validation::name("username", username, NAME_LIMIT)?;
        }
        for (field, text) in [("name", &self.name), ("email", &self.email)] {
            validation::longest(field, text.as_deref().unwrap_or_default(), NAME_LIMIT)?;
        }
        if let Some(root) = &self.user_root {
            check_root(root)?;
        }
        if let Some(password) = &self.password {
            validation::password("password", password)?;
        }
        match (&self.password_confirmation, &self.password) {
            (Some(confirmation), password) if password.as_ref() != Some(confirmation) => {
                Err(Error::invalid_input("password_confirmation", "differs from the password"))
            }
            _ => Ok(()),
        }
    }
}

/// The documentation requires no leading slash and a trailing one. Its own examples omit the trailing slash, so the
/// check does not require it.
fn check_root(root: &str) -> Result<()> {
    validation::longest("user_root", root, ROOT_LIMIT)?;
    if root.starts_with('/') {
        return Err(Error::invalid_input("user_root", "begins with a slash"));
    }
    path::check("user_root", root.strip_suffix('/').unwrap_or(root), ROOT_LIMIT).map(|_| ())
}

impl NewUser {
    /// Creates a request for a user with this username of at most 50 characters.
    pub fn new(username: impl Into<String>) -> Self {
        Self(Fields::named(username))
    }

    pub(super) fn check(&self) -> Result<()> {
        self.0.check()
    }
}

impl NewGroupUser {
    /// Creates a request for a user with this username of at most 50 characters.
    pub fn new(username: impl Into<String>) -> Self {
        Self(Fields::named(username))
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.0.check()
    }
}

impl UserUpdate {
    /// Creates an empty update. Unset fields are left unchanged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the username, at most 50 characters.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.0.username = Some(username.into());
        self
    }

    /// Removes the time from which logins are rejected.
    pub fn clear_authenticate_until(mut self) -> Self {
        self.0.authenticate_until = Patch::Clear;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        validation::changes_something(&self.0)?;
        self.0.check()
    }

    /// Whether the service requires reauthentication.
    pub(super) fn changes_password(&self) -> bool {
        self.0.password.is_some()
    }
}

/// Setters of all requests.
macro_rules! setters_of_all {
    ($($request:ident),+) => {$(
        impl $request {
            /// Sets the time from which logins are rejected. Default for a new user: none.
            pub fn authenticate_until(mut self, moment: OffsetDateTime) -> Self {
                self.0.authenticate_until = Patch::Set(moment);
                self
            }

            /// Sets the password. It must satisfy the site's password policy, which the service does not publish.
            pub fn password(mut self, password: impl Into<Secret>) -> Self {
                self.0.password = Some(password.into());
                self
            }

            /// Sets the full name, at most 50 characters.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.0.name = Some(name.into());
                self
            }

            /// Sets the e-mail address, at most 50 characters.
            pub fn email(mut self, email: impl Into<String>) -> Self {
                self.0.email = Some(email.into());
                self
            }

            /// Sets the administrators' notes.
            pub fn notes(mut self, notes: impl Into<String>) -> Self {
                self.0.notes = Some(notes.into());
                self
            }

            /// Sets whether the password must be changed at the next login. Users change passwords in the web
            /// interface, which requires `restapi_permission`.
            pub fn require_password_change(mut self, required: bool) -> Self {
                self.0.require_password_change = Some(required);
                self
            }

            /// Sets the root folder over FTP, at most 250 characters, without a leading and with a trailing slash. The
            /// folder is not created.
            pub fn user_root(mut self, path: impl Into<String>) -> Self {
                self.0.user_root = Some(path.into());
                self
            }

            /// Sets the groups of the user. Replaces all of them.
            pub fn group_ids(mut self, groups: impl Into<IdList<GroupId>>) -> Self {
                self.0.group_ids = Some(groups.into());
                self
            }

            /// Sets the time zone for file times, as a Rails time zone name. Default for a new user: `Eastern Time (US
            /// & Canada)`.
            pub fn time_zone(mut self, zone: impl Into<String>) -> Self {
                self.0.time_zone = Some(zone.into());
                self
            }

            /// Sets the language of the web interface, if a translation exists.
            pub fn language(mut self, language: impl Into<String>) -> Self {
                self.0.language = Some(language.into());
                self
            }
        }
    )+};
}

setters_of_all!(NewUser, NewGroupUser, UserUpdate);

macro_rules! flags {
    ($request:ident: $($(#[$meta:meta])* $field:ident),+ $(,)?) => {
        impl $request {$(
            $(#[$meta])*
            pub fn $field(mut self, value: bool) -> Self {
                self.0.$field = Some(value);
                self
            }
        )+}
    };
}

/// Setters of all requests except [`NewGroupUser`].
macro_rules! setters_of_most {
    ($($request:ident),+) => {$(
        impl $request {
            /// Sets the authentication method. Default for a new user: password.
            pub fn authentication_method(mut self, method: AuthenticationMethod) -> Self {
                self.0.authentication_method = Some(method);
                self
            }

            /// Sets the password confirmation, which the service compares with the password. Optional.
            pub fn password_confirmation(mut self, password: impl Into<Secret>) -> Self {
                self.0.password_confirmation = Some(password.into());
                self
            }

            /// Sets the groups that the user administers. Replaces all of them.
            pub fn admin_group_ids(mut self, groups: impl Into<IdList<GroupId>>) -> Self {
                self.0.admin_group_ids = Some(groups.into());
                self
            }

            /// Sets the addresses from which the user can connect: one address or CIDR range per line. An empty string
            /// allows all.
            pub fn allowed_ips(mut self, addresses: impl Into<String>) -> Self {
                self.0.allowed_ips = Some(addresses.into());
                self
            }

            /// Sets the permission of the user on the folder `user_root`. Responses return it as
            /// [`Permission`](crate::Permission)s.
            pub fn grant_permission(mut self, permission: GrantedPermission) -> Self {
                self.0.grant_permission = Some(permission);
                self
            }

            /// Sets whether connections must be encrypted. Default for a new user: the site's setting.
            pub fn ssl_required(mut self, requirement: SslRequirement) -> Self {
                self.0.ssl_required = Some(requirement);
                self
            }
        }

        flags! {
            $request:
            /// Sets whether the user can connect by FTP and FTPS. Default for a new user: `true`.
            ftp_permission,
            /// Sets whether the user can connect by SFTP. Default for a new user: `true`.
            sftp_permission,
            /// Sets whether the user can connect by WebDAV. Default for a new user: `true`.
            dav_permission,
            /// Sets whether the user can use this API, the web interface and the desktop application. Default for a new
            /// user: `true`.
            restapi_permission,
            /// Sets whether the user can share files publicly by a unique URL. Default for a new user: `false`.
            attachments_permission,
            /// Sets whether the user can change their own password and profile in the web interface. Default for a new
            /// user: `true`.
            self_managed,
            /// Sets whether the user is a site administrator. Default for a new user: `false`.
            site_admin,
            /// Sets whether the user receives administrator alerts. The service accepts it for administrators only.
            receive_admin_alerts,
            /// Sets whether the user receives the service's newsletter. The service accepts it for administrators only.
            subscribe_to_newsletter,
            /// Sets whether the user can create users in the groups that they administer. Default for a new user:
            /// `false`.
            can_create_new_users,
        }
    )+};
}

setters_of_most!(NewUser, UserUpdate);
