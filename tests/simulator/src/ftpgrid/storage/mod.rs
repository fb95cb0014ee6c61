//! The Storage API: the file tree, its metadata, and the handlers that read and change them.

pub(crate) mod changes;
pub(crate) mod checksums;
pub(crate) mod downloads;
pub(crate) mod lists;
pub(crate) mod metadata;
pub(crate) mod path;
pub(crate) mod tree;
pub(crate) mod upload;
pub(crate) mod zip;
