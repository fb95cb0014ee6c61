//! What the service says of a bundle and of what is in it.

use mft_common::provider::lenient;
use serde::Deserialize;

use crate::files::size;
use crate::{FileType, OffsetDateTime, Secret, UserId};
use mft_common::numeric_id;

numeric_id! {
    /// A bundle.
    BundleId
}

/// A bundle: files and folders behind one public link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Bundle {
    /// The id.
    pub id: BundleId,
    /// What the link ends in, and what [`BundleAccess`](crate::BundleAccess) wants.
    #[serde(default)]
    pub code: Option<String>,
    /// The public link, for people.
    #[serde(default)]
    pub url: Option<String>,
    /// Who made it. Nobody where it was not made by a user's key or session.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// When it was made.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub created_at: Option<OffsetDateTime>,
    /// The files and folders in it.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub paths: Vec<String>,
}

/// A file or folder in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct BundleEntry {
    /// The path, counted from the root of the bundle. A bundle keeps the folders above what is in it.
    pub path: String,
    /// File or folder.
    #[serde(default, rename = "type")]
    pub file_type: Option<FileType>,
    /// The size in bytes. Folders have none.
    #[serde(default, deserialize_with = "size")]
    pub size: Option<u64>,
    /// The CRC-32, 8 hexadecimal digits. Folders have none.
    #[serde(default)]
    pub crc32: Option<String>,
    /// The MD5, 32 hexadecimal digits. Folders have none.
    #[serde(default)]
    pub md5: Option<String>,
    /// Where the bytes can be fetched for three minutes, without any credential: whoever has the address has the file.
    /// Only in the reply to [`Bundles::download_urls`](crate::Bundles::download_urls).
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub download_uri: Option<Secret>,
}

impl BundleEntry {
    /// Whether it is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.file_type == Some(FileType::Directory)
    }
}
