//! The local side of a transfer: files, safe file names, and partial files with their manifests and locks.

pub(crate) mod file;
pub(crate) mod manifest;
pub(crate) mod partial_file;
pub(crate) mod path;
pub(crate) mod path_lock;
