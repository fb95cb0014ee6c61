//! Bundles and their entries in responses.

use mft_common::provider::lenient;
use serde::Deserialize;

use crate::files::size;
use crate::{FileType, OffsetDateTime, Secret, UserId};
use mft_common::numeric_id;

numeric_id! {
    /// Identifies a bundle.
    BundleId
}

/// A bundle: files and folders behind one public link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Bundle {
    /// The id.
    pub id: BundleId,
    /// The code at the end of the link. [`BundleAccess`](crate::BundleAccess) takes it.
    #[serde(default)]
    pub code: Option<String>,
    /// The public link.
    #[serde(default)]
    pub url: Option<String>,
    /// The creator. `None` if it was not created with a user's key or session.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The creation time.
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
    /// The path relative to the root of the bundle. A bundle includes the parent folders of its entries.
    pub path: String,
    /// The type: file or folder.
    #[serde(default, rename = "type")]
    pub file_type: Option<FileType>,
    /// The size in bytes. `None` for folders.
    #[serde(default, deserialize_with = "size")]
    pub size: Option<u64>,
    /// The CRC-32 checksum, 8 hexadecimal digits. `None` for folders.
    #[serde(default)]
    pub crc32: Option<String>,
    /// The MD5 checksum, 32 hexadecimal digits. `None` for folders.
    #[serde(default)]
    pub md5: Option<String>,
    /// The presigned download URL. Valid for three minutes and without credentials: the URL itself grants access to the
    /// file. Only present in the response of [`Bundles::download_urls`](crate::Bundles::download_urls).
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub download_uri: Option<Secret>,
}

impl BundleEntry {
    /// Returns whether this is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.file_type == Some(FileType::Directory)
    }
}
