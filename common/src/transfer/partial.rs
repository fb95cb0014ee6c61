//! A download on its way to a file: what is there already, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::chunks::CHUNK;
use super::fetch::Version;
use super::file::{PartFile, failed, sync_directory};
use super::source::clamp;
use super::storage::Held;
use crate::{Error, Result};

/// What stands behind the bytes of a file that is not complete. It goes when the file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notes {
    /// What is downloaded.
    pub(super) origin: String,
    pub(super) tag: String,
    pub(super) total: u64,
    pub(super) segment: u64,
    /// Since when the machine has been running. What was written before a crash of the machine may never have reached
    /// the disk, whatever the notes say.
    running: Option<String>,
    /// Segments that are complete, with their sums where these are needed.
    pub(super) done: BTreeMap<u64, Option<u32>>,
}

/// What the name of an unfinished file ends in.
pub(super) const UNFINISHED: &str = ".part";

const MAGIC: &[u8; 8] = b"mft-part";
/// Magic, length and sum.
const HEAD: u64 = 16;
const MAX_NOTES: u64 = 16 << 20;

impl Notes {
    pub(super) fn new(origin: &str, version: &Version, total: u64, segment: u64) -> Option<Self> {
        let tag = version.tag.clone()?;
        Some(Self { origin: origin.to_owned(), tag, total, segment, running: running_since(), done: BTreeMap::new() })
    }

    /// The version that the bytes are of.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        let ours = (&self.origin, &self.tag, self.total, self.segment, &self.running);
        ours == (&other.origin, &other.tag, other.total, other.segment, &other.running)
    }

    fn write(&self, file: &PartFile) -> Result<()> {
        let text = serde_json::to_vec(self).map_err(|_| Error::other("the notes of a download cannot be written"))?;
        let mut bytes = Vec::with_capacity(text.len() + clamp(HEAD));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&text).to_le_bytes());
        bytes.extend_from_slice(&text);
        file.write_at(&bytes, self.total)
    }

    /// Reads the notes that an earlier try left behind the first `total` bytes.
    fn read(file: &PartFile, total: u64) -> Option<Self> {
        let length = file.len().ok()?;
        let mut head = [0; 16];
        if length < total.checked_add(HEAD)? {
            return None;
        }
        file.read_at(&mut head, total).ok()?;
        let size = u64::from(u32::from_le_bytes(head[8..12].try_into().ok()?));
        if head[..8] != *MAGIC || size > MAX_NOTES || length < total + HEAD + size {
            return None;
        }
        let mut text = vec![0; clamp(size)];
        file.read_at(&mut text, total + HEAD).ok()?;
        if crc32fast::hash(&text).to_le_bytes() != head[12..] {
            return None;
        }
        serde_json::from_slice(&text).ok()
    }
}

fn running_since() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned())
}

/// The file that becomes the target once it is complete.
pub(super) struct Partial {
    pub(super) file: Arc<PartFile>,
    target: PathBuf,
    keeps: AtomicBool,
    finished: AtomicBool,
    pub(super) notes: Mutex<Option<Notes>>,
    _claim: Claim,
    // After the claim, so that the next download can have the place when this is gone.
    _held: Option<Held>,
}

impl Partial {
    /// Opens the file beside the target. Blocks.
    pub(super) fn open(target: &Path, keeps: bool, held: Option<Held>) -> Result<Self> {
        let path = part_path(target)?;
        let claim = Claim::of([&path, target])?;
        let file = Arc::new(PartFile::open(path)?);
        Ok(Self {
            file,
            target: target.to_owned(),
            keeps: AtomicBool::new(keeps),
            finished: AtomicBool::new(false),
            notes: Mutex::new(None),
            _claim: claim,
            _held: held,
        })
    }

    /// The first segment that an earlier try has not left here, if it was one of the same size. Blocks.
    pub(super) fn first_missing(&self, total: u64, segment: u64) -> u64 {
        let notes = Notes::read(&self.file, total).filter(|notes| notes.segment == segment);
        let done = notes.map(|notes| notes.done).unwrap_or_default();
        (0..total.div_ceil(segment)).find(|index| !done.contains_key(index)).unwrap_or(0)
    }

