//! Downloads of folders of a service.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::http::transport::BoxFuture;
use crate::transfer::download::DownloadRequest;
use crate::transfer::local::file::{blocking, io_error};
use crate::transfer::local::partial_file::PARTIAL_SUFFIX;
use crate::transfer::local::path::{create_folders, local_path};
use crate::transfer::tree::{FailedEntry, Listed, TreeContext, TreeEntry, TreeTransfer};
use crate::{Error, Result};

type Listing = Pin<Box<dyn Stream<Item = Result<TreeEntry, (String, Error)>> + Send>>;
type NewDownload<F> = Arc<dyn Fn(&str) -> DownloadRequest<F> + Send + Sync>;

/// A request to download a folder of the service with everything below it.
#[must_use = "a tree request has no effect until a local directory is chosen"]
pub struct TreeDownloadRequest<F> {
    listing: Listing,
    download: NewDownload<F>,
}

impl<F: Send + Sync + 'static> TreeDownloadRequest<F> {
    /// Creates a request, for provider crates. `listing` yields all files and folders, and `download` returns the request
    /// for one file.
    pub fn new<S>(listing: S, download: impl Fn(&str) -> DownloadRequest<F> + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = Result<TreeEntry, (String, Error)>> + Send + 'static,
    {
        Self { listing: Box::pin(listing), download: Arc::new(download) }
    }

    /// Downloads to below a local directory. The result of a file is its description from the service, and that of a
    /// folder is `None`.
    ///
    /// A name that is not a safe local name is an item that fails, and so is the second of two names that are the same on
    /// this system.
    pub fn to_dir(self, local: impl Into<PathBuf>) -> TreeTransfer<Option<Arc<F>>> {
        let (root, download) = (local.into(), self.download);
        let entries =
            LocalPaths { listing: self.listing, root: root.clone(), taken: HashSet::new(), hasher: RandomState::new() };
        let identities = Arc::<Identities>::default();
        let transfer =
            move |entry: TreeEntry, local: PathBuf, tree: TreeContext| -> BoxFuture<'static, Result<Option<Arc<F>>>> {
                let (root, identities, download) = (root.clone(), Arc::clone(&identities), Arc::clone(&download));
                Box::pin(download_entry(entry, local, tree, root, identities, download))
            };
        TreeTransfer::new(Box::pin(entries), Arc::new(transfer))
    }
}

partial_debug!(TreeDownloadRequest<F>, self =>);

async fn download_entry<F: Send + Sync + 'static>(
    entry: TreeEntry,
    local: PathBuf,
    tree: TreeContext,
    root: PathBuf,
    identities: Arc<Identities>,
    download: NewDownload<F>,
) -> Result<Option<Arc<F>>> {
    let folder = if entry.is_folder { Some(local.clone()) } else { local.parent().map(PathBuf::from) };
    let (path, earlier) = (local.clone(), Arc::clone(&identities));
    blocking(move || {
        std::fs::create_dir_all(&root).map_err(|error| io_error("create", &root, error))?;
        folder.map_or(Ok(()), |folder| create_folders(&root, &folder))?;
        check_not_written(&path, &earlier)
    })
    .await??;
    if entry.is_folder {
        return Ok(None);
    }
    let request = download(&entry.remote).within_tree(tree.slots, &tree.meter);
    let downloaded = request.to_file(&local).await?;
    blocking(move || {
        if let Some(identity) = identity(&local) {
            identities.lock().unwrap_or_else(PoisonError::into_inner).insert(identity);
        }
    })
    .await?;
    Ok(Some(downloaded.file))
}

/// The files that were written, as the file system identifies them.
type Identities = Mutex<HashSet<(u64, u64)>>;

/// Fails if the path is a file that was downloaded under another name of the same tree.
fn check_not_written(local: &Path, identities: &Identities) -> Result<()> {
    let is_written = identity(local)
        .is_some_and(|identity| identities.lock().unwrap_or_else(PoisonError::into_inner).contains(&identity));
    if is_written { Err(same_path(local)) } else { Ok(()) }
}

fn same_path(local: &Path) -> Error {
    let problem = format_args!("{} is also the path of another file of the tree", local.display());
    Error::invalid_input("target", problem)
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.symlink_metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

/// A listing with the local paths of its entries.
struct LocalPaths {
    listing: Listing,
    root: PathBuf,
    /// Hashes of the paths of files, normalized as the file system compares them.
    taken: HashSet<u64>,
    hasher: RandomState,
}

/// Whether file names are usually case-insensitive on this system.
const CASE_INSENSITIVE: bool = cfg!(any(windows, target_os = "macos"));

impl LocalPaths {
    /// Takes the path of a file. Returns false if another file of the tree needs the same path, be it for its partial file.
    fn take(&mut self, relative: &str) -> bool {
        let normalized = if CASE_INSENSITIVE { relative.to_lowercase() } else { relative.to_owned() };
        let hash = |name: &str| self.hasher.hash_one(name);
        let (own, partial) = (hash(&normalized), hash(&format!("{normalized}{PARTIAL_SUFFIX}")));
        let finished = normalized.strip_suffix(PARTIAL_SUFFIX).map(hash);
        let is_free = |path: &u64| !self.taken.contains(path);
        let can_take =
            (!CASE_INSENSITIVE || is_free(&own)) && is_free(&partial) && finished.as_ref().is_none_or(is_free);
        if can_take {
            self.taken.insert(own);
        }
        can_take
    }
}

impl Stream for LocalPaths {
    type Item = Listed;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Listed>> {
        let Some(result) = ready!(self.listing.as_mut().poll_next(context)) else { return Poll::Ready(None) };
        let failed = |local, remote, error| Poll::Ready(Some(Err(FailedEntry { local, remote: Some(remote), error })));
        let entry = match result {
            Ok(entry) => entry,
            Err((remote, error)) => return failed(None, remote, error),
        };
        let local = match local_path(&self.root, &entry.relative) {
            Ok(local) => local,
            Err(error) => return failed(None, entry.remote, error),
        };
        if !entry.is_folder && !self.take(&entry.relative) {
            let error = same_path(&local);
            return failed(Some(local), entry.remote, error);
        }
        Poll::Ready(Some(Ok((entry, local))))
    }
}
