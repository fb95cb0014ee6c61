//! Users in responses.

use mft_common::provider::lenient;
use serde::Deserialize;

use crate::{GroupId, IdList, OffsetDateTime, UserId};

mft_common::open_enum! {
    /// Authentication method of a user.
    AuthenticationMethod {
        /// A password stored by the site.
        Password = "password",
        /// The site's LDAP server.
        Ldap = "ldap",
        /// Google.
        OauthGoogle = "oauth_google",
    }

    /// Encryption requirement for a user's connections.
    SslRequirement {
        /// The site's setting.
        UseSystemSetting = "use_system_setting",
        /// Encryption is required.
        AlwaysRequire = "always_require",
        /// Encryption is optional.
        NeverRequire = "never_require",
    }

    /// Permission of a new user on the folder `user_root`.
    ///
    /// The service converts it to [`Permission`](crate::Permission)s, which have other wire values
    /// ([`PermissionKind`](crate::PermissionKind)). A file's `permissions` have a third set of values. The sets are not
    /// interchangeable.
    GrantedPermission {
        /// All operations.
        Full = "full",
        /// Download and list.
        Read = "read",
        /// Upload.
        Write = "write",
        /// View previews.
        Preview = "preview",
        /// Read and write.
        ReadWrite = "read+write",
        /// Preview and write.
        PreviewWrite = "preview+write",
    }
}

/// A user of the site.
///
/// A field is `None` if the service omits it or sends `null`. Empty strings are preserved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The username.
    #[serde(default)]
    pub username: Option<String>,
    /// The authentication method.
    #[serde(default)]
    pub authentication_method: Option<AuthenticationMethod>,
    /// The time of the last login. `None` before the first login.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub last_login_at: Option<OffsetDateTime>,
    /// The time from which logins are rejected. `None` for never.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub authenticate_until: Option<OffsetDateTime>,
    /// The full name.
    #[serde(default)]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// The administrators' notes.
    #[serde(default)]
    pub notes: Option<String>,
    /// The groups of the user.
    #[serde(default)]
    pub group_ids: Option<IdList<GroupId>>,
    /// The groups that the user administers.
    #[serde(default)]
    pub admin_group_ids: Option<IdList<GroupId>>,
    /// Whether the user can connect by FTP and FTPS.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub ftp_permission: Option<bool>,
    /// Whether the user can connect by SFTP.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub sftp_permission: Option<bool>,
    /// Whether the user can connect by WebDAV.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub dav_permission: Option<bool>,
    /// Whether the user can use this API, the web interface and the desktop application.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub restapi_permission: Option<bool>,
    /// Whether the user can share files publicly by a unique URL.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub attachments_permission: Option<bool>,
    /// Whether the user can change their own password and profile in the web interface.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub self_managed: Option<bool>,
    /// Whether the password must be changed at the next login.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub require_password_change: Option<bool>,
    /// The addresses from which the user can connect: one address or CIDR range per line. Empty allows all. Addresses
    /// on the site's list are also allowed.
    #[serde(default)]
    pub allowed_ips: Option<String>,
    /// The root folder over FTP. Has no effect in the web interface.
    #[serde(default)]
    pub user_root: Option<String>,
    /// The time zone for file times, as a Rails time zone name: `Eastern Time (US & Canada)`.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// The language of the web interface. Empty for the site's language.
    #[serde(default)]
    pub language: Option<String>,
    /// The encryption requirement for the user's connections.
    #[serde(default)]
    pub ssl_required: Option<SslRequirement>,
    /// Whether the user is a site administrator.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub site_admin: Option<bool>,
    /// Whether the user receives administrator alerts. Only present for administrators.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub receive_admin_alerts: Option<bool>,
    /// Whether the user receives the service's newsletter. Only present for administrators.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub subscribe_to_newsletter: Option<bool>,
    /// Whether the user can create users in the groups that they administer.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub can_create_new_users: Option<bool>,
    /// The encryption of the last connection: the protocol for HTTPS and FTPS, the ciphers for SFTP.
    #[serde(default)]
    pub last_protocol_cipher: Option<String>,
    /// The end of the lockout after too many wrong passwords. `None` if the user is not locked out. See
    /// [`Users::unlock`](crate::Users::unlock).
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub lockout_expires: Option<OffsetDateTime>,
}
