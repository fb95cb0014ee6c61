//! Locks on local paths, so that two downloads of this process never write to the same file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::transfer::local::file::io_error;
use crate::{Error, Result};

static LOCKED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Locks a target and its partial file until it is dropped. Both are locked because the partial file of one download may
/// be the target of another.
pub(crate) struct PathLock([PathBuf; 2]);

impl PathLock {
    /// Fails if one of the paths is locked. Blocks on the file system, but never waits for the lock.
    pub(crate) fn acquire(paths: [&Path; 2]) -> Result<Self> {
        let [first, second] = paths.map(canonical);
        let paths = [first?, second?];
        let mut locked = LOCKED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = paths.iter().find(|path| locked.contains(*path)) {
            return Err(Error::invalid_input("target", format_args!("{} is already being downloaded", path.display())));
        }
        locked.extend(paths.iter().cloned());
        Ok(Self(paths))
    }
}

impl Drop for PathLock {
    fn drop(&mut self) {
        let mut locked = LOCKED.lock().unwrap_or_else(PoisonError::into_inner);
        for path in &self.0 {
            locked.remove(path);
        }
    }
}

/// Returns the path with its directory in canonical form. The file itself need not exist.
fn canonical(path: &Path) -> Result<PathBuf> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = parent.canonicalize().map_err(|error| io_error("find", parent, error))?;
    Ok(path.file_name().map_or(directory.clone(), |name| directory.join(name)))
}
