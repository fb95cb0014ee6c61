//! The partial file of a download, which becomes the target once it is complete.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::transfer::checksum::{ChecksumHasher, Checksums};
use crate::transfer::handle::TaskGuard;
use crate::transfer::local::file::{TargetFile, io_error, sync_directory, to_usize};
use crate::transfer::local::manifest::PartialManifest;
use crate::transfer::local::path_lock::PathLock;
use crate::{Error, Result};

/// The suffix of a partial file's name.
pub(crate) const PARTIAL_SUFFIX: &str = ".part";

const READ_SIZE: usize = 256 * 1024;

/// The file beside the target that a download writes to. All methods block.
pub(crate) struct PartialFile {
    pub(crate) file: Arc<TargetFile>,
    target: PathBuf,
    keep: AtomicBool,
    finished: AtomicBool,
    manifest: Mutex<Option<PartialManifest>>,
    _lock: PathLock,
    // Dropped after the lock, so that the next download can lock the path once this transfer has ended.
    _guard: TaskGuard,
}

impl PartialFile {
    pub(crate) fn open(target: &Path, keep: bool, guard: TaskGuard) -> Result<Self> {
        let path = partial_path(target)?;
        let lock = PathLock::acquire([&path, target])?;
        Ok(Self {
            file: Arc::new(TargetFile::open(path)?),
            target: target.to_owned(),
            keep: AtomicBool::new(keep),
            finished: AtomicBool::new(false),
            manifest: Mutex::new(None),
            _lock: lock,
            _guard: guard,
        })
    }

    /// Returns the first range that an earlier download of a file of this size has not completed.
    pub(crate) fn first_missing(&self, total: u64, segment: u64) -> u64 {
        let manifest = PartialManifest::read(&self.file, total).filter(|manifest| manifest.segment == segment);
        let ranges = manifest.map(|manifest| manifest.done).unwrap_or_default();
        (0..total.div_ceil(segment)).find(|index| !ranges.contains_key(index)).unwrap_or(0)
    }

    /// Returns the ranges that an earlier download of the same version has completed. Discards other content.
    pub(crate) fn resume(&self, manifest: Option<PartialManifest>) -> Result<BTreeMap<u64, Option<u32>>> {
        let earlier = manifest.as_ref().and_then(|manifest| {
            PartialManifest::read(&self.file, manifest.total).filter(|earlier| earlier.is_compatible(manifest))
        });
        let ranges = earlier.as_ref().map(|earlier| earlier.done.clone()).unwrap_or_default();
        if ranges.is_empty() {
            self.file.set_len(0)?;
        }
        *self.manifest.lock().unwrap_or_else(PoisonError::into_inner) = earlier.or(manifest);
        Ok(ranges)
    }

    /// Records a complete range.
    pub(crate) fn complete_range(&self, index: u64, crc32: Option<u32>) -> Result<()> {
        let mut manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(manifest) = manifest.as_mut() else { return Ok(()) };
        manifest.done.insert(index, crc32);
        manifest.write(&self.file)
    }

    /// Computes checksums of a range.
    pub(crate) fn checksums(&self, range: Range<u64>, mut hasher: ChecksumHasher) -> Result<Checksums> {
        let mut buffer = vec![0; READ_SIZE];
        let mut position = range.start;
        while position < range.end {
            let size = to_usize(range.end - position).min(READ_SIZE);
            self.file.read_at(&mut buffer[..size], position)?;
            hasher.update(&buffer[..size]);
            position += size as u64;
        }
        Ok(hasher.finish())
    }

    /// Removes the file when it is dropped, because its content is invalid.
    pub(crate) fn discard(&self) {
        self.keep.store(false, Relaxed);
    }

    /// Truncates the file to its content, and renames it to the target.
    pub(crate) fn finish(&self, total: u64, sync: bool) -> Result<()> {
        if sync {
            // Before the manifest is removed: a sync takes time, and a download that is aborted meanwhile can resume.
            self.file.sync()?;
        }
        if self.file.len()? != total {
            self.file.set_len(total)?;
            if sync {
                self.file.sync()?;
            }
        }
        std::fs::rename(&self.file.path, &self.target).map_err(|error| io_error("replace", &self.target, error))?;
        self.finished.store(true, Relaxed);
        if sync {
            sync_directory(&self.target);
        }
        Ok(())
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        let can_resume = {
            let manifest = self.manifest.lock().unwrap_or_else(PoisonError::into_inner);
            manifest.as_ref().is_some_and(|manifest| !manifest.done.is_empty())
        };
        if !(self.finished.load(Relaxed) || self.keep.load(Relaxed) && can_resume) {
            let _ = std::fs::remove_file(&self.file.path);
        }
    }
}

fn partial_path(target: &Path) -> Result<PathBuf> {
    let name = target.file_name().ok_or_else(|| Error::invalid_input("target", "does not end in a file name"))?;
    if target.is_dir() {
        return Err(Error::invalid_input("target", format_args!("{} is a directory", target.display())));
    }
    let mut partial = OsString::from(name);
    partial.push(PARTIAL_SUFFIX);
    Ok(target.with_file_name(partial))
}

/// Fails if the target cannot become a file. Checked before the first request. Blocks.
pub(crate) fn check_target(target: &Path, overwrite: bool) -> Result<()> {
    partial_path(target)?;
    if !overwrite && target.symlink_metadata().is_ok() {
        return Err(Error::invalid_input("target", format_args!("{} already exists", target.display())));
    }
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    if parent.is_some_and(|parent| !parent.is_dir()) {
        return Err(Error::invalid_input("target", format_args!("{} is not in a directory", target.display())));
    }
    Ok(())
}
