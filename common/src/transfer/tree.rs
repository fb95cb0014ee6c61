//! Whole folders: many files, a few at a time.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::progress::{Meter, ProgressWatch};
use crate::http::transport::BoxFuture;
use crate::{Error, Result};

/// What became of one file or folder of a tree.
#[derive(Debug)]
#[non_exhaustive]
pub struct TreeItem<F> {
    /// The place on this machine; missing where the name on the server cannot stand for one.
    pub local: Option<PathBuf>,
    /// The path at the service; missing where the name on this machine cannot stand for one.
    pub remote: Option<String>,
    /// What the service says of the file, or why it was not transferred. The others go on.
    pub result: Result<F>,
}

/// One file or folder to be transferred, for provider crates.
#[derive(Debug)]
pub struct TreeEntry {
    /// The path at the service.
    pub remote: String,
    /// The same below the folder that is transferred, with slashes.
    pub relative: String,
    /// In bytes.
    pub size: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// What a listing of a tree yields: an entry with its place on this machine, or why there is none.
pub(super) type Found = Result<(TreeEntry, PathBuf), Lost>;

/// An entry that cannot be transferred.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) local: Option<PathBuf>,
    pub(super) remote: Option<String>,
    pub(super) error: Error,
}

pub(super) type Entries = Pin<Box<dyn Stream<Item = Found> + Send>>;

/// Moves one entry.
pub(super) type Move<F> = Arc<dyn Fn(TreeEntry, PathBuf, Shared) -> BoxFuture<'static, Result<F>> + Send + Sync>;

/// What the transfers of one tree share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) slots: Arc<Semaphore>,
    pub(super) meter: Meter,
}

/// A folder on its way: a `Stream` with one item for each file and each empty folder.
///
/// A failure concerns one item; the others go on. Nothing is done before the first poll, which must be inside a Tokio
/// runtime; dropping it cancels what is under way.
#[must_use = "a transfer does nothing until it is polled"]
pub struct TreeTransfer<F> {
    entries: Option<Entries>,
    act: Move<F>,
    files: usize,
    shared: Shared,
    watch: ProgressWatch,
    tasks: JoinSet<TreeItem<F>>,
    found: u32,
    size: u64,
}

impl<F: Send + 'static> TreeTransfer<F> {
    pub(super) fn new(entries: Entries, act: Move<F>) -> Self {
        let meter = Meter::new();
        let watch = meter.watch();
        let shared = Shared { slots: Arc::new(Semaphore::new(8)), meter };
        Self { entries: Some(entries), act, files: 4, shared, watch, tasks: JoinSet::new(), found: 0, size: 0 }
    }

    /// How many files are under way at once. Default 4; zero counts as one.
    pub fn files(mut self, files: usize) -> Self {
        self.files = files.max(1);
        self
    }

    /// How many parts or ranges of all files together are under way at once. Default 8; zero counts as one.
    pub fn parallel(mut self, parts: usize) -> Self {
        self.shared.slots = Arc::new(Semaphore::new(parts.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    /// Watches the progress of the whole: `parts` counts files here, and the totals are known once the whole tree has
    /// been looked at.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.watch.clone()
    }

    /// The next result, or `None` at the end.
    pub async fn next(&mut self) -> Option<TreeItem<F>> {
        std::future::poll_fn(|context| self.poll_item(context)).await
    }

    /// Transfers everything, and returns the number of files and the items that failed.
    pub async fn finish(mut self) -> (u32, Vec<TreeItem<F>>) {
        let (mut done, mut failed) = (0, Vec::new());
        while let Some(item) = self.next().await {
            if item.result.is_ok() {
                done += 1;
            } else {
                failed.push(item);
            }
        }
        (done, failed)
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<TreeItem<F>>> {
        if tokio::runtime::Handle::try_current().is_err() {
            let error = Error::invalid_input("transfer", "is polled outside of a Tokio runtime");
            let first = self.entries.take();
            return Poll::Ready(first.map(|_| TreeItem { local: None, remote: None, result: Err(error) }));
        }
        while self.tasks.len() < self.files {
            let Some(entries) = &mut self.entries else { break };
            match entries.as_mut().poll_next(context) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok((entry, local)))) => self.begin(entry, local),
                Poll::Ready(Some(Err(Lost { local, remote, error }))) => {
                    return Poll::Ready(Some(TreeItem { local, remote, result: Err(error) }));
                }
                Poll::Ready(None) => {
                    self.entries = None;
                    let (size, found) = (self.size, self.found);
                    self.shared.meter.change(|progress| {
                        (progress.total, progress.parts_total) = (Some(size), Some(found));
                    });
                }
            }
        }
        match self.tasks.poll_join_next(context) {
            Poll::Ready(Some(Ok(item))) => {
                if item.result.is_ok() {
                    self.shared.meter.change(|progress| progress.parts += 1);
                }
                Poll::Ready(Some(item))
            }
            Poll::Ready(Some(Err(_))) => {
                let result = Err(Error::other("a task of the transfer panicked or was stopped"));
                Poll::Ready(Some(TreeItem { local: None, remote: None, result }))
            }
            Poll::Ready(None) if self.entries.is_none() => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }

    fn begin(&mut self, entry: TreeEntry, local: PathBuf) {
        self.found += 1;
        self.size += entry.size;
        let remote = entry.remote.clone();
        let moving = (self.act)(entry, local.clone(), self.shared.clone());
        self.tasks.spawn(async move {
            let result = moving.await;
            TreeItem { local: Some(local), remote: Some(remote), result }
        });
    }
}

impl<F: Send + 'static> Stream for TreeTransfer<F> {
    type Item = TreeItem<F>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<TreeItem<F>>> {
        self.poll_item(context)
    }
}

impl<F> fmt::Debug for TreeTransfer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TreeTransfer").field("progress", &self.watch.now()).finish_non_exhaustive()
    }
}
