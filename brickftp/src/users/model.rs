//! What a user is.

use mft_common::provider::lenient;
use serde::Deserialize;

use crate::{GroupId, IdList, OffsetDateTime, UserId};

mft_common::open_enum! {
    /// How a user proves who it is.
    AuthenticationMethod {
        /// By the password that the site keeps.
        Password = "password",
        /// By the site's LDAP server.
        Ldap = "ldap",
        /// By Google.
        OauthGoogle = "oauth_google",
    }

    /// Whether a user's connections must be encrypted.
    SslRequirement {
        /// As the site says.
        UseSystemSetting = "use_system_setting",
        /// They must be.
        AlwaysRequire = "always_require",
        /// They need not be.
        NeverRequire = "never_require",
    }

    /// What a new user may do in the folder that is named as `user_root`.
    ///
    /// The service makes [`Permission`](crate::Permission)s of it, which have words of their own
    /// ([`PermissionKind`](crate::PermissionKind)); a file's `permissions` have a third set. None of them stands for
    /// another.
    GrantedPermission {
        /// Everything.
        Full = "full",
        /// Download and list.
        Read = "read",
        /// Upload.
        Write = "write",
        /// Look at previews.
        Preview = "preview",
        /// Read and write.
        ReadWrite = "read+write",
        /// Preview and write.
        PreviewWrite = "preview+write",
    }
}

/// A user of the site.
///
/// Where the service leaves a field out, or sends `null`, it is `None`; an empty text is kept as one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name to log in with.
    #[serde(default)]
    pub username: Option<String>,
    /// How the user proves who it is.
    #[serde(default)]
    pub authentication_method: Option<AuthenticationMethod>,
    /// The last login; `None` before the first.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub last_login_at: Option<OffsetDateTime>,
    /// When logins begin to be refused; `None` for never.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub authenticate_until: Option<OffsetDateTime>,
    /// The full name.
    #[serde(default)]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Notes of the administrators.
    #[serde(default)]
    pub notes: Option<String>,
    /// The groups that the user is in.
    #[serde(default)]
    pub group_ids: Option<IdList<GroupId>>,
    /// The groups that the user administers.
    #[serde(default)]
    pub admin_group_ids: Option<IdList<GroupId>>,
    /// Whether the user may connect by FTP and FTPS.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub ftp_permission: Option<bool>,
    /// Whether the user may connect by SFTP.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub sftp_permission: Option<bool>,
    /// Whether the user may connect by WebDAV.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub dav_permission: Option<bool>,
    /// Whether the user may use this API, the web interface and the desktop application.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub restapi_permission: Option<bool>,
    /// Whether the user may share files with anybody by a unique address.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub attachments_permission: Option<bool>,
    /// Whether the user may change its own password and data in the web interface.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub self_managed: Option<bool>,
    /// Whether the password must be changed at the next login.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub require_password_change: Option<bool>,
    /// From where the user may connect: one address or CIDR range per line, none for anywhere. Who matches the list of
    /// the site is let in too.
    #[serde(default)]
    pub allowed_ips: Option<String>,
    /// The folder that is the root over FTP; without effect in the web interface.
    #[serde(default)]
    pub user_root: Option<String>,
    /// The zone in which times of files are shown, by the names of Rails: `Eastern Time (US & Canada)`.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// The language of the web interface; none for the site's.
    #[serde(default)]
    pub language: Option<String>,
    /// Whether the user's connections must be encrypted.
    #[serde(default)]
    pub ssl_required: Option<SslRequirement>,
    /// Whether the user is an administrator of the site.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub site_admin: Option<bool>,
    /// Whether the user gets the warnings for administrators. Told of administrators only.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub receive_admin_alerts: Option<bool>,
    /// Whether the user gets the service's newsletter. Told of administrators only.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub subscribe_to_newsletter: Option<bool>,
    /// Whether the user may make users in the groups that it administers.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub can_create_new_users: Option<bool>,
    /// How the last connection was encrypted: the protocol of HTTPS and FTPS, the ciphers of SFTP.
    #[serde(default)]
    pub last_protocol_cipher: Option<String>,
    /// The end of a lockout after too many wrong passwords; `None` where there is none. See
    /// [`Users::unlock`](crate::Users::unlock).
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub lockout_expires: Option<OffsetDateTime>,
}
