//! What the site answers: documents in several formats.

pub(crate) mod document;
pub(crate) mod error;
pub(crate) mod format;
pub(crate) mod times;
