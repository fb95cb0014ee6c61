//! A folder of this machine to the service.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

use super::file::failed;
use super::source::Source;
use super::tree::{Found, Lost, TreeEntry, TreeTransfer};
use super::upload::UploadRequest;
use crate::http::transport::BoxFuture;
use crate::{Error, Result};

/// Entries that are read ahead of the transfers.
const AHEAD: usize = 256;

impl<F: Send + 'static> TreeTransfer<F> {
    /// For provider crates: uploads everything below a folder of this machine to below `remote`. `upload` makes the
    /// request for one file, `create` makes an empty folder.
    ///
    /// Symbolic links are not followed, and special files not read: they are items that failed.
    pub fn upload(
        local: PathBuf,
        remote: &str,
        upload: impl Fn(&str, Source) -> UploadRequest<F> + Send + Sync + 'static,
        create: impl Fn(String) -> BoxFuture<'static, Result<F>> + Send + Sync + 'static,
    ) -> Self {
        let entries = Walking::Ahead { local, remote: remote.to_owned() };
        let act =
            move |entry: TreeEntry, local: PathBuf, shared: super::tree::Shared| -> BoxFuture<'static, Result<F>> {
                if entry.is_folder {
                    return create(entry.remote);
                }
                let request = upload(&entry.remote, Source::file(local)).slots(shared.slots).counted_by(&shared.meter);
                Box::pin(async move { request.await })
            };
        Self::new(Box::pin(Walk(entries)), Arc::new(act))
    }
}

/// A folder being read in a thread where reading may block.
struct Walk(Walking);

enum Walking {
    Ahead { local: PathBuf, remote: String },
    Reading(mpsc::Receiver<Found>),
}

impl Stream for Walk {
    type Item = Found;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Found>> {
        loop {
            match &mut self.0 {
                Walking::Reading(entries) => return entries.poll_recv(context),
                Walking::Ahead { local, remote } => {
                    let (sender, receiver) = mpsc::channel(AHEAD);
                    let (local, remote) = (std::mem::take(local), std::mem::take(remote));
                    tokio::task::spawn_blocking(move || read(&local, &remote, &sender));
                    self.0 = Walking::Reading(receiver);
                }
            }
        }
    }
}

/// Reads a tree, folder by folder, in the order of names. Ends when nobody listens any more.
fn read(local: &Path, remote: &str, found: &mpsc::Sender<Found>) {
    let mut waiting = vec![(local.to_owned(), String::new())];
    while let Some((folder, relative)) = waiting.pop() {
        let listed = std::fs::read_dir(&folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let mut listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                let error = failed("list", &folder, error);
                if found.blocking_send(Err(Lost { local: Some(folder), remote: None, error })).is_err() {
                    return;
                }
                continue;
            }
        };
        if listed.is_empty() && !relative.is_empty() {
            let entry = TreeEntry { remote: join(remote, &relative), relative, size: 0, is_folder: true };
            if found.blocking_send(Ok((entry, folder))).is_err() {
                return;
            }
            continue;
        }
        listed.sort_by_key(std::fs::DirEntry::file_name);
        let mut folders = Vec::new();
        for entry in listed {
            let path = entry.path();
            let looked = look(&entry, &relative);
            let sent = match looked {
                Ok((relative, metadata)) if metadata.is_dir() => {
                    folders.push((path, relative));
                    continue;
                }
                Ok((relative, metadata)) => {
                    let remote = join(remote, &relative);
                    Ok((TreeEntry { remote, relative, size: metadata.len(), is_folder: false }, path))
                }
                Err(error) => Err(Lost { local: Some(path), remote: None, error }),
            };
            if found.blocking_send(sent).is_err() {
                return;
            }
        }
        waiting.extend(folders.into_iter().rev());
    }
}

fn look(entry: &std::fs::DirEntry, below: &str) -> Result<(String, std::fs::Metadata)> {
    let path = entry.path();
    let refused = |problem: &str| Error::invalid_input("source", format_args!("{} {problem}", path.display()));
    let name = entry.file_name().into_string().map_err(|_| refused("has a name that is not Unicode"))?;
    let metadata = entry.metadata().map_err(|error| failed("look at", &path, error))?;
    if metadata.is_symlink() {
        return Err(refused("is a symbolic link, which is not followed"));
    }
    if !metadata.is_dir() && !metadata.is_file() {
        return Err(refused("is neither a file nor a folder"));
    }
    Ok((join(below, &name), metadata))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
