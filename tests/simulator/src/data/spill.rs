use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The directory for the files of one simulator. It is removed after the last file.
#[derive(Debug)]
pub(super) struct SpillDirectory {
    path: PathBuf,
    files: AtomicU64,
}

impl SpillDirectory {
    pub(super) fn create(parent: &Path) -> io::Result<Self> {
        fs::create_dir_all(parent)?;
        let mut number = 0_u32;
        loop {
            let path = parent.join(format!("mft-simulator-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path, files: AtomicU64::new(0) }),
                // Another simulator of this process, or of an earlier process with the same id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for SpillDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.path);
    }
}

/// A file that is removed when the last handle is dropped.
#[derive(Debug)]
pub(super) struct SpillFile {
    path: PathBuf,
    // Dropped after the file is removed, so that the directory is empty.
    _folder: Arc<SpillDirectory>,
}

impl SpillFile {
    pub(super) fn create(folder: Arc<SpillDirectory>) -> io::Result<(Self, File)> {
        let number = folder.files.fetch_add(1, Ordering::Relaxed);
        let path = folder.path.join(format!("{number}.part"));
        let file = File::create_new(&path)?;
        Ok((Self { path, _folder: folder }, file))
    }

    pub(super) fn open(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

impl Drop for SpillFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
