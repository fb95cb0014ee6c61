//! Files and directories as the service returns them.

use std::fmt;

use mft_common::provider::lenient::null_as_default;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{UnixMillis, lenient};

mft_common::id! {
    /// Identifies files that were prepared for a download. Valid for a short time that is not documented.
    DownloadId
}

mft_common::open_enum! {
    /// The protocol that created a file or directory.
    Protocol {
        /// The REST API.
        Api = "API",
        /// FTP.
        Ftp = "FTP",
        /// SFTP.
        Sftp = "SFTP",
    }

    /// The type of a list entry.
    EntryType {
        /// A file.
        File = "file",
        /// A directory.
        Directory = "directory",
    }
}

/// A SHA-256 checksum in lowercase hexadecimal digits, normalized from any case.
///
/// # Examples
///
/// ```
/// use ftpgrid::Sha256Sum;
///
/// assert_eq!(Sha256Sum::from("9F86D081"), Sha256Sum::from("9f86d081"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Sha256Sum(Box<str>);

impl Sha256Sum {
    /// Returns the digits, in lowercase.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Sha256Sum {
    fn from(digits: &str) -> Self {
        Self(digits.to_ascii_lowercase().into())
    }
}

impl From<String> for Sha256Sum {
    fn from(mut digits: String) -> Self {
        digits.make_ascii_lowercase();
        Self(digits.into())
    }
}

impl fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a checksum. It is empty for directories, and for files until it has been computed.
fn checksum<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sha256Sum>, D::Error> {
    Ok(mft_common::provider::lenient::empty_as_none(deserializer)?.map(Sha256Sum::from))
}

/// A file or directory in the service's database, which lags behind the storage. Returned by
/// [`Storage::list_tree`](crate::Storage::list_tree).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TreeEntry {
    /// The path from the root of the storage.
    pub path: String,
    /// Whether the entry is a directory.
    #[serde(default, deserialize_with = "lenient::bool_or_false")]
    pub is_dir: bool,
    /// The checksum of a file. The service computes it some time after the file was written. After a file was replaced,
    /// it may still be the checksum of the old file.
    #[serde(default, deserialize_with = "checksum")]
    pub checksum: Option<Sha256Sum>,
    /// The size in bytes, 0 for directories.
    #[serde(default, deserialize_with = "lenient::size")]
    pub size: u64,
    /// The modification time of the content.
    #[serde(default, deserialize_with = "lenient::optional_millis")]
    pub mtime: Option<UnixMillis>,
    /// The creation time of the database entry.
    #[serde(default, deserialize_with = "lenient::optional_millis")]
    pub created_at: Option<UnixMillis>,
    /// The update time of the database entry, or `None` if it was never updated.
    #[serde(default, deserialize_with = "lenient::optional_millis")]
    pub updated_at: Option<UnixMillis>,
    /// The protocol that created it.
    #[serde(default)]
    pub protocol: Option<Protocol>,
}

/// A directory in the storage. Returned by [`Storage::list_dirs`](crate::Storage::list_dirs).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DirEntry {
    /// The last segment of the path.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// The path from the root of the storage.
    pub path: String,
    /// The type. According to the documentation, always a directory.
    #[serde(default, rename = "type")]
    pub entry_type: Option<EntryType>,
}

/// A file in the storage. Returned by [`Storage::list_files`](crate::Storage::list_files).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FileEntry {
    /// The name, without its directory.
    pub name: String,
    /// The size in bytes.
    #[serde(default, deserialize_with = "lenient::size")]
    pub size: u64,
    /// The type. According to the documentation, always a file.
    #[serde(default, rename = "type")]
    pub entry_type: Option<EntryType>,
    /// The modification time of the content.
    #[serde(default, deserialize_with = "lenient::optional_millis")]
    pub last_modified: Option<UnixMillis>,
}
