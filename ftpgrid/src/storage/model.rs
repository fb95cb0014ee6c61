//! What the service says of files and directories.

use std::fmt;

use mft_common::provider::lenient::null_as_default;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{UnixMillis, lenient};

mft_common::id! {
    /// Files that were prepared for a download. It works for a short time that the service does not name.
    DownloadId
}

mft_common::open_enum! {
    /// How a file or directory came into the storage.
    Protocol {
        /// The REST API.
        Api = "API",
        /// FTP.
        Ftp = "FTP",
        /// SFTP.
        Sftp = "SFTP",
    }

    /// What an entry of a list is.
    EntryType {
        /// A file.
        File = "file",
        /// A directory.
        Directory = "directory",
    }
}

/// A SHA-256 sum in lower-case hexadecimal digits, however the service wrote it.
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
    /// The digits, in lower case.
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

/// Empty for directories, and for files whose sum has not been computed yet.
fn checksum<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sha256Sum>, D::Error> {
    Ok(mft_common::provider::lenient::empty_as_none(deserializer)?.map(Sha256Sum::from))
}

/// A file or directory as the service's database has it, which follows the storage with a delay; from
/// [`Storage::list_tree`](crate::Storage::list_tree).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TreeEntry {
    /// The path from the root of the storage.
    pub path: String,
    /// Whether it is a directory.
    #[serde(default, deserialize_with = "lenient::bool_or_false")]
    pub is_dir: bool,
    /// The sum of a file, computed some time after it was written. Right after a file was replaced it may be the old
    /// one's.
    #[serde(default, deserialize_with = "checksum")]
    pub checksum: Option<Sha256Sum>,
    /// The size in bytes, 0 for directories.
    #[serde(default, deserialize_with = "lenient::size")]
    pub size: u64,
    /// When the content was changed.
    #[serde(default, deserialize_with = "lenient::optional_millis")]
    pub mtime: Option<UnixMillis>,
    /// When the database took note of it.
    #[serde(default, deserialize_with = "lenient::optional_millis")]
    pub created_at: Option<UnixMillis>,
    /// When the database took note of a change, or `None` where there was none.
    #[serde(default, deserialize_with = "lenient::optional_millis")]
    pub updated_at: Option<UnixMillis>,
    /// How it came.
    #[serde(default)]
    pub protocol: Option<Protocol>,
}

/// A directory as the storage has it; from [`Storage::list_dirs`](crate::Storage::list_dirs).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DirEntry {
    /// The last segment of the path.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// The path from the root of the storage.
    pub path: String,
    /// Always a directory, as far as is documented.
    #[serde(default, rename = "type")]
    pub entry_type: Option<EntryType>,
}

/// A file as the storage has it; from [`Storage::list_files`](crate::Storage::list_files).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FileEntry {
    /// The name, without its directory.
    pub name: String,
    /// The size in bytes.
    #[serde(default, deserialize_with = "lenient::size")]
    pub size: u64,
    /// Always a file, as far as is documented.
    #[serde(default, rename = "type")]
    pub entry_type: Option<EntryType>,
    /// When the content was changed.
    #[serde(default, deserialize_with = "lenient::optional_millis")]
    pub last_modified: Option<UnixMillis>,
}
