//! Files for a while.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A file that goes with this.
pub(super) struct Temporary(PathBuf);

impl Temporary {
    pub(super) fn new(name: &str) -> Self {
        // Several tours may be under way in one process.
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
        // It may never have been made.
        let _ = std::fs::remove_file(&self.0);
    }
}
