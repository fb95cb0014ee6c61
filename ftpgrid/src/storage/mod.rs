//! Files and directories.

mod change;
mod disposition;
mod download;
#[cfg(feature = "unverified")]
mod mkdir;
mod model;
mod served;
mod upload;

use serde::Serialize;

#[cfg(feature = "unverified")]
pub use mkdir::MkdirBody;
pub use model::{DirEntry, DownloadId, EntryType, FileEntry, Protocol, Sha256Sum, TreeEntry};
pub use served::{ServedFile, ServedKind};

use crate::path;
use crate::{Client, Outcome, Pager, Result, response};

/// Operations on files and directories; from [`Client::storage`].
///
/// Paths are counted from the root of the storage, `/`, whatever directories FTP accounts are confined to; one without
/// its first slash means the same. Double slashes and segments `.` are taken out. A path that is empty, has a segment
/// `..`, a backslash or a control character is [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is
/// sent.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Storage<'c> {
    pub(crate) client: &'c Client,
}

/// The path of a list.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Params<'p> {
    params: &'p str,
}

/// Several paths of files or directories.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FileList<'p> {
    filelist: &'p [String],
}

macro_rules! listed {
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
    /// Lists all files and directories below a directory, at any depth, and the directory itself.
    ///
    /// Calls `POST /api/list/tree`; needs the scope `file.list`. The list comes from a database that is fast with large
    /// trees and **follows the storage with a delay**: what was just uploaded may be missing, what was just moved or
    /// deleted may still be there. Nor is it certain that every directory on the way to a file has an entry of its own.
    /// [`list_files`](Self::list_files) and [`list_dirs`](Self::list_dirs) read the storage itself.
    ///
    /// The service sends the whole tree in one reply; see [`max_response_bytes`](crate::ClientBuilder::max_response_bytes).
    ///
    /// # Errors
    ///
    /// See [`Storage`]; what the service says of a directory that does not exist is not documented.
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
        listed!(self, "ftpgrid.storage.list_tree", "/api/list/tree", path)
    }

    /// Lists all directories below a directory, at any depth.
    ///
    /// Calls `POST /api/list/dirs`; needs the scope `file.list`. Reads the storage itself. The service sends all of
    /// them in one reply.
    ///
    /// # Errors
    ///
    /// See [`Storage`]; what the service says of a directory that does not exist is not documented.
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
        listed!(self, "ftpgrid.storage.list_dirs", "/api/list/dirs", path)
    }

    /// Lists the files of one directory, without those of the directories in it.
    ///
    /// Calls `POST /api/list/files`; needs the scope `file.list`. Reads the storage itself.
    ///
    /// # Errors
    ///
    /// See [`Storage`]. For a directory that does not exist the service answers with an empty list **or** an error, as
    /// it pleases: an empty list is no proof that there is one.
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
        listed!(self, "ftpgrid.storage.list_files", "/api/list/files", path)
    }

    /// Looks for a file, and gives back what the list of its directory says of it: the service has no call for one
    /// file.
    ///
    /// Makes the call of [`list_files`](Self::list_files). A directory that does not exist has no files.
    ///
    /// # Errors
    ///
    /// What the call ends in, except that the directory is not there.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// match client.storage().find_file("/inbox/q3.pdf").await? {
    ///     Some(file) => println!("{} bytes", file.size),
    ///     None => println!("not there"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn find_file(&self, path: &str) -> impl Future<Output = Result<Option<FileEntry>>> + Send + 'static + use<> {
        const NAME: &str = "ftpgrid.storage.find_file";
        let found = path::of_file("path", path).map(|path| {
            let (directory, name) = path::split(&path);
            (self.list_files(directory), name.to_owned())
        });
        async move {
            let (mut files, name) = found.map_err(|error| error.within(NAME, Outcome::NotDone))?;
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
