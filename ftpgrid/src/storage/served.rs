//! Metadata of a download, from the response headers.

use http::{HeaderMap, HeaderName, header};

use super::disposition;

/// The name of a download without a safe one.
pub(super) const DEFAULT_NAME: &str = "ftpgrid_download";

/// The metadata of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServedFile {
    /// A file name that is safe on all common operating systems: the name from the response or, if it is not safe, the
    /// last segment of the path. If neither is safe, `ftpgrid_download`.
    ///
    /// Unsafe names could escape the directory or be displayed as another name, for example `..`, `CON`, or names with a
    /// colon, a trailing dot or a bidirectional control character.
    pub name: String,
    /// The media type, if the service sends one.
    pub content_type: Option<String>,
    /// The size in bytes, if the service sends it before the content.
    pub size: Option<u64>,
    /// Whether the content is a file or an archive.
    pub kind: ServedKind,
}

/// The kind of content of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServedKind {
    /// The file as stored.
    File,
    /// A ZIP archive of several files.
    Zip,
}

impl ServedFile {
    pub(super) fn read(headers: &HeaderMap, fallback: &str, kind: ServedKind) -> Self {
        let name = headers.get(header::CONTENT_DISPOSITION).and_then(|value| disposition::file_name(value.as_bytes()));
        Self {
            name: name.unwrap_or_else(|| disposition::safe(fallback).unwrap_or(DEFAULT_NAME).to_owned()),
            content_type: text(headers, header::CONTENT_TYPE).map(str::to_owned),
            size: text(headers, header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            kind,
        }
    }
}

/// Returns the media type without parameters, in lowercase.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let content_type = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
