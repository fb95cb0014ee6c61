//! Temporary files.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A file that is removed on drop.
pub(super) struct Temporary(PathBuf);

impl Temporary {
    pub(super) fn new(name: &str) -> Self {
        // Several tours may run in one process.
        static TOURS: AtomicU32 = AtomicU32::new(0);
        let (process, tour) = (std::process::id(), TOURS.fetch_add(1, Relaxed));
        Self(std::env::temp_dir().join(format!("mft-tour-{process}-{tour}-{name}")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // The file may not exist.
        let _ = std::fs::remove_file(&self.0);
    }
}
