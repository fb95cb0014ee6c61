//! The error of an upload.

use std::fmt;
use std::ops::Deref;

use crate::Error;
use crate::transfer::upload::resume_token::ResumeToken;

/// The error of an upload, with the token that resumes it.
///
/// Dereferences to [`Error`] and converts to it, so that `?` works in functions that return [`Result`](crate::Result).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UploadError {
    /// Why the upload failed.
    pub error: Error,
    /// Resumes the upload. `None` if it had not started at the service or cannot be resumed.
    pub resume_token: Option<ResumeToken>,
}

impl Deref for UploadError {
    type Target = Error;

    fn deref(&self) -> &Error {
        &self.error
    }
}

impl From<UploadError> for Error {
    fn from(error: UploadError) -> Self {
        error.error
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for UploadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}
