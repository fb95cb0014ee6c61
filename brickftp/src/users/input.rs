//! What can be asked of a user.

use mft_common::Patch;
use serde::Serialize;

use super::model::{AuthenticationMethod, GrantedPermission, SslRequirement};
use crate::{Error, GroupId, IdList, OffsetDateTime, Result, Secret, check, path};

/// Characters of names and addresses.
pub(crate) const NAME_LIMIT: usize = 50;

const ROOT_LIMIT: usize = 250;

/// A user to be created.
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
#[must_use = "a new user does nothing until it is given to `create`"]
#[serde(transparent)]
pub struct NewUser(Fields);

/// A user to be created in a group, of which fewer things can be said.
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
#[must_use = "a new user does nothing until it is given to `create_user`"]
#[serde(transparent)]
pub struct NewGroupUser(Fields);

/// A change of a user. What is not named stays.
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
#[must_use = "a change does nothing until it is given to `update`"]
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
            check::name("username", username, NAME_LIMIT)?;
        }
        for (field, text) in [("name", &self.name), ("email", &self.email)] {
            check::longest(field, text.as_deref().unwrap_or_default(), NAME_LIMIT)?;
        }
        if let Some(root) = &self.user_root {
            check_root(root)?;
        }
        if let Some(password) = &self.password {
            check::password("password", password)?;
        }
        match (&self.password_confirmation, &self.password) {
            (Some(confirmation), password) if password.as_ref() != Some(confirmation) => {
                Err(Error::invalid_input("password_confirmation", "is not the password"))
            }
            _ => Ok(()),
        }
    }
}

/// The rule is no slash before it and one behind it. The service's own examples break the second half, so that it is
/// not asked for.
fn check_root(root: &str) -> Result<()> {
    check::longest("user_root", root, ROOT_LIMIT)?;
    if root.starts_with('/') {
        return Err(Error::invalid_input("user_root", "begins with a slash"));
    }
    path::check("user_root", root.strip_suffix('/').unwrap_or(root), ROOT_LIMIT).map(|_| ())
}

impl NewUser {
    /// A user with this name to log in with, at most 50 characters.
    pub fn new(username: impl Into<String>) -> Self {
        Self(Fields::named(username))
    }

    pub(super) fn check(&self) -> Result<()> {
        self.0.check()
    }
}

impl NewGroupUser {
    /// A user with this name to log in with, at most 50 characters.
    pub fn new(username: impl Into<String>) -> Self {
        Self(Fields::named(username))
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.0.check()
    }
}

impl UserUpdate {
    /// A change of nothing, so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name to log in with, at most 50 characters.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.0.username = Some(username.into());
        self
    }

    /// When logins begin to be refused.
    pub fn authenticate_until(mut self, moment: OffsetDateTime) -> Self {
        self.0.authenticate_until = Patch::Set(moment);
        self
    }

    /// Logins are never refused for the time.
    pub fn clear_authenticate_until(mut self) -> Self {
        self.0.authenticate_until = Patch::Clear;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        check::changes_something(&self.0)?;
        self.0.check()
    }

    /// What the service wants the password of the session's user for.
    pub(super) fn changes_password(&self) -> bool {
        self.0.password.is_some()
    }
}

macro_rules! end_of_life {
    ($($request:ident),+) => {$(
        impl $request {
            /// When logins begin to be refused. Unset they never do.
            pub fn authenticate_until(mut self, moment: OffsetDateTime) -> Self {
                self.0.authenticate_until = Patch::Set(moment);
                self
            }
        }
    )+};
}

end_of_life!(NewUser, NewGroupUser);

