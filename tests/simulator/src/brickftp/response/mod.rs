//! Response documents, errors, formats and times.

pub(crate) mod document;
pub(crate) mod error;
pub(crate) mod format;
pub(crate) mod times;
