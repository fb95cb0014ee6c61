//! Transfers of directory trees: many files, a few at a time.

pub(crate) mod download;
pub(crate) mod upload;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::task::JoinSet;

use crate::http::transport::BoxFuture;
use crate::transfer::progress::{ProgressMeter, ProgressWatch};
use crate::transfer::request::Slots;
use crate::{Error, Result};

/// The result of one file or folder of a tree.
#[derive(Debug)]
#[non_exhaustive]
pub struct TreeItem<F> {
    /// The local path. `None` if the remote name is not a safe local name.
    pub local: Option<PathBuf>,
    /// The path at the service. `None` if the local name is not valid there.
    pub remote: Option<String>,
    /// The description of the file from the service, or the error of the transfer. Other items are not affected.
    pub result: Result<F>,
}

/// The result of a whole tree.
#[derive(Debug)]
#[non_exhaustive]
pub struct TreeSummary<F> {
    /// The number of transferred files and folders.
    pub succeeded: u32,
    /// The items that failed.
    pub failed: Vec<TreeItem<F>>,
}

/// A file or folder to transfer, for provider crates.
#[derive(Debug)]
pub struct TreeEntry {
    /// The path at the service.
    pub remote: String,
    /// The path relative to the transferred folder, with slashes.
    pub relative: String,
    /// The size in bytes.
    pub size: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// An entry of a listing with its local path, or an entry that cannot be transferred.
pub(crate) type Listed = Result<(TreeEntry, PathBuf), FailedEntry>;

/// An entry that cannot be transferred.
#[derive(Debug)]
pub(crate) struct FailedEntry {
    pub(crate) local: Option<PathBuf>,
    pub(crate) remote: Option<String>,
    pub(crate) error: Error,
}

pub(crate) type Entries = Pin<Box<dyn Stream<Item = Listed> + Send>>;

/// Transfers one entry.
pub(crate) type TransferEntry<F> =
    Arc<dyn Fn(TreeEntry, PathBuf, TreeContext) -> BoxFuture<'static, Result<F>> + Send + Sync>;

/// State that the transfers of one tree share.
#[derive(Clone)]
pub(crate) struct TreeContext {
    pub(crate) slots: Slots,
    pub(crate) meter: ProgressMeter,
}

/// The transfer of a directory tree: a [`Stream`] with an item for each file and each empty folder.
///
/// A failure affects one item only. The transfer starts with the first poll, which must be inside of a Tokio runtime.
/// Dropping it cancels the transfers in progress.
#[must_use = "a tree transfer has no effect until it is polled"]
pub struct TreeTransfer<F> {
    entries: Option<Entries>,
    transfer: TransferEntry<F>,
    files: usize,
    tree: TreeContext,
    watch: ProgressWatch,
    tasks: JoinSet<TreeItem<F>>,
    count: u32,
    size: u64,
}

impl<F: Send + 'static> TreeTransfer<F> {
    pub(crate) fn new(entries: Entries, transfer: TransferEntry<F>) -> Self {
        let meter = ProgressMeter::new();
        let watch = meter.watch();
        let tree = TreeContext { slots: Slots::new(8), meter };
        Self { entries: Some(entries), transfer, files: 4, tree, watch, tasks: JoinSet::new(), count: 0, size: 0 }
    }

    /// Sets how many files are transferred in parallel. Zero counts as one. Default: 4.
    pub fn files(mut self, files: usize) -> Self {
        self.files = files.max(1);
        self
    }

    /// Sets how many parts or ranges of all files are in flight. Zero counts as one. Default: 8.
    pub fn parallel(mut self, parts: usize) -> Self {
        self.tree.slots = Slots::new(parts);
        self
    }

    /// Returns a watch of the progress of the tree, in which `parts` counts files. The totals are known once the whole tree
    /// is listed.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.watch.clone()
    }

    /// Returns the next result, or `None` at the end.
    pub async fn next(&mut self) -> Option<TreeItem<F>> {
        std::future::poll_fn(|context| self.poll_item(context)).await
    }

    /// Transfers the whole tree.
    pub async fn finish(mut self) -> TreeSummary<F> {
        let mut summary = TreeSummary { succeeded: 0, failed: Vec::new() };
        while let Some(item) = self.next().await {
            if item.result.is_ok() {
                summary.succeeded += 1;
            } else {
                summary.failed.push(item);
            }
        }
        summary
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
                Poll::Ready(Some(Ok((entry, local)))) => self.spawn(entry, local),
                Poll::Ready(Some(Err(FailedEntry { local, remote, error }))) => {
                    return Poll::Ready(Some(TreeItem { local, remote, result: Err(error) }));
                }
                Poll::Ready(None) => {
                    self.entries = None;
                    let (size, count) = (self.size, self.count);
                    self.tree.meter.change(|progress| {
                        (progress.total, progress.parts_total) = (Some(size), Some(count));
                    });
                }
            }
        }
        match self.tasks.poll_join_next(context) {
            Poll::Ready(Some(Ok(item))) => {
                if item.result.is_ok() {
                    self.tree.meter.change(|progress| progress.parts += 1);
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

    fn spawn(&mut self, entry: TreeEntry, local: PathBuf) {
        self.count += 1;
        self.size += entry.size;
        let remote = entry.remote.clone();
        let transfer = (self.transfer)(entry, local.clone(), self.tree.clone());
        self.tasks.spawn(async move {
            let result = transfer.await;
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

partial_debug!(TreeTransfer<F>, self => progress: self.watch.now());
