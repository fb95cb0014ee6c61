use std::collections::HashMap;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use md5::{Digest, Md5};

use super::{Blob, Content, hex};

/// A handle to a stored object. The object exists until the last clone is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Object(Arc<ObjectData>);

#[derive(Debug)]
pub(crate) struct ObjectData {
    pub(crate) id: String,
    pub(crate) size: u64,
    /// Includes the quotes.
    pub(crate) etag: String,
    pub(super) modified_ms: i64,
    pub(super) stored: Arc<StoredContent>,
}

impl Deref for Object {
    type Target = ObjectData;

    fn deref(&self) -> &ObjectData {
        &self.0
    }
}

/// The existing objects, by id.
#[derive(Debug, Default)]
pub(super) struct Objects {
    by_id: HashMap<String, Weak<ObjectData>>,
    swept: usize,
}

impl Objects {
    pub(super) fn insert(&mut self, object: &Object) {
        // Removes dropped objects. Amortized, because the threshold doubles.
        if self.by_id.len() > 2 * self.swept + 1000 {
            self.by_id.retain(|_, object| object.strong_count() > 0);
            self.swept = self.by_id.len();
        }
        self.by_id.insert(object.id.clone(), Arc::downgrade(&object.0));
    }

    pub(super) fn get(&self, id: &str) -> Option<Object> {
        self.by_id.get(id)?.upgrade().map(Object)
    }
}

impl Object {
    pub(super) fn new(id: String, etag: String, modified_ms: i64, stored: Arc<StoredContent>) -> Self {
        Self(Arc::new(ObjectData { id, size: stored.content.length(), etag, modified_ms, stored }))
    }

    /// Returns the MD5 in hex. `None` until it is checksum: checksums of large objects are computed in the background,
    /// from the first call on. Always `None` if the settings disable checksums.
    pub(crate) fn md5(&self) -> Option<String> {
        self.stored.md5().map(|sum| hex(&sum))
    }

    /// Returns the CRC-32 as eight hex digits. See [`md5`](Self::md5).
    pub(crate) fn crc32(&self) -> Option<String> {
        self.stored.crc32().map(|sum| format!("{sum:08x}"))
    }
}

/// The content of an object and its checksums.
pub(super) struct StoredContent {
    pub(super) content: Content,
    checksums: bool,
    md5: OnceLock<[u8; 16]>,
    crc32: OnceLock<u32>,
    computing: AtomicBool,
}

/// Checksums of larger content are computed by a thread.
const SMALL: u64 = 8 << 20;

impl StoredContent {
    pub(super) fn of_blobs(blobs: Vec<Blob>, checksums: bool) -> Arc<Self> {
        let (md5, crc32) = (OnceLock::new(), OnceLock::new());
        if let [single] = &*blobs
            && let Some(checksum) = single.md5
        {
            let _ = md5.set(checksum);
        }
        if let Some(checksum) = combined_crc32(&blobs) {
            let _ = crc32.set(checksum);
        }
        Arc::new(Self { content: Content::new(blobs), checksums, md5, crc32, computing: AtomicBool::new(false) })
    }

    pub(super) fn md5(self: &Arc<Self>) -> Option<[u8; 16]> {
        self.md5.get().copied().or_else(|| {
            self.compute();
            self.md5.get().copied()
        })
    }

    pub(super) fn crc32(self: &Arc<Self>) -> Option<u32> {
        self.crc32.get().copied().or_else(|| {
            self.compute();
            self.crc32.get().copied()
        })
    }

    fn compute(self: &Arc<Self>) {
        if !self.checksums || self.computing.swap(true, Ordering::Relaxed) {
            return;
        }
        let (content, stored) = (self.content.clone(), Arc::downgrade(self));
        if content.length() <= SMALL {
            let _ = compute(&content, &stored);
        } else {
            // Without a thread the checksums stay unknown, which callers handle anyway.
            let _ = std::thread::Builder::new().spawn(move || compute(&content, &stored));
        }
    }
}

/// Stops if the object is dropped.
fn compute(content: &Content, stored: &Weak<StoredContent>) -> io::Result<()> {
    let (mut md5, mut crc32) = (Md5::new(), crc32fast::Hasher::new());
    let mut reader = content.reader();
    while let Some(bytes) = reader.fetch()? {
        if stored.strong_count() == 0 {
            return Ok(());
        }
        md5.update(&bytes);
        crc32.update(&bytes);
    }
    if let Some(stored) = stored.upgrade() {
        let _ = stored.crc32.set(crc32.finalize());
        let _ = stored.md5.set(md5.finalize().into());
    }
    Ok(())
}

/// The CRC-32 of concatenated content follows from those of its blobs.
fn combined_crc32(blobs: &[Blob]) -> Option<u32> {
    let mut hasher = crc32fast::Hasher::new();
    for blob in blobs {
        hasher.combine(&crc32fast::Hasher::new_with_initial_len(blob.crc32?, blob.length));
    }
    Some(hasher.finalize())
}

/// The `ETag` of a multipart upload: the MD5 of the parts' MD5s, and the number of parts. It is not the MD5 of the
/// content.
pub(super) fn etag_of_parts(blobs: &[Blob]) -> Option<String> {
    let mut sums = Md5::new();
    for blob in blobs {
        sums.update(blob.md5?);
    }
    Some(format!("\"{}-{}\"", hex(&sums.finalize()), blobs.len()))
}

impl fmt::Debug for StoredContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredContent").field("length", &self.content.length()).finish_non_exhaustive()
    }
}