    /// Takes over what an earlier try left of the same version, or begins anew. Blocks.
    pub(super) fn resume(&self, notes: Option<Notes>) -> Result<BTreeMap<u64, Option<u32>>> {
        let earlier = notes
            .as_ref()
            .and_then(|notes| Notes::read(&self.file, notes.total).filter(|earlier| earlier.is_of(notes)));
        let done = earlier.as_ref().map(|earlier| earlier.done.clone()).unwrap_or_default();
        if done.is_empty() {
            self.file.set_len(0)?;
        }
        *self.notes.lock().unwrap_or_else(PoisonError::into_inner) = earlier.or(notes);
        Ok(done)
    }

    /// Notes that a segment is there. Blocks.
    pub(super) fn done(&self, segment: u64, sum: Option<u32>) -> Result<()> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(notes) = notes.as_mut() else { return Ok(()) };
        notes.done.insert(segment, sum);
        notes.write(&self.file)
    }

    /// The sum of what is there already. Blocks.
    pub(super) fn crc32_of(&self, range: Range<u64>) -> Result<u32> {
        let mut sum = crc32fast::Hasher::new();
        let mut buffer = vec![0; CHUNK];
        let mut at = range.start;
        while at < range.end {
            let size = clamp(range.end - at).min(CHUNK);
            self.file.read_at(&mut buffer[..size], at)?;
            sum.update(&buffer[..size]);
            at += size as u64;
        }
        Ok(sum.finalize())
    }

    /// What is here is worth nothing: it is not, or no longer, what the server has.
    pub(super) fn spoil(&self) {
        self.keeps.store(false, Relaxed);
    }

    /// Makes the target of it. Blocks.
    pub(super) fn finish(&self, total: u64, syncs: bool) -> Result<()> {
        if syncs {
            // This takes its time, and whoever is stopped meanwhile can still go on by the notes.
            self.file.sync()?;
        }
        if self.file.len()? != total {
            self.file.set_len(total)?;
            if syncs {
                self.file.sync()?;
            }
        }
        std::fs::rename(&self.file.path, &self.target).map_err(|error| failed("replace", &self.target, error))?;
        self.finished.store(true, Relaxed);
        if syncs {
            sync_directory(&self.target);
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let worth_keeping = {
            let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            notes.as_ref().is_some_and(|notes| !notes.done.is_empty())
        };
        if !(self.finished.load(Relaxed) || self.keeps.load(Relaxed) && worth_keeping) {
            let _ = std::fs::remove_file(&self.file.path);
        }
    }
}

fn part_path(target: &Path) -> Result<PathBuf> {
    let name = target.file_name().ok_or_else(|| Error::invalid_input("target", "does not end in a file name"))?;
    if target.is_dir() {
        return Err(Error::invalid_input("target", format_args!("{} is a directory", target.display())));
    }
    let mut part = OsString::from(name);
    part.push(UNFINISHED);
    Ok(target.with_file_name(part))
}

/// Refuses a target that cannot become a file, before anything is asked of a service. Blocks.
pub(super) fn check_target(target: &Path, overwrites: bool) -> Result<()> {
    part_path(target)?;
    if !overwrites && target.symlink_metadata().is_ok() {
        return Err(Error::invalid_input("target", format_args!("{} exists already", target.display())));
    }
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    if parent.is_some_and(|parent| !parent.is_dir()) {
        return Err(Error::invalid_input("target", format_args!("{} is in no directory", target.display())));
    }
    Ok(())
}

/// One download of this process at a time writes to a file. Both names count: the unfinished file of one download may have
/// the name of another one's target.
struct Claim([PathBuf; 2]);

static CLAIMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

impl Claim {
    fn of(paths: [&Path; 2]) -> Result<Self> {
        let [one, other] = paths.map(whole);
        let claim = [one?, other?];
        let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = claim.iter().find(|path| claimed.contains(*path)) {
            return Err(Error::invalid_input("target", format_args!("{} is being downloaded already", path.display())));
        }
        claimed.extend(claim.iter().cloned());
        Ok(Self(claim))
    }
}

/// The same for all ways to write a path, as far as its folder goes.
fn whole(path: &Path) -> Result<PathBuf> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = parent.canonicalize().map_err(|error| failed("find", parent, error))?;
    Ok(path.file_name().map_or(folder.clone(), |name| folder.join(name)))
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
        for path in &self.0 {
            claimed.remove(path);
        }
    }
}
