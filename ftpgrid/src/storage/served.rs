//! What the service says of a file that it is about to send.

use http::{HeaderMap, HeaderName, header};

use super::disposition;

/// What is in nobody's way.
pub(super) const NAMELESS: &str = "ftpgrid_download";

/// What the service says of the bytes of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServedFile {
    /// A name for the file, which a file can have on every common system: the service's own or, where it gives none
    /// that is safe to use, the last segment of the path. Where that is not safe either, `ftpgrid_download`.
    ///
    /// Unsafe is what leads elsewhere or shows as something else: `..`, a colon, `CON`, a dot at the end, a character
    /// that turns the direction of text around.
    pub name: String,
    /// The media type, as far as the service has an idea.
    pub content_type: Option<String>,
    /// The size in bytes, where the service names it beforehand.
    pub size: Option<u64>,
    /// Whether it is the file itself or an archive.
    pub kind: ServedKind,
}

/// What the bytes of a download are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServedKind {
    /// The file itself, as it is stored.
    File,
    /// A ZIP archive of several files.
    Zip,
}

impl ServedFile {
    pub(super) fn read(headers: &HeaderMap, fallback: &str, kind: ServedKind) -> Self {
        let name = headers.get(header::CONTENT_DISPOSITION).and_then(|value| disposition::file_name(value.as_bytes()));
        Self {
            name: name.unwrap_or_else(|| disposition::safe(fallback).unwrap_or(NAMELESS).to_owned()),
            content_type: text(headers, header::CONTENT_TYPE).map(str::to_owned),
            size: text(headers, header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            kind,
        }
    }
}

/// The media type without its parameters, in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let whole = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
