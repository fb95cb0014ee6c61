//! A folder of the service to this machine.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::download::DownloadRequest;
use super::file::blocking;
use super::local_path::{create_folders, local_path};
use super::partial::UNFINISHED;
use super::tree::{Found, Lost, Shared, TreeEntry, TreeTransfer};
use crate::http::transport::BoxFuture;
use crate::{Error, Result};

impl<F: Send + Sync + 'static> TreeTransfer<Option<Arc<F>>> {
    /// For provider crates: downloads everything that a listing yields to below a folder of this machine. The item of a
    /// file has what the service said of it, that of a folder has nothing.
    ///
    /// A name that cannot stand for a place below the folder, and two names that are one here, are items that failed.
    pub fn download<S>(
        listing: S,
        target: PathBuf,
        download: impl Fn(&str) -> DownloadRequest<F> + Send + Sync + 'static,
    ) -> Self
    where
        S: Stream<Item = Result<TreeEntry, (String, Error)>> + Send + 'static,
    {
        let entries = Placed {
            listing: Box::pin(listing),
            root: target.clone(),
            taken: HashSet::new(),
            hashes: RandomState::new(),
        };
        // What was written, as the file system itself tells files apart.
        let written = Arc::new(Mutex::new(HashSet::new()));
        let download = Arc::new(download);
        let act =
            move |entry: TreeEntry, local: PathBuf, shared: Shared| -> BoxFuture<'static, Result<Option<Arc<F>>>> {
                let (root, written, download) = (target.clone(), Arc::clone(&written), Arc::clone(&download));
                Box::pin(async move {
                    let folder = if entry.is_folder { Some(local.clone()) } else { local.parent().map(PathBuf::from) };
                    let (looked, known) = (local.clone(), Arc::clone(&written));
                    blocking(move || {
                        std::fs::create_dir_all(&root).map_err(|error| super::file::failed("create", &root, error))?;
                        folder.map_or(Ok(()), |folder| create_folders(&root, &folder))?;
                        check_other(&looked, &known)
                    })
                    .await??;
                    if entry.is_folder {
                        return Ok(None);
                    }
                    let request = download(&entry.remote).slots(shared.slots).counted_by(&shared.meter);
                    let done = request.to_file(&local).await?;
                    blocking(move || {
                        if let Some(identity) = identity(&local) {
                            written.lock().unwrap_or_else(PoisonError::into_inner).insert(identity);
                        }
                    })
                    .await?;
                    Ok(Some(done.file))
                })
            };
        Self::new(Box::pin(entries), Arc::new(act))
    }
}

type Identities = Mutex<HashSet<(u64, u64)>>;

/// Refuses to replace a file that came from another name of the same tree.
fn check_other(local: &std::path::Path, written: &Identities) -> Result<()> {
    let known = identity(local)
        .is_some_and(|identity| written.lock().unwrap_or_else(PoisonError::into_inner).contains(&identity));
    if known { Err(same_place(local)) } else { Ok(()) }
}

fn same_place(local: &std::path::Path) -> Error {
    let problem = format_args!("{} is also needed for another file of the tree", local.display());
    Error::invalid_input("target", problem)
}

#[cfg(unix)]
fn identity(path: &std::path::Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.symlink_metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &std::path::Path) -> Option<(u64, u64)> {
    None
}

/// A listing whose entries have their places.
struct Placed<S> {
    listing: Pin<Box<S>>,
    root: PathBuf,
    /// Places of files that were given out, spelt as the file system compares them, by their hashes.
    taken: HashSet<u64>,
    hashes: RandomState,
}

/// On these systems file systems do not tell upper from lower case.
const FOLDS_CASE: bool = cfg!(any(windows, target_os = "macos"));

impl<S> Placed<S> {
    /// Takes the place of a file, unless another file of the tree has it, or has a place that one of the two needs while
    /// it is not finished.
    fn take(&mut self, relative: &str) -> bool {
        let spelt = if FOLDS_CASE { relative.to_lowercase() } else { relative.to_owned() };
        let hash = |name: &str| self.hashes.hash_one(name);
        let (own, unfinished) = (hash(&spelt), hash(&format!("{spelt}{UNFINISHED}")));
        let finished = spelt.strip_suffix(UNFINISHED).map(hash);
        let is_free = |place: &u64| !self.taken.contains(place);
        let is_ours = (!FOLDS_CASE || is_free(&own)) && is_free(&unfinished) && finished.as_ref().is_none_or(is_free);
        if is_ours {
            self.taken.insert(own);
        }
        is_ours
    }
}

impl<S: Stream<Item = Result<TreeEntry, (String, Error)>> + Send> Stream for Placed<S> {
    type Item = Found;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Found>> {
        let Some(listed) = ready!(self.listing.as_mut().poll_next(context)) else { return Poll::Ready(None) };
        let entry = match listed {
            Ok(entry) => entry,
            Err((remote, error)) => return Poll::Ready(Some(Err(Lost { local: None, remote: Some(remote), error }))),
        };
        let lost = |local, remote, error| Poll::Ready(Some(Err(Lost { local, remote: Some(remote), error })));
        let local = match local_path(&self.root, &entry.relative) {
            Ok(local) => local,
            Err(error) => return lost(None, entry.remote, error),
        };
        if !entry.is_folder && !self.take(&entry.relative) {
            let error = same_place(&local);
            return lost(Some(local), entry.remote, error);
        }
        Poll::Ready(Some(Ok((entry, local))))
    }
}
