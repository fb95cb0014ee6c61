//! Sources whose parts can be read in any order and more than once.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::transfer::local::file::{SourceFile, blocking, to_usize};
use crate::transfer::source::chunks::{ByteChunks, Chunks, FileChunks, OpenAt, ReopenedChunks};
use crate::{Error, Result};

/// A source whose parts can be read in any order and more than once.
#[derive(Clone)]
pub(crate) enum Seekable {
    Bytes(Bytes),
    File(Arc<SourceFile>),
    Reopen { size: u64, open: OpenAt },
}

/// Tells sources apart when an upload is resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    pub(crate) size: u64,
    /// The modification time of a file, in nanoseconds since the Unix epoch.
    modified: Option<u128>,
    /// The CRC32 of the first and the last bytes.
    ends: Option<u32>,
}

/// How many bytes at either end are part of a fingerprint.
const SAMPLE: u64 = 64 * 1024;

impl Seekable {
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(file) => file.size,
            Self::Reopen { size, .. } => *size,
        }
    }

    pub(crate) async fn fingerprint(&self) -> Result<Fingerprint> {
        let size = self.size();
        let mut hasher = crc32fast::Hasher::new();
        let (head, tail) = (0..SAMPLE.min(size), size.saturating_sub(SAMPLE)..size);
        match self {
            Self::Bytes(bytes) => {
                hasher.update(&bytes[..to_usize(head.end)]);
                hasher.update(&bytes[to_usize(tail.start)..]);
                Ok(Fingerprint { size, modified: None, ends: Some(hasher.finalize()) })
            }
            Self::File(file) => {
                let file = Arc::clone(file);
                let modified = file.modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
                let ends = blocking(move || {
                    for range in [head, tail] {
                        let mut sample = vec![0; to_usize(range.end - range.start)];
                        file.read_at(&mut sample, range.start)?;
                        hasher.update(&sample);
                    }
                    Ok::<_, Error>(hasher.finalize())
                });
                Ok(Fingerprint { size, modified: modified.as_ref().map(Duration::as_nanos), ends: Some(ends.await??) })
            }
            Self::Reopen { .. } => Ok(Fingerprint { size, modified: None, ends: None }),
        }
    }

    /// Returns the chunks of a range.
    pub(crate) fn chunks(&self, range: Range<u64>) -> Chunks {
        match self {
            Self::Bytes(bytes) => {
                Chunks::Bytes(ByteChunks::new(bytes.slice(to_usize(range.start)..to_usize(range.end))))
            }
            Self::File(file) => Chunks::File(FileChunks::new(Arc::clone(file), range)),
            Self::Reopen { open, .. } => Chunks::Reopened(ReopenedChunks::new(open, range)),
        }
    }

    /// Fails if a file has changed since it was opened.
    pub(crate) async fn check_unchanged(&self) -> Result<()> {
        match self {
            Self::File(file) => {
                let file = Arc::clone(file);
                blocking(move || file.check_unchanged()).await?
            }
            _ => Ok(()),
        }
    }
}
