//! Files, and operations on both files and folders.

mod model;
mod transfer;

use std::time::Duration;

use http::{HeaderName, Method};
use serde::Serialize;

pub(crate) use model::size;
pub use model::{File, FileId, FilePermissions, FileType};

use crate::codec::CallExt as _;
use crate::codec::response::{decode_nothing, decode_object};
use crate::path::{FILE_LIMIT, check_below_root};
use crate::{Call, Client};

const FILE: &str = "/files/{*path}";
const DEPTH: HeaderName = HeaderName::from_static("depth");

/// The service responds after the work is complete, and folders can be large.
const LONG: Duration = Duration::from_secs(600);

#[derive(Serialize)]
struct Move {
    #[serde(rename = "move-destination")]
    destination: String,
}

#[derive(Serialize)]
struct Copy {
    #[serde(rename = "copy-destination")]
    destination: String,
    /// Any value restricts the copy to folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    structure: Option<bool>,
}

/// Destination path of a move or copy.
///
/// # Examples
///
/// ```
/// use brickftp::Destination;
///
/// let destination = Destination::new("Archive/2018/scan 7.pdf");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination(String);

impl Destination {
    /// Creates a destination from the full path of the moved or copied entry.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }
}

/// Operations on files, and those on both files and folders. Returned by [`Client::files`].
///
/// Paths are relative to the root of the site. One leading slash is allowed. A path with an empty segment, a `.` or
/// `..` segment, a control character or more than 550 characters is [`InvalidInput`](crate::ErrorKind::InvalidInput),
/// and nothing is sent.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Files<'c> {
    pub(crate) client: &'c Client,
}

impl Files<'_> {
    /// Returns the metadata of a file or folder. The call does not appear in the history.
    ///
    /// Calls `GET /files/{path}?action=stat`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the path does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let report = client.files().stat("Finance/q3.pdf").await?;
    /// println!("{} bytes, MD5 {:?}", report.size_or_zero(), report.md5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stat(&self, path: &str) -> Call<File> {
        let path = check_below_root("path", path, FILE_LIMIT);
        self.client
            .call("brickftp.files.stat", Method::GET, FILE, &[&path])
            .safe()
            .query("action", "stat")
            .decode(decode_object)
    }

    /// Returns the metadata with a presigned download URL, [`File::download_uri`], which is valid for three minutes and
    /// without credentials. Every call counts as a download in the history.
    ///
    /// Calls `GET /files/{path}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the path does not exist, and most likely with
    /// [`Rejected`](crate::ErrorKind::Rejected) for a folder.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let report = client.files().download_url("Finance/q3.pdf").await?;
    /// let address = report.download_uri.expect("the service gives one for a file");
    /// hand_to_browser(address.expose());
    /// # Ok(())
    /// # }
    /// # fn hand_to_browser(_: &str) {}
    /// ```
    pub fn download_url(&self, path: &str) -> Call<File> {
        let path = check_below_root("path", path, FILE_LIMIT);
        self.client.call("brickftp.files.download_url", Method::GET, FILE, &[&path]).safe().decode(decode_object)
    }

    /// Moves or renames a file or folder. The destination must not exist.
    ///
    /// Calls `POST /files/{path}` with `move-destination`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the path does not exist. Fails with
    /// [`Rejected`](crate::ErrorKind::Rejected) or [`Conflict`](crate::ErrorKind::Conflict) if the destination exists
    /// or its parent folder does not. The service does not document which of them.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::Destination;
    ///
    /// client.files().rename("Inbox/scan 7.pdf", Destination::new("Archive/2018/scan 7.pdf")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rename(&self, path: &str, destination: Destination) -> Call<()> {
        let path = check_below_root("path", path, FILE_LIMIT);
        let to = check_below_root("move-destination", &destination.0, FILE_LIMIT);
        self.client
            .call("brickftp.files.rename", Method::POST, FILE, &[&path])
            .non_idempotent()
            .with_checked(to, |request, to| {
                request.encode(self.client.request_format(), "file", &Move { destination: format!("/{to}") })
            })
            .decode(decode_nothing)
    }

    /// Copies a file, or a folder and its contents. The destination must not exist.
    ///
    /// Calls `POST /files/{path}` with `copy-destination`. The service responds after everything is copied. The attempt
    /// timeout is at least ten minutes.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous). After a timeout, the service may still be copying.
    ///
    /// # Errors
    ///
    /// Fails as [`Files::rename`] does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::Destination;
    ///
    /// match client.files().copy("Templates/project", Destination::new("Projects/roof")).await {
    ///     Err(error) if error.is_ambiguous() => eprintln!("check Projects/roof before a retry: {error}"),
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn copy(&self, path: &str, destination: Destination) -> Call<()> {
        self.copy_call(path, &destination, None)
    }

    /// Copies a folder and its subfolders, without files.
    ///
    /// Calls `POST /files/{path}` with `copy-destination` and `structure`. See [`Files::copy`].
    ///
    /// # Errors
    ///
    /// Fails as [`Files::rename`] does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::Destination;
    ///
    /// client.files().copy_structure("Projects/2017", Destination::new("Projects/2018")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn copy_structure(&self, path: &str, destination: Destination) -> Call<()> {
        self.copy_call(path, &destination, Some(true))
    }

    fn copy_call(self, path: &str, destination: &Destination, structure: Option<bool>) -> Call<()> {
        let path = check_below_root("path", path, FILE_LIMIT);
        let to = check_below_root("copy-destination", &destination.0, FILE_LIMIT);
        self.client
            .call("brickftp.files.copy", Method::POST, FILE, &[&path])
            .non_idempotent()
            .attempt_timeout(LONG)
            .with_checked(to, |request, to| {
                request.encode(self.client.request_format(), "file", &Copy { destination: format!("/{to}"), structure })
            })
            .decode(decode_nothing)
    }

    /// Deletes a file or an empty folder. If a retry finds it gone, the call succeeds.
    ///
    /// Calls `DELETE /files/{path}`, for files and folders.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the path did not exist before the first attempt, and with
    /// [`Rejected`](crate::ErrorKind::Rejected) if the folder is not empty.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// client.files().delete("Inbox/scan 7.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, path: &str) -> Call<()> {
        let path = check_below_root("path", path, FILE_LIMIT);
        self.client.call("brickftp.files.delete", Method::DELETE, FILE, &[&path]).deletes_by(decode_nothing)
    }

    /// Deletes a file, or a folder **and its contents**. If a retry finds it gone, the call succeeds.
    ///
    /// Calls `DELETE /files/{path}` with the header `Depth: infinity`. The attempt timeout is at least ten minutes.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the path did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// client.files().delete_recursive("Projects/2009").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_recursive(&self, path: &str) -> Call<()> {
        let path = check_below_root("path", path, FILE_LIMIT);
        self.client
            .call("brickftp.files.delete", Method::DELETE, FILE, &[&path])
            .attempt_timeout(LONG)
            .header(DEPTH, "infinity")
            .deletes_by(decode_nothing)
    }
}
