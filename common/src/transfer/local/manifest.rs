//! The manifest of a partial download: which version its bytes belong to, and which ranges are complete.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::transfer::local::file::{TargetFile, to_usize};
use crate::{Error, Result};

/// Stored behind the last byte of a partial file, and removed once the file is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartialManifest {
    /// Identifies the downloaded file at the service.
    origin: String,
    /// The strong validator of the version.
    tag: String,
    pub(crate) total: u64,
    /// The size of a range in bytes.
    pub(crate) segment: u64,
    /// Identifies the boot of the machine. After a crash of the machine, ranges in the manifest may not be on the disk.
    running: Option<String>,
    /// The indexes of complete ranges, with their CRC32 if it is needed.
    pub(crate) done: BTreeMap<u64, Option<u32>>,
}

const MAGIC: &[u8; 8] = b"mft-part";
/// Magic, length and checksum.
const HEADER_SIZE: u64 = 16;
const MAX_MANIFEST_SIZE: u64 = 16 << 20;

impl PartialManifest {
    pub(crate) fn new(origin: &str, tag: String, total: u64, segment: u64) -> Self {
        Self { origin: origin.to_owned(), tag, total, segment, running: boot_id(), done: BTreeMap::new() }
    }

    /// Returns whether both manifests describe the same ranges of the same version.
    pub(crate) fn is_compatible(&self, other: &Self) -> bool {
        let key = (&self.origin, &self.tag, self.total, self.segment, &self.running);
        key == (&other.origin, &other.tag, other.total, other.segment, &other.running)
    }

    /// Writes the manifest behind the content. Blocks.
    pub(crate) fn write(&self, file: &TargetFile) -> Result<()> {
        let json = serde_json::to_vec(self).map_err(|_| Error::other("cannot serialize the manifest of a download"))?;
        let mut bytes = Vec::with_capacity(json.len() + to_usize(HEADER_SIZE));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&json).to_le_bytes());
        bytes.extend_from_slice(&json);
        file.write_at(&bytes, self.total)
    }

    /// Reads the manifest that an earlier download left behind the first `total` bytes. Blocks.
    pub(crate) fn read(file: &TargetFile, total: u64) -> Option<Self> {
        let length = file.len().ok()?;
        let mut header = [0; 16];
        if length < total.checked_add(HEADER_SIZE)? {
            return None;
        }
        file.read_at(&mut header, total).ok()?;
        let size = u64::from(u32::from_le_bytes(header[8..12].try_into().ok()?));
        if header[..8] != *MAGIC || size > MAX_MANIFEST_SIZE || length < total + HEADER_SIZE + size {
            return None;
        }
        let mut json = vec![0; to_usize(size)];
        file.read_at(&mut json, total + HEADER_SIZE).ok()?;
        if crc32fast::hash(&json).to_le_bytes() != header[12..] {
            return None;
        }
        serde_json::from_slice(&json).ok()
    }
}

fn boot_id() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned())
}
