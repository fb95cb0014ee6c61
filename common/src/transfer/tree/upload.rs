//! Uploads of local directory trees.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

use crate::http::transport::BoxFuture;
use crate::transfer::local::file::io_error;
use crate::transfer::source::Source;
use crate::transfer::tree::{FailedEntry, Listed, TransferEntry, TreeContext, TreeEntry, TreeTransfer};
use crate::transfer::upload::UploadRequest;
use crate::{Error, Result};

/// How many entries are listed ahead of the transfers.
const LIST_AHEAD: usize = 256;

/// A request to upload a directory tree to a folder of the service.
#[must_use = "a tree request has no effect until a local directory is chosen"]
pub struct TreeUploadRequest<F> {
    remote: String,
    transfer: TransferEntry<F>,
}

impl<F: Send + 'static> TreeUploadRequest<F> {
    /// Creates a request, for provider crates. `upload` returns the request for one file, and `create` creates an empty
    /// folder.
    pub fn new(
        remote: &str,
        upload: impl Fn(&str, Source) -> UploadRequest<F> + Send + Sync + 'static,
        create: impl Fn(String) -> BoxFuture<'static, Result<F>> + Send + Sync + 'static,
    ) -> Self {
        let transfer = move |entry: TreeEntry, local: PathBuf, tree: TreeContext| -> BoxFuture<'static, Result<F>> {
            if entry.is_folder {
                return create(entry.remote);
            }
            let request = upload(&entry.remote, Source::file(local)).within_tree(tree.slots, &tree.meter);
            Box::pin(async move { Ok(request.await?) })
        };
        Self { remote: remote.to_owned(), transfer: Arc::new(transfer) }
    }

    /// Uploads all files below a local directory.
    ///
    /// Symbolic links are not followed, and special files are not read; both are items that fail.
    pub fn from_dir(self, local: impl Into<PathBuf>) -> TreeTransfer<F> {
        let entries = LocalListing::NotStarted { local: local.into(), remote: self.remote };
        TreeTransfer::new(Box::pin(entries), self.transfer)
    }
}

partial_debug!(TreeUploadRequest<F>, self => remote: self.remote);

/// A local directory tree that a blocking thread lists.
enum LocalListing {
    NotStarted { local: PathBuf, remote: String },
    Started(mpsc::Receiver<Listed>),
}

impl Stream for LocalListing {
    type Item = Listed;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Listed>> {
        loop {
            match &mut *self {
                Self::Started(entries) => return entries.poll_recv(context),
                Self::NotStarted { local, remote } => {
                    let (sender, receiver) = mpsc::channel(LIST_AHEAD);
                    let (local, remote) = (std::mem::take(local), std::mem::take(remote));
                    tokio::task::spawn_blocking(move || list(&local, &remote, &sender));
                    *self = Self::Started(receiver);
                }
            }
        }
    }
}

/// Lists a tree, folder by folder, sorted by name. Stops once the receiver is dropped.
fn list(local: &Path, remote: &str, entries: &mpsc::Sender<Listed>) {
    let mut pending = vec![(local.to_owned(), String::new())];
    while let Some((folder, relative)) = pending.pop() {
        let children = std::fs::read_dir(&folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let mut children = match children {
            Ok(children) => children,
            Err(error) => {
                let error = io_error("list", &folder, error);
                if entries.blocking_send(Err(FailedEntry { local: Some(folder), remote: None, error })).is_err() {
                    return;
                }
                continue;
            }
        };
        if children.is_empty() && !relative.is_empty() {
            let entry = TreeEntry { remote: join(remote, &relative), relative, size: 0, is_folder: true };
            if entries.blocking_send(Ok((entry, folder))).is_err() {
                return;
            }
            continue;
        }
        children.sort_by_key(std::fs::DirEntry::file_name);
        let mut folders = Vec::new();
        for child in children {
            let path = child.path();
            let entry = match inspect(&child, &relative) {
                Ok((relative, metadata)) if metadata.is_dir() => {
                    folders.push((path, relative));
                    continue;
                }
                Ok((relative, metadata)) => {
                    let remote = join(remote, &relative);
                    Ok((TreeEntry { remote, relative, size: metadata.len(), is_folder: false }, path))
                }
                Err(error) => Err(FailedEntry { local: Some(path), remote: None, error }),
            };
            if entries.blocking_send(entry).is_err() {
                return;
            }
        }
        pending.extend(folders.into_iter().rev());
    }
}

/// Returns the relative path and the metadata of an entry. Fails if it is neither a file nor a folder.
fn inspect(entry: &std::fs::DirEntry, parent: &str) -> Result<(String, std::fs::Metadata)> {
    let path = entry.path();
    let invalid = |problem: &str| Error::invalid_input("source", format_args!("{} {problem}", path.display()));
    let name = entry.file_name().into_string().map_err(|_| invalid("has a name that is not Unicode"))?;
    let metadata = entry.metadata().map_err(|error| io_error("read the metadata of", &path, error))?;
    if metadata.is_symlink() {
        return Err(invalid("is a symbolic link, which is not followed"));
    }
    if !metadata.is_dir() && !metadata.is_file() {
        return Err(invalid("is neither a file nor a folder"));
    }
    Ok((join(parent, &name), metadata))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
