//! What the service says of a file or folder.

use std::fmt;

use mft_common::provider::lenient;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use crate::{OffsetDateTime, Secret};
use mft_common::numeric_id;

numeric_id! {
    /// A file or folder.
    FileId
}

mft_common::open_enum! {
    /// What stands at a path.
    FileType {
        /// A file.
        File = "file",
        /// A folder.
        Directory = "directory",
    }
}

/// A file or a folder.
///
/// The service has one type for both, and so do we: [`File::is_folder`] tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct File {
    /// The id. Not every reply has it; the path is what operations take.
    #[serde(default)]
    pub id: Option<FileId>,
    /// The whole path, without a slash at either end.
    pub path: String,
    /// The last segment of the path.
    #[serde(default)]
    pub display_name: Option<String>,
    /// File or folder.
    #[serde(default, rename = "type")]
    pub file_type: Option<FileType>,
    /// The size in bytes. Folders have none; see [`File::size_or_zero`].
    #[serde(default, deserialize_with = "size")]
    pub size: Option<u64>,
    /// When it was last changed, as the service counts it.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub mtime: Option<OffsetDateTime>,
    /// When it was last changed, as the client said that uploaded it.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub provided_mtime: Option<OffsetDateTime>,
    /// The CRC-32, 8 hexadecimal digits. Missing right after an upload.
    #[serde(default)]
    pub crc32: Option<String>,
    /// The MD5, 32 hexadecimal digits. Missing right after an upload.
    #[serde(default)]
    pub md5: Option<String>,
    /// Where the bytes are kept, such as `us-east-1`. Files only.
    #[serde(default)]
    pub region: Option<String>,
    /// What the caller may do here.
    #[serde(default)]
    pub permissions: Option<FilePermissions>,
    /// Where the bytes can be fetched for three minutes, without any credential: whoever has the address has the file.
    /// Only in the reply to [`Files::download_url`](crate::Files::download_url).
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
    /// Whether it is a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.file_type == Some(FileType::Directory)
    }

    /// The size in bytes, zero for what has none. The service's documentation gives folders a size of 0, its replies none.
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

/// What the caller may do with a file or folder: a set of letters, of which the service documents `p`, `r`, `w` and `d`.
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
    /// Whether the letter is in the set. Letters that this version has no word for are kept.
    #[must_use]
    pub fn contains(self, letter: char) -> bool {
        bit(letter).is_some_and(|bit| self.0 & bit != 0)
    }

    /// `p` or `l`: it is listed and can be previewed. Whoever may read may that too.
    #[must_use]
    pub fn can_list(self) -> bool {
        self.contains('p') || self.contains('l') || self.can_read()
    }

    /// `r`: it can be downloaded.
    #[must_use]
    pub fn can_read(self) -> bool {
        self.contains('r')
    }

    /// `w`: it can be written.
    #[must_use]
    pub fn can_write(self) -> bool {
        self.contains('w')
    }

    /// `d`: it can be deleted.
    #[must_use]
    pub fn can_delete(self) -> bool {
        self.contains('d')
    }

    fn letters(self) -> impl Iterator<Item = char> {
        // The order in which the service writes those that it documents.
        let known = "lprwd".chars();
        let others = ('a'..='z').chain('A'..='Z').filter(|letter| !"lprwd".contains(*letter));
        known.chain(others).filter(move |letter| self.contains(*letter))
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
    /// Anything that is no ASCII letter is passed over.
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

/// Reads a size in bytes: a number, a number as text, or nothing.
pub(crate) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = lenient::optional_integer(deserializer)?;
    number.map(|number| u64::try_from(number).map_err(|_| serde::de::Error::custom("a negative size"))).transpose()
}
