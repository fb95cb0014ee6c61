//! The content of simulated files: in memory up to a limit, then in files, or discarded.
//!
//! A [`BlobStore`] creates [`Writer`]s, each of which becomes a [`Blob`]. A [`Content`] is a list of blobs, so that an
//! object that consists of parts needs no copy. Memory and files are freed when the last handle is dropped.

mod content;
mod pattern;
mod spill;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

pub(crate) use self::content::{Content, Reader};
pub use self::pattern::pattern;
use self::spill::{SpillDirectory, SpillFile};
pub(crate) use self::writer::Writer;
use crate::lock;

/// The unit of reading, writing and sending: large enough to amortize the cost of each step.
const BLOCK: usize = 256 * 1024;

/// The content of one simulator.
#[derive(Debug)]
pub(crate) struct BlobStore {
    resident: Arc<AtomicU64>,
    peak_resident: AtomicU64,
    memory_limit: u64,
    parent: PathBuf,
    folder: Mutex<Option<Arc<SpillDirectory>>>,
    keeps_content: bool,
    checksums: bool,
}

impl BlobStore {
    /// Files are created in `folder` when `memory_limit` is reached. Default: the system's directory for temporary
    /// files.
    pub(crate) fn new(memory_limit: u64, folder: Option<PathBuf>, keeps_content: bool, checksums: bool) -> Arc<Self> {
        Arc::new(Self {
            resident: Arc::default(),
            peak_resident: AtomicU64::new(0),
            memory_limit,
            parent: folder.unwrap_or_else(std::env::temp_dir),
            folder: Mutex::default(),
            keeps_content,
            checksums,
        })
    }

    /// Returns the largest number of bytes that were in memory at once.
    pub(crate) fn peak_resident(&self) -> u64 {
        self.peak_resident.load(Ordering::Relaxed)
    }

    pub(crate) fn checksums(&self) -> bool {
        self.checksums
    }

    pub(crate) fn writer(self: &Arc<Self>) -> Writer {
        Writer::new(Arc::clone(self))
    }

    /// Reserves memory. Returns `None` if the limit is reached.
    fn reserve(&self, bytes: u64) -> Option<Reservation> {
        let within = |resident: u64| resident.checked_add(bytes).filter(|sum| *sum <= self.memory_limit);
        let previous = self.resident.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).ok()?;
        self.peak_resident.fetch_max(previous + bytes, Ordering::Relaxed);
        Some(Reservation { resident: Arc::clone(&self.resident), bytes })
    }

    /// Creates a file. Blocks.
    fn create_file(&self) -> std::io::Result<(SpillFile, std::fs::File)> {
        let folder = {
            let mut folder = lock(&self.folder);
            match &*folder {
                Some(folder) => Arc::clone(folder),
                None => Arc::clone(folder.insert(Arc::new(SpillDirectory::create(&self.parent)?))),
            }
        };
        SpillFile::create(folder)
    }
}

/// Memory that is reserved until this is dropped.
#[derive(Debug)]
struct Reservation {
    resident: Arc<AtomicU64>,
    bytes: u64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.resident.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Content that was written in one go, such as a part.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    pub(crate) length: u64,
    pub(crate) md5: Option<[u8; 16]>,
    pub(crate) crc32: Option<u32>,
    data: Arc<BlobData>,
}

#[derive(Debug)]
enum BlobData {
    /// Each has [`BLOCK`] bytes, except the last.
    Blocks(Vec<Bytes>, #[allow(dead_code)] Vec<Reservation>),
    Whole(Bytes),
    File(SpillFile),
    Pattern(u64),
    /// The content was counted and discarded. It reads as zeros.
    Zeros,
}

impl Blob {
    /// Wraps bytes that are in memory already.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::new(bytes.len() as u64, BlobData::Whole(bytes))
    }

    /// Creates a blob whose bytes are [generated](pattern) when they are read.
    pub(crate) fn pattern(length: u64, seed: u64) -> Self {
        Self::new(length, BlobData::Pattern(seed))
    }

    fn new(length: u64, data: BlobData) -> Self {
        Self { length, md5: None, crc32: None, data: Arc::new(data) }
    }
}
