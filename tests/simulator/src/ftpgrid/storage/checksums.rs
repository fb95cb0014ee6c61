use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use crate::data::{Content, Piece};
use crate::storage::hex;

/// The checksums of one file, as soon as they are known.
#[derive(Default)]
pub(crate) struct Sums {
    known: OnceLock<([u8; 32], u32)>,
    computing: AtomicBool,
}

/// What takes no noticeable time to read; larger sums are computed by a thread.
const SMALL: u64 = 8 << 20;

impl Sums {
    /// Of bytes that were summed while they arrived.
    pub(crate) fn of(summing: Summing) -> Arc<Self> {
        let sums = Self::default();
        let _ = sums.known.set(summing.finish());
        Arc::new(sums)
    }

    /// SHA-256 in hex. `None` until it is known, which for large generated files takes a moment from the first question
    /// on.
    pub(crate) fn sha256(self: &Arc<Self>, piece: &Piece) -> Option<String> {
        self.known(piece).map(|(sha256, _)| hex(&sha256))
    }

    /// Eight hex digits; see [`sha256`](Self::sha256).
    pub(crate) fn crc32(self: &Arc<Self>, piece: &Piece) -> Option<String> {
        self.known(piece).map(|(_, crc32)| format!("{crc32:08x}"))
    }

    fn known(self: &Arc<Self>, piece: &Piece) -> Option<([u8; 32], u32)> {
        if self.known.get().is_none() && !self.computing.swap(true, Ordering::Relaxed) {
            if piece.length <= SMALL {
                self.compute(piece);
            } else {
                let (sums, piece) = (Arc::clone(self), piece.clone());
                // Without a thread the sums stay unknown, which callers have to live with anyway.
                let _ = std::thread::Builder::new().spawn(move || sums.compute(&piece));
            }
        }
        self.known.get().copied()
    }

    fn compute(&self, piece: &Piece) {
        let mut summing = Summing::default();
        let mut reader = Content::new(vec![piece.clone()]).reader();
        // A file that cannot be read has no sums.
        while let Ok(read) = reader.fetch() {
            let Some(bytes) = read else {
                let _ = self.known.set(summing.finish());
                return;
            };
            summing.update(&bytes);
        }
    }

    /// The CRC-32, computed now if need be. Blocks.
    pub(crate) fn crc32_now(&self, piece: &Piece) -> u32 {
        if self.known.get().is_none() {
            self.compute(piece);
        }
        self.known.get().map_or(0, |(_, crc32)| *crc32)
    }
}

impl fmt::Debug for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sums").field("known", &self.known.get().is_some()).finish_non_exhaustive()
    }
}

/// Takes bytes as they arrive.
#[derive(Default)]
pub(crate) struct Summing {
    sha256: Sha256,
    crc32: crc32fast::Hasher,
}

impl Summing {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.crc32.update(bytes);
    }

    fn finish(self) -> ([u8; 32], u32) {
        (self.sha256.finalize().into(), self.crc32.finalize())
    }
}