/// What can be said of a user wherever one is made or changed.
macro_rules! setters_of_all {
    ($($request:ident),+) => {$(
        impl $request {
            /// The password. It must obey the site's policy, which the service does not publish.
            pub fn password(mut self, password: impl Into<Secret>) -> Self {
                self.0.password = Some(password.into());
                self
            }

            /// The full name, at most 50 characters.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.0.name = Some(name.into());
                self
            }

            /// The e-mail address, at most 50 characters.
            pub fn email(mut self, email: impl Into<String>) -> Self {
                self.0.email = Some(email.into());
                self
            }

            /// Notes of the administrators.
            pub fn notes(mut self, notes: impl Into<String>) -> Self {
                self.0.notes = Some(notes.into());
                self
            }

            /// Whether the password must be changed at the next login. Passwords are changed in the web interface, which
            /// the user needs `restapi_permission` for.
            pub fn require_password_change(mut self, required: bool) -> Self {
                self.0.require_password_change = Some(required);
                self
            }

            /// The folder that is the root over FTP, at most 250 characters: no slash before it, one behind it. The
            /// folder is not made by this.
            pub fn user_root(mut self, path: impl Into<String>) -> Self {
                self.0.user_root = Some(path.into());
                self
            }

            /// All groups that the user is in.
            pub fn group_ids(mut self, groups: impl Into<IdList<GroupId>>) -> Self {
                self.0.group_ids = Some(groups.into());
                self
            }

            /// The zone in which times of files are shown, by the names of Rails. Unset on a new user it is
            /// `Eastern Time (US & Canada)`.
            pub fn time_zone(mut self, zone: impl Into<String>) -> Self {
                self.0.time_zone = Some(zone.into());
                self
            }

            /// The language of the web interface, where there is a translation.
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

/// What can be said of a user outside of a group.
macro_rules! setters_of_most {
    ($($request:ident),+) => {$(
        impl $request {
            /// How the user proves who it is. Unset on a new user it is by password.
            pub fn authentication_method(mut self, method: AuthenticationMethod) -> Self {
                self.0.authentication_method = Some(method);
                self
            }

            /// The password again, which the service compares with the first one. Not needed.
            pub fn password_confirmation(mut self, password: impl Into<Secret>) -> Self {
                self.0.password_confirmation = Some(password.into());
                self
            }

            /// All groups that the user administers.
            pub fn admin_group_ids(mut self, groups: impl Into<IdList<GroupId>>) -> Self {
                self.0.admin_group_ids = Some(groups.into());
                self
            }

            /// From where the user may connect: one address or CIDR range per line, an empty text for anywhere.
            pub fn allowed_ips(mut self, addresses: impl Into<String>) -> Self {
                self.0.allowed_ips = Some(addresses.into());
                self
            }

            /// What the user may do in the folder that is named as `user_root`. Read it back as
            /// [`Permission`](crate::Permission)s.
            pub fn grant_permission(mut self, permission: GrantedPermission) -> Self {
                self.0.grant_permission = Some(permission);
                self
            }

            /// Whether the user's connections must be encrypted. Unset on a new user it is as the site says.
            pub fn ssl_required(mut self, requirement: SslRequirement) -> Self {
                self.0.ssl_required = Some(requirement);
                self
            }
        }

        flags! {
            $request:
            /// Whether the user may connect by FTP and FTPS; unset on a new user, yes.
            ftp_permission,
            /// Whether the user may connect by SFTP; unset on a new user, yes.
            sftp_permission,
            /// Whether the user may connect by WebDAV; unset on a new user, yes.
            dav_permission,
            /// Whether the user may use this API, the web interface and the desktop application; unset on a new user, yes.
            restapi_permission,
            /// Whether the user may share files with anybody by a unique address; unset on a new user, no.
            attachments_permission,
            /// Whether the user may change its own password and data in the web interface; unset on a new user, yes.
            self_managed,
            /// Whether the user is an administrator of the site; unset on a new user, no.
            site_admin,
            /// Whether the user gets the warnings for administrators. The service takes it for administrators only.
            receive_admin_alerts,
            /// Whether the user gets the service's newsletter. The service takes it for administrators only.
            subscribe_to_newsletter,
            /// Whether the user may make users in the groups that it administers; unset on a new user, no.
            can_create_new_users,
        }
    )+};
}

setters_of_most!(NewUser, UserUpdate);
