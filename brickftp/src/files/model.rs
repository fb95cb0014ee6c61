//! Files and folders in responses.

use std::fmt;

use mft_common::provider::lenient;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use crate::{OffsetDateTime, Secret};
use mft_common::numeric_id;

numeric_id! {
    /// Identifies a file or folder.
    FileId
}

mft_common::open_enum! {
    /// Type of an entry.
    FileType {
        /// A file.
        File = "file",
        /// A folder.
        Directory = "directory",
    }
}

/// A file or a folder.
///
/// The service has one type for both. [`File::is_folder`] distinguishes them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct File {
    /// The id. Missing in some responses. Operations take the path instead.
    #[serde(default)]
    pub id: Option<FileId>,
    /// The full path, without a slash at either end.
    pub path: String,
    /// The last segment of the path.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The type: file or folder.
    #[serde(default, rename = "type")]
    pub file_type: Option<FileType>,
    /// The size in bytes. `None` for folders. See [`File::size_or_zero`].
    #[serde(default, deserialize_with = "size")]
    pub size: Option<u64>,
    /// The modification time recorded by the service.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub mtime: Option<OffsetDateTime>,
    /// The modification time provided by the uploading client.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub provided_mtime: Option<OffsetDateTime>,
    /// The CRC-32 checksum, 8 hexadecimal digits. Missing right after an upload.
    #[serde(default)]
    pub crc32: Option<String>,
    /// The MD5 checksum, 32 hexadecimal digits. Missing right after an upload.
    #[serde(default)]
    pub md5: Option<String>,
    /// The storage region, such as `us-east-1`. Files only.
    #[serde(default)]
    pub region: Option<String>,
    /// The permissions of the caller.
    #[serde(default)]
    pub permissions: Option<FilePermissions>,
    /// The presigned download URL. Valid for three minutes and without credentials: the URL itself grants access to the
    /// file. Only present in the response of [`Files::download_url`](crate::Files::download_url).
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub download_uri: Option<Secret>,
    /// Whether the setting "lock subfolders" is on. Folders only.
    #[serde(
        default,
        rename = "subfolders_locked?",
        alias = "subfolders_locked",
        alias = "subfolders-locked",
        deserialize_with = "lenient::optional_bool"
    )]
    pub subfolders_locked: Option<bool>,
}

impl File {
    /// Returns whether this is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.file_type == Some(FileType::Directory)
    }

    /// Returns the size in bytes, or zero if it is missing. The documentation states a size of 0 for folders. Responses
    /// omit it.
    #[must_use]
    pub fn size_or_zero(&self) -> u64 {
        self.size.unwrap_or_default()
    }

    /// The last segment of the path.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.display_name {
            Some(name) => name,
            None => self.path.rsplit('/').next().unwrap_or_default(),
        }
    }
}

/// Permissions of the caller on a file or folder: a set of letters. The service documents `p`, `r`, `w` and `d`.
///
/// # Examples
///
/// ```
/// use brickftp::FilePermissions;
///
/// let permissions = FilePermissions::from("rwd");
/// assert!(permissions.can_read() && permissions.can_write() && permissions.can_delete());
/// assert_eq!(permissions.to_string(), "rwd");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FilePermissions(u64);

impl FilePermissions {
    /// Returns whether the set contains this letter. Unknown letters are preserved.
    #[must_use]
    pub fn contains(self, letter: char) -> bool {
        bit(letter).is_some_and(|bit| self.0 & bit != 0)
    }

    /// Returns whether the entry can be listed and previewed (`p` or `l`). Read permission includes it.
    #[must_use]
    pub fn can_list(self) -> bool {
        self.contains('p') || self.contains('l') || self.can_read()
    }

    /// Returns whether the entry can be downloaded (`r`).
    #[must_use]
    pub fn can_read(self) -> bool {
        self.contains('r')
    }

    /// Returns whether the entry can be written (`w`).
    #[must_use]
    pub fn can_write(self) -> bool {
        self.contains('w')
    }

    /// Returns whether the entry can be deleted (`d`).
    #[must_use]
    pub fn can_delete(self) -> bool {
        self.contains('d')
    }

    fn letters(self) -> impl Iterator<Item = char> {
        // The service's order of the documented letters.
        let documented = "lprwd".chars();
        let additional = ('a'..='z').chain('A'..='Z').filter(|letter| !"lprwd".contains(*letter));
        documented.chain(additional).filter(move |letter| self.contains(*letter))
    }
}

fn bit(letter: char) -> Option<u64> {
    let place = match letter {
        'a'..='z' => u32::from(letter) - u32::from('a'),
        'A'..='Z' => u32::from(letter) - u32::from('A') + 26,
        _ => return None,
    };
    Some(1 << place)
}

impl From<&str> for FilePermissions {
    /// Characters other than ASCII letters are ignored.
    fn from(letters: &str) -> Self {
        Self(letters.chars().filter_map(bit).fold(0, |all, bit| all | bit))
    }
}

impl fmt::Display for FilePermissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.letters().try_for_each(|letter| fmt::Write::write_char(f, letter))
    }
}

impl fmt::Debug for FilePermissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FilePermissions({self})")
    }
}

impl<'de> Deserialize<'de> for FilePermissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Letters;
        impl Visitor<'_> for Letters {
            type Value = FilePermissions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("letters")
            }

            fn visit_str<E: serde::de::Error>(self, letters: &str) -> Result<FilePermissions, E> {
                Ok(letters.into())
            }
        }
        deserializer.deserialize_str(Letters)
    }
}

/// Deserializes a size in bytes that may be a number, a string or absent.
pub(crate) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = lenient::optional_integer(deserializer)?;
    number.map(|number| u64::try_from(number).map_err(|_| serde::de::Error::custom("a negative size"))).transpose()
}
