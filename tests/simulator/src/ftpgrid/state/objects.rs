//! The stored objects, as tests see them.

use std::fmt;

/// An FTP account.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FtpAccount {
    /// The id, unique within the association.
    pub id: i64,
    /// The name to log in with.
    pub username: String,
    /// The password in clear text, if the account has one.
    pub password: Option<String>,
    /// The word on the wire: `RO` or `RW`.
    pub access_rights: String,
    /// The directory that logins are confined to.
    pub chroot: String,
    /// Free text, if there is any.
    pub description: Option<String>,
    /// The public key in OpenSSH's form, if the account has one.
    pub rsa_key: Option<String>,
    /// Whether it can log in.
    pub enabled: bool,
}

impl fmt::Debug for FtpAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FtpAccount")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .field("access_rights", &self.access_rights)
            .field("chroot", &self.chroot)
            .field("description", &self.description)
            .field("rsa_key", &self.rsa_key)
            .field("enabled", &self.enabled)
            .finish()
    }
}

/// A file in the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// The path from the root, with a slash in front.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// In hex, when it is known: for large generated files that takes a moment from the first question on.
    pub sha256: Option<String>,
    /// In hex, when it is known.
    pub crc32: Option<String>,
    /// When it was stored, in Unix milliseconds.
    pub modified_ms: i64,
}
