//! Transfer progress: the watch that callers read, and the counters that a transfer updates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::sync::watch;

/// A snapshot of the progress of a transfer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that were transferred or are in flight. Falls if a part has to be sent again.
    pub bytes: u64,
    /// Size of the file in bytes, if known.
    pub total: Option<u64>,
    /// Bytes that were not transferred again because an earlier attempt had transferred them.
    pub resumed: u64,
    /// Completed parts. For a tree, completed files.
    pub parts: u32,
    /// Number of parts of the file, if known.
    pub parts_total: Option<u32>,
    /// How often a part, or the rest of one, was requested or sent again.
    pub retries: u32,
}

impl Progress {
    /// Returns the transferred fraction, from 0 to 1, if the total is known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a fraction for display")]
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total?;
        Some(if total == 0 { 1.0 } else { (self.bytes as f64 / total as f64).min(1.0) })
    }
}

/// Observes the progress of a transfer. Clones observe the same transfer. A watch may outlive the transfer's handle.
#[derive(Debug, Clone)]
pub struct ProgressWatch(watch::Receiver<Progress>);

impl ProgressWatch {
    /// Returns the current progress.
    #[must_use]
    pub fn now(&self) -> Progress {
        *self.0.borrow()
    }

    /// Waits for the next change. Returns `None` once the transfer has ended.
    pub async fn changed(&mut self) -> Option<Progress> {
        self.0.changed().await.ok()?;
        Some(*self.0.borrow_and_update())
    }
}

/// Updates the progress of a transfer.
#[derive(Debug, Clone)]
pub(crate) struct ProgressMeter {
    own: watch::Sender<Progress>,
    /// The progress of the tree that the file belongs to. Counts bytes and retries of all its files.
    tree: Option<watch::Sender<Progress>>,
}

impl ProgressMeter {
    pub(crate) fn new() -> Self {
        Self { own: watch::Sender::new(Progress::default()), tree: None }
    }

    pub(crate) fn within(tree: &Self) -> Self {
        Self { tree: Some(tree.own.clone()), ..Self::new() }
    }

    pub(crate) fn watch(&self) -> ProgressWatch {
        ProgressWatch(self.own.subscribe())
    }

    /// Changes the progress of this file, but not that of its tree.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Progress)) {
        self.own.send_modify(change);
    }

    fn count(&self, count: impl Fn(&mut Progress)) {
        self.own.send_modify(&count);
        if let Some(tree) = &self.tree {
            tree.send_modify(&count);
        }
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.count(|progress| progress.bytes += bytes);
    }

    /// Counts bytes that an earlier attempt transferred.
    pub(crate) fn add_resumed(&self, bytes: u64) {
        self.count(|progress| {
            progress.bytes += bytes;
            progress.resumed += bytes;
        });
    }

    /// Counts a retry of the whole file: all transferred bytes are discarded.
    pub(crate) fn restart(&self) {
        let transferred = self.own.borrow().bytes;
        self.retry(transferred);
    }

    /// Counts a retry, and discards the bytes that the failed attempt had transferred.
    pub(crate) fn retry(&self, discarded: u64) {
        self.count(|progress| {
            progress.bytes = progress.bytes.saturating_sub(discarded);
            progress.retries += 1;
        });
    }
}

/// The progress of one attempt. Its bytes count until the attempt fails or is dropped.
#[derive(Debug)]
pub(crate) struct PartProgress {
    counter: ByteCounter,
    succeeded: bool,
}

/// Counts the bytes of an attempt. The transport may keep the request body for a moment after the attempt was dropped.
#[derive(Debug, Clone)]
pub(crate) struct ByteCounter {
    meter: ProgressMeter,
    bytes: Arc<AtomicU64>,
}

/// Set once the attempt no longer counts. No part has this many bytes.
const DISCARDED: u64 = 1 << 63;

impl PartProgress {
    pub(crate) fn new(meter: &ProgressMeter) -> Self {
        Self { counter: ByteCounter { meter: meter.clone(), bytes: Arc::default() }, succeeded: false }
    }

    pub(crate) fn counter(&self) -> &ByteCounter {
        &self.counter
    }

    /// Keeps the counted bytes.
    pub(crate) fn succeed(mut self) {
        self.succeeded = true;
    }
}

impl Drop for PartProgress {
    fn drop(&mut self) {
        if !self.succeeded {
            self.counter.meter.retry(self.counter.bytes.fetch_or(DISCARDED, Relaxed));
        }
    }
}

impl ByteCounter {
    /// Counts bytes, and returns the number of bytes in this attempt.
    pub(crate) fn add(&self, bytes: u64) -> u64 {
        let before = self.bytes.fetch_add(bytes, Relaxed);
        if before < DISCARDED {
            self.meter.add(bytes);
        }
        before + bytes
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }
}
