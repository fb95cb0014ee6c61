//! Uploads and downloads of folder trees.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use mft_common::transfer::{TreeDownloadRequest, TreeEntry, TreeUploadRequest};

use super::{Folders, LIST, Walk};
use crate::path::{FILE_LIMIT, check};
use crate::{Client, Error, File, Outcome, Result};

impl Folders<'_> {
    /// Returns a request to upload a local directory tree to `remote`, which is created if it is missing.
    /// [`from_dir`](TreeUploadRequest::from_dir) chooses the local directory.
    ///
    /// Each file is one [`Files::upload`](crate::Files::upload), and empty folders are created. The transfer is a stream with
    /// an item for each of them. A failure affects one item only. Symbolic links are not followed.
    ///
    /// # Errors
    ///
    /// Each item fails with the errors of [`Files::upload`](crate::Files::upload) and [`create`](Self::create). A folder that
    /// cannot be read is an item that fails. All items fail if `remote` is not a valid path.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) {
    /// let mut upload = client.folders().upload_dir("Web/site").from_dir("site").files(8);
    /// while let Some(item) = upload.next().await {
    ///     match (item.remote, item.result) {
    ///         (Some(path), Ok(_)) => println!("{path}"),
    ///         (path, Err(error)) => eprintln!("{path:?}: {error}"),
    ///         (None, Ok(_)) => {}
    ///     }
    /// }
    /// # }
    /// ```
    pub fn upload_dir(&self, remote: &str) -> TreeUploadRequest<File> {
        let checked = check("path", remote, FILE_LIMIT);
        let remote = checked.as_ref().copied().unwrap_or_default();
        let checked = checked.map(drop);
        let (uploading, creating) = (self.client.clone(), self.client.clone());
        TreeUploadRequest::new(
            remote,
            move |path, source| uploading.files().upload(path, source).check(checked.clone()),
            move |path| Box::pin(create(creating.clone(), path)),
        )
    }

    /// Returns a request to download a folder with everything below it, empty folders included.
    /// [`to_dir`](TreeDownloadRequest::to_dir) chooses the local directory, which is created if it is missing.
    ///
    /// The tree is listed with [`walk`](Self::walk), and each file is one [`Files::download`](crate::Files::download). The
    /// transfer is a stream with an item for each file and folder. A failure affects one item only. A name that is not a safe
    /// local name on every system is an item that fails, so that no file is written outside of the local directory.
    ///
    /// # Errors
    ///
    /// Each item fails with the errors of [`Files::download`](crate::Files::download). A folder that cannot be listed is an
    /// item that fails.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) {
    /// let summary = client.folders().download_dir("Web/site").to_dir("backup").finish().await;
    /// println!("{} items succeeded", summary.succeeded);
    /// for item in summary.failed {
    ///     eprintln!("{}: {}", item.remote.unwrap_or_default(), item.result.unwrap_err());
    /// }
    /// # }
    /// ```
    pub fn download_dir(&self, remote: &str) -> TreeDownloadRequest<File> {
        let root = remote.strip_prefix('/').unwrap_or(remote).to_owned();
        let listing = FolderListing { walk: self.walk(remote), root };
        let client = self.client.clone();
        TreeDownloadRequest::new(listing, move |path| client.files().download(path))
    }
}

/// Creates a folder unless it exists. The service creates missing parents for files only.
async fn create(client: Client, path: String) -> Result<File> {
    let mut created = client.folders().create(&path).await;
    if created.is_err() && client.files().stat(&path).await.is_err() {
        for (end, _) in path.match_indices('/') {
            // Most parents exist, or a concurrent upload creates them. The call below reports a failure.
            let _ = client.folders().create(&path[..end]).await;
        }
        created = client.folders().create(&path).await;
    }
    let entry = client.files().stat(&path).await;
    match (created, entry) {
        (_, Ok(file)) if file.is_folder() => Ok(file),
        (Err(error), _) | (Ok(()), Err(error)) => Err(error),
        (Ok(()), Ok(_)) => Err(Error::protocol("a folder was created, but the path is a file")),
    }
}

/// A walk that adds the path relative to its root to each entry.
struct FolderListing {
    walk: Walk,
    root: String,
}

impl Stream for FolderListing {
    type Item = Result<TreeEntry, (String, Error)>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = std::task::ready!(Pin::new(&mut self.walk).poll_next(context));
        Poll::Ready(item.map(|listed| {
            let file = listed.map_err(|failed| (failed.folder, failed.error))?;
            let below = file.path.strip_prefix(self.root.as_str());
            let relative = if self.root.is_empty() { below } else { below.and_then(|below| below.strip_prefix('/')) };
            let Some(relative) = relative.map(str::to_owned) else {
                let error = Error::protocol("the list of a folder contains a file that is not in the folder");
                return Err((file.path, error.within(LIST, Outcome::NotDone)));
            };
            let (size, is_folder) = (file.size_or_zero(), file.is_folder());
            Ok(TreeEntry { remote: file.path, relative, size, is_folder })
        }))
    }
}
