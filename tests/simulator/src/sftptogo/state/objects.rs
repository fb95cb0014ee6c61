//! The stored objects, as tests read and write them.

/// A login to the storage. The paths of the API call it `users`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Credential {
    /// 30 hexadecimal digits.
    pub id: String,
    /// The display name.
    pub alias: String,
    /// The login name.
    pub user_name: String,
    /// The password in clear text.
    pub password: String,
    /// When the password was set, in Unix milliseconds.
    pub password_created_at_ms: i64,
    /// The home directory of the login.
    pub home_directory: String,
    /// The path that the home directory appears as.
    pub chroot_directory: String,
    /// The wire value, such as `read-only`.
    pub permission: String,
    /// The wire value: `active` or `inactive`.
    pub state: String,
    /// Whether this is the root credential.
    pub is_default: bool,
    /// The network rules, in order.
    pub inbound_rules: Vec<InboundRule>,
    /// The expiration as sent: in seconds if below 100,000,000,000, otherwise in milliseconds.
    pub expiration: Option<i64>,
    /// Unix milliseconds.
    pub created_at_ms: i64,
    /// Unix milliseconds.
    pub updated_at_ms: i64,
}

/// A network rule of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboundRule {
    /// The id, usually chosen by the caller.
    pub id: String,
    /// `*`, `SFTP` or `FTPS`.
    pub protocol: String,
    /// `enabled` or `disabled`.
    pub state: String,
    /// An address or a range in CIDR notation.
    pub source: String,
    /// Free text.
    pub description: String,
}

/// A public SSH key of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SshKey {
    /// A UUID.
    pub id: String,
    /// The id of the credential.
    pub credential_id: String,
    /// The line as sent.
    pub body: String,
    /// `rsa`, `ecdsa` or `ed25519`.
    pub kind: String,
    /// The comment at the end of the line.
    pub comment: String,
    /// The OpenSSH fingerprint: `SHA256:` and 43 characters.
    pub fingerprint: String,
    /// Unix milliseconds.
    pub created_at_ms: i64,
    /// Unix milliseconds.
    pub updated_at_ms: i64,
}

/// A webhook.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Webhook {
    /// A UUID.
    pub id: String,
    /// The display name.
    pub alias: String,
    /// The URL that receives deliveries.
    pub url: String,
    /// `webhook`, `slack`, `ms-teams` or `email`.
    pub kind: String,
    /// The `Authorization` header of deliveries. Can be empty.
    pub authorization_header: String,
    /// The secret that signs deliveries.
    pub secret: String,
    /// The topics, such as `file.created`.
    pub topics: Vec<String>,
    /// `enabled` or `paused`.
    pub state: String,
    /// The number of consecutive failed deliveries.
    pub failure_streak: u32,
    /// Unix milliseconds.
    pub created_at_ms: i64,
    /// Unix milliseconds.
    pub updated_at_ms: i64,
}

/// A share link. The paths of the API call it `portal-links`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareLink {
    /// 13 letters and digits.
    pub id: String,
    /// The shared path. The path of a folder ends with a slash.
    pub path: String,
    /// The wire value, such as `read-only`.
    pub permission: String,
    /// `active` for every existing link.
    pub state: String,
    /// Unix milliseconds. `None` means never.
    pub expires_at_ms: Option<i64>,
    /// The maximum number of accesses. 0 means unlimited.
    pub access_limit: i64,
    /// The number of accesses.
    pub access_count: i64,
    /// The password, if the link has one.
    pub password: Option<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Unix milliseconds.
    pub created_at_ms: i64,
    /// Unix milliseconds.
    pub updated_at_ms: i64,
}

redacted_debug!(
    Credential {
        id, alias, user_name, password_created_at_ms, home_directory, chroot_directory, permission, state,
        is_default, inbound_rules, expiration, created_at_ms, updated_at_ms
    } redacts password
);

redacted_debug!(
    Webhook {
        id, alias, kind, topics, state, failure_streak, created_at_ms, updated_at_ms
    } redacts url, authorization_header, secret
);

redacted_debug!(
    ShareLink {
        id, path, permission, state, expires_at_ms, access_limit, access_count, notes, created_at_ms, updated_at_ms
    } redacts password
);
