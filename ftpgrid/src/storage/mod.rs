//! Files and directories.

mod change;
mod destination;
mod disposition;
mod download;
#[cfg(feature = "unverified")]
mod mkdir;
mod model;
mod served;
mod upload;

use serde::Serialize;

pub use destination::{Destination, NewName};
#[cfg(feature = "unverified")]
pub use mkdir::MkdirBody;
pub use model::{DirEntry, DownloadId, EntryType, FileEntry, Protocol, Sha256Sum, TreeEntry};
pub use served::{ServedFile, ServedKind};

use crate::path;
use crate::{Client, Outcome, Pager, Result, response};

/// Operations on files and directories. Returned by [`Client::storage`].
///
/// Paths are absolute: they start at the storage root `/`, regardless of the directories of FTP accounts. A missing
/// leading slash is added. Repeated slashes and `.` segments are removed.
///
/// # Errors
///
/// All calls fail with [`InvalidInput`](crate::ErrorKind::InvalidInput), before a request is sent, if a path is empty or
/// has a `..` segment, a backslash or a control character.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing until one of its methods is called"]
pub struct Storage<'c> {
    pub(crate) client: &'c Client,
}

/// The body of a list request.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Params<'p> {
    params: &'p str,
}

/// The body of a request for several paths.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FileList<'p> {
    filelist: &'p [String],
}

macro_rules! list {
    ($storage:expr, $name:literal, $template:literal, $path:expr) => {{
        let client = $storage.client.clone();
        let path = path::normalized("path", $path);
        Pager::single_by(
            $name,
            move || {
                let call = client.storage_call($name, $template).safe();
                call.with_checked(path.clone(), |call, path| call.json_body(&Params { params: &path }))
            },
            response::list,
        )
    }};
}

impl Storage<'_> {
    /// Lists a directory and all files and directories below it, at any depth.
    ///
    /// Calls `POST /api/list/tree`; needs the scope `file.list`.
    ///
    /// The list comes from a database that is fast with large trees and **lags behind the storage**: a new file may be
    /// missing, and a moved or deleted one may still be listed. The list may lack entries for parent directories of files.
    /// [`list_files`](Self::list_files) and [`list_dirs`](Self::list_dirs) read the storage.
    ///
    /// The service sends the tree in one response; see
    /// [`max_response_bytes`](crate::ClientBuilder::max_response_bytes).
    ///
    /// # Errors
    ///
    /// See [`Storage`]. The response for a missing directory is not documented.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// let mut tree = client.storage().list_tree("/inbox");
    /// while let Some(entry) = tree.try_next().await? {
    ///     println!("{} {} bytes {:?}", entry.path, entry.size, entry.checksum);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_tree(&self, path: &str) -> Pager<TreeEntry> {
        list!(self, "ftpgrid.storage.list_tree", "/api/list/tree", path)
    }

    /// Lists all directories below a directory, at any depth.
    ///
    /// Calls `POST /api/list/dirs`; needs the scope `file.list`. The list is read from the storage and sent in one
    /// response.
    ///
    /// # Errors
    ///
    /// See [`Storage`]. The response for a missing directory is not documented.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// for directory in client.storage().list_dirs("/").try_collect_vec().await? {
    ///     println!("{}", directory.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_dirs(&self, path: &str) -> Pager<DirEntry> {
        list!(self, "ftpgrid.storage.list_dirs", "/api/list/dirs", path)
    }

    /// Lists the files of a directory, without those of its subdirectories.
    ///
    /// Calls `POST /api/list/files`; needs the scope `file.list`. The list is read from the storage.
    ///
    /// # Errors
    ///
    /// See [`Storage`]. For a missing directory, the service returns an empty list **or** an error: an empty list does not
    /// prove that the directory exists.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// for file in client.storage().list_files("/inbox").try_collect_vec().await? {
    ///     println!("{} has {} bytes", file.name, file.size);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_files(&self, path: &str) -> Pager<FileEntry> {
        list!(self, "ftpgrid.storage.list_files", "/api/list/files", path)
    }

    /// Finds a file in the list of its directory. The service has no call for a single file.
    ///
    /// Makes the call of [`list_files`](Self::list_files). Returns `None` if the file or its directory does not exist.
    ///
    /// # Errors
    ///
    /// Fails with the error of the call, unless it is [`NotFound`](crate::ErrorKind::NotFound).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// match client.storage().find_file("/inbox/q3.pdf").await? {
    ///     Some(file) => println!("{} bytes", file.size),
    ///     None => println!("not found"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn find_file(&self, path: &str) -> impl Future<Output = Result<Option<FileEntry>>> + Send + 'static + use<> {
        const NAME: &str = "ftpgrid.storage.find_file";
        let request = path::of_file("path", path).map(|path| {
            let (directory, name) = path::split(&path);
            (self.list_files(directory), name.to_owned())
        });
        async move {
            let (mut files, name) = request.map_err(|error| error.within(NAME, Outcome::NotDone))?;
            loop {
                match files.try_next().await {
                    Ok(Some(file)) if file.name == name => return Ok(Some(file)),
                    Ok(Some(_)) => {}
                    Ok(None) => return Ok(None),
                    Err(error) if error.is_not_found() => return Ok(None),
                    Err(error) => return Err(error.within(NAME, Outcome::NotDone)),
                }
            }
        }
    }
}
