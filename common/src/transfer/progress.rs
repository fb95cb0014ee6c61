//! How far a transfer has got.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::sync::watch;

/// How far a transfer has got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that have arrived for good, or are on their way right now. Falls when a part has to be sent again.
    pub bytes: u64,
    /// Bytes of the whole file, where the number is known.
    pub total: Option<u64>,
    /// Bytes that need not be moved because an earlier try had moved them.
    pub resumed: u64,
    /// Parts that are complete; of a tree, files.
    pub parts: u32,
    /// Parts of the whole file, where the number is known.
    pub parts_total: Option<u32>,
    /// How often a part, or the rest of one, had to be asked for or sent again.
    pub retries: u32,
}

impl Progress {
    /// The share that has been moved, from 0 to 1, where the total is known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for display")]
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total?;
        Some(if total == 0 { 1.0 } else { (self.bytes as f64 / total as f64).min(1.0) })
    }
}

/// Watches a transfer. Clones watch the same one, and it may outlive the handle that it came from.
#[derive(Debug, Clone)]
pub struct ProgressWatch(watch::Receiver<Progress>);

impl ProgressWatch {
    /// How far it has got.
    #[must_use]
    pub fn now(&self) -> Progress {
        *self.0.borrow()
    }

    /// Waits until there is something new to tell, or returns `None` when the transfer has ended.
    pub async fn changed(&mut self) -> Option<Progress> {
        self.0.changed().await.ok()?;
        Some(*self.0.borrow_and_update())
    }
}

/// The side of whoever makes progress.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    own: watch::Sender<Progress>,
    /// Of the tree that the file is a part of. It counts bytes and retries of all its files.
    whole: Option<watch::Sender<Progress>>,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self { own: watch::Sender::new(Progress::default()), whole: None }
    }

    pub(super) fn within(whole: &Self) -> Self {
        Self { whole: Some(whole.own.clone()), ..Self::new() }
    }

    pub(super) fn watch(&self) -> ProgressWatch {
        ProgressWatch(self.own.subscribe())
    }

    /// Changes what is said of this file alone.
    pub(super) fn change(&self, change: impl FnOnce(&mut Progress)) {
        self.own.send_modify(change);
    }

    fn count(&self, count: impl Fn(&mut Progress)) {
        self.own.send_modify(&count);
        if let Some(whole) = &self.whole {
            whole.send_modify(&count);
        }
    }

    pub(super) fn moved(&self, bytes: u64) {
        self.count(|progress| progress.bytes += bytes);
    }

    /// What need not be moved any more.
    pub(super) fn resumed(&self, bytes: u64) {
        self.count(|progress| {
            progress.bytes += bytes;
            progress.resumed += bytes;
        });
    }

    /// All that was moved has to be moved again.
    pub(super) fn restarted(&self) {
        let moved = self.own.borrow().bytes;
        self.lost(moved);
    }

    /// What a failed attempt had moved and another one has to move again.
    pub(super) fn lost(&self, bytes: u64) {
        self.count(|progress| {
            progress.bytes = progress.bytes.saturating_sub(bytes);
            progress.retries += 1;
        });
    }
}

/// What one attempt moves. It counts until the attempt fails or is dropped.
#[derive(Debug)]
pub(super) struct Attempted {
    tally: Tally,
    counts: bool,
}

/// Counts the bytes of an attempt, for a body that the transport may keep for a moment after the attempt was dropped.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    meter: Meter,
    moved: Arc<AtomicU64>,
}

/// Set where the attempt does not count any more; no part has so many bytes.
const OVER: u64 = 1 << 63;

impl Attempted {
    pub(super) fn new(meter: &Meter) -> Self {
        Self { tally: Tally { meter: meter.clone(), moved: Arc::default() }, counts: false }
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The attempt has succeeded.
    pub(super) fn counts(mut self) {
        self.counts = true;
    }
}

impl Drop for Attempted {
    fn drop(&mut self) {
        if !self.counts {
            self.tally.meter.lost(self.tally.moved.fetch_or(OVER, Relaxed));
        }
    }
}

impl Tally {
    /// Counts bytes, and says how many there were in this attempt.
    pub(super) fn count(&self, bytes: u64) -> u64 {
        let before = self.moved.fetch_add(bytes, Relaxed);
        if before < OVER {
            self.meter.moved(bytes);
        }
        before + bytes
    }

    pub(super) fn moved(&self) -> u64 {
        self.moved.load(Relaxed)
    }
}
