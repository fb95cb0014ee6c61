//! The stored objects, as tests read and write them.

/// An FTP account.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FtpAccount {
    /// The id, unique within the association.
    pub id: i64,
    /// The login name.
    pub username: String,
    /// The password in clear text, if the account has one.
    pub password: Option<String>,
    /// The wire value: `RO` or `RW`.
    pub access_rights: String,
    /// The directory that logins are restricted to.
    pub chroot: String,
    /// Free text.
    pub description: Option<String>,
    /// The public key in OpenSSH format, if the account has one.
    pub rsa_key: Option<String>,
    /// Whether it can log in.
    pub enabled: bool,
}

redacted_debug!(FtpAccount { id, username, access_rights, chroot, description, rsa_key, enabled } redacts password);

/// A file in the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// The absolute path, with a leading slash.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
    /// The SHA-256 in hexadecimal, once computed. Large generated files are computed in the background on first access.
    pub sha256: Option<String>,
    /// The CRC-32 in hexadecimal, once computed.
    pub crc32: Option<String>,
    /// The time of the last write in Unix milliseconds.
    pub modified_ms: i64,
}
