//! Targets of moves and renames.

/// The new path of a file or directory, for [`Storage::move_to`](crate::Storage::move_to).
///
/// A separate type, so that source and destination cannot be swapped unnoticed.
///
/// # Examples
///
/// ```
/// use ftpgrid::Destination;
///
/// let archive = Destination::new("/archive/2026/scan 7.pdf");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a destination has no effect until it is passed to `move_to` or `move_many`"]
pub struct Destination(String);

impl Destination {
    /// Creates a destination. The path is absolute; a missing leading slash is added.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    pub(super) fn path(&self) -> &str {
        &self.0
    }
}

/// The new name of a file or directory, for [`Storage::rename`](crate::Storage::rename).
///
/// # Examples
///
/// ```
/// use ftpgrid::NewName;
///
/// let name = NewName::new("contract.pdf");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a name has no effect until it is passed to `rename`"]
pub struct NewName(String);

impl NewName {
    /// Creates a name: a single path segment.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
