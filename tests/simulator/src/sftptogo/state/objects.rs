//! The stored objects, as tests see them.

use std::fmt;

/// A login to the storage (`users` in the paths of the API).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Credential {
    /// 30 hexadecimal digits.
    pub id: String,
    /// The display name.
    pub alias: String,
    /// The name to log in with.
    pub user_name: String,
    /// The password in clear text.
    pub password: String,
    /// When the password was set, in Unix milliseconds.
    pub password_created_at_ms: i64,
    /// The directory of the login.
    pub home_directory: String,
    /// The name under which the home directory shows up.
    pub chroot_directory: String,
    /// The word on the wire, such as `read-only`.
    pub permission: String,
    /// The word on the wire: `active` or `inactive`.
    pub state: String,
    /// Whether this is the root credential.
    pub is_default: bool,
    /// The network rules, in their order.
    pub inbound_rules: Vec<InboundRule>,
    /// The expiration as it was sent; below 100,000,000,000 it counts as seconds, from there on as milliseconds.
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
    /// The id, usually given by the caller.
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
    /// The line as it was sent.
    pub body: String,
    /// `rsa`, `ecdsa` or `ed25519`.
    pub kind: String,
    /// The end of the line.
    pub comment: String,
    /// `SHA256:` and 43 characters, as OpenSSH shows it.
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
    /// Where deliveries go.
    pub url: String,
    /// `webhook`, `slack`, `ms-teams` or `email`.
    pub kind: String,
    /// The value of the `Authorization` header of deliveries, or an empty text.
    pub authorization_header: String,
    /// The key that deliveries are signed with.
    pub secret: String,
    /// The topics, such as `file.created`.
    pub topics: Vec<String>,
    /// `enabled` or `paused`.
    pub state: String,
    /// How many deliveries in a row have failed for good.
    pub failure_streak: u32,
    /// Unix milliseconds.
    pub created_at_ms: i64,
    /// Unix milliseconds.
    pub updated_at_ms: i64,
}

/// A share link (`portal-links` in the paths of the API).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareLink {
    /// 13 letters and digits.
    pub id: String,
    /// What is shared; a folder if it ends with a slash.
    pub path: String,
    /// The word on the wire, such as `read-only`.
    pub permission: String,
    /// `active` for every link that is there.
    pub state: String,
    /// Unix milliseconds, or never.
    pub expires_at_ms: Option<i64>,
    /// How often the link can be used; 0 is without limit.
    pub access_limit: i64,
    /// How often the link was used.
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

const HIDDEN: &str = "***";

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("id", &self.id)
            .field("alias", &self.alias)
            .field("user_name", &self.user_name)
            .field("password", &HIDDEN)
            .field("password_created_at_ms", &self.password_created_at_ms)
            .field("home_directory", &self.home_directory)
            .field("chroot_directory", &self.chroot_directory)
            .field("permission", &self.permission)
            .field("state", &self.state)
            .field("is_default", &self.is_default)
            .field("inbound_rules", &self.inbound_rules)
            .field("expiration", &self.expiration)
            .field("created_at_ms", &self.created_at_ms)
            .field("updated_at_ms", &self.updated_at_ms)
            .finish()
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("alias", &self.alias)
            // The address of an incoming webhook is a secret of its own.
            .field("url", &HIDDEN)
            .field("kind", &self.kind)
            .field("authorization_header", &HIDDEN)
            .field("secret", &HIDDEN)
            .field("topics", &self.topics)
            .field("state", &self.state)
            .field("failure_streak", &self.failure_streak)
            .field("created_at_ms", &self.created_at_ms)
            .field("updated_at_ms", &self.updated_at_ms)
            .finish()
    }
}

impl fmt::Debug for ShareLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShareLink")
            .field("id", &self.id)
            .field("path", &self.path)
            .field("permission", &self.permission)
            .field("state", &self.state)
            .field("expires_at_ms", &self.expires_at_ms)
            .field("access_limit", &self.access_limit)
            .field("access_count", &self.access_count)
            .field("password", &self.password.as_ref().map(|_| HIDDEN))
            .field("notes", &self.notes)
            .field("created_at_ms", &self.created_at_ms)
            .field("updated_at_ms", &self.updated_at_ms)
            .finish()
    }
}
