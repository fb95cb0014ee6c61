use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use crate::data::{Blob, Content};
use crate::storage::hex;

/// The checksums of one file, computed on demand.
#[derive(Default)]
pub(crate) struct FileChecksums {
    values: OnceLock<([u8; 32], u32)>,
    computing: AtomicBool,
}

/// The size up to which checksums are computed synchronously. Larger content is read on another thread.
const SMALL: u64 = 8 << 20;

impl FileChecksums {
    /// Creates the checksums of content that was hashed while it arrived.
    pub(crate) fn of(hasher: FileHasher) -> Arc<Self> {
        let checksums = Self::default();
        let _ = checksums.values.set(hasher.finish());
        Arc::new(checksums)
    }

    /// Returns the SHA-256 in hexadecimal, or `None` until it is computed. For large generated files the first call starts
    /// the computation.
    pub(crate) fn sha256(self: &Arc<Self>, piece: &Blob) -> Option<String> {
        self.values(piece).map(|(sha256, _)| hex(&sha256))
    }

    /// Returns the CRC-32 as eight hexadecimal digits; see [`sha256`](Self::sha256).
    pub(crate) fn crc32(self: &Arc<Self>, piece: &Blob) -> Option<String> {
        self.values(piece).map(|(_, crc32)| format!("{crc32:08x}"))
    }

    fn values(self: &Arc<Self>, piece: &Blob) -> Option<([u8; 32], u32)> {
        if self.values.get().is_none() && !self.computing.swap(true, Ordering::Relaxed) {
            if piece.length <= SMALL {
                self.compute(piece);
            } else {
                let (checksums, piece) = (Arc::clone(self), piece.clone());
                // If no thread can be started, the checksums stay unknown. Callers handle that case anyway.
                let _ = std::thread::Builder::new().spawn(move || checksums.compute(&piece));
            }
        }
        self.values.get().copied()
    }

    fn compute(&self, piece: &Blob) {
        let mut hasher = FileHasher::default();
        let mut reader = Content::new(vec![piece.clone()]).reader();
        // A file that cannot be read has no checksums.
        while let Ok(block) = reader.fetch() {
            let Some(bytes) = block else {
                let _ = self.values.set(hasher.finish());
                return;
            };
            hasher.update(&bytes);
        }
    }

    /// Returns the CRC-32, computed now if necessary. Blocks.
    pub(crate) fn crc32_now(&self, piece: &Blob) -> u32 {
        if self.values.get().is_none() {
            self.compute(piece);
        }
        self.values.get().map_or(0, |(_, crc32)| *crc32)
    }
}

impl fmt::Debug for FileChecksums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileChecksums").field("computed", &self.values.get().is_some()).finish_non_exhaustive()
    }
}

/// Computes the checksums of a file incrementally.
#[derive(Default)]
pub(crate) struct FileHasher {
    sha256: Sha256,
    crc32: crc32fast::Hasher,
}

impl FileHasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.crc32.update(bytes);
    }

    fn finish(self) -> ([u8; 32], u32) {
        (self.sha256.finalize().into(), self.crc32.finalize())
    }
}
