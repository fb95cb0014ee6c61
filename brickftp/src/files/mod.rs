//! Files, and what is done alike to files and folders.

mod model;
mod transfer;

use std::time::Duration;

use http::{HeaderName, Method};
use serde::Serialize;

pub(crate) use model::size;
pub use model::{File, FileId, FilePermissions, FileType};

use crate::path::{FILE_LIMIT, check_below_root};
use crate::{Call, Client};

const FILE: &str = "/files/{*path}";
const DEPTH: HeaderName = HeaderName::from_static("depth");

/// The service answers when the work is done, and a folder may hold a great deal of it.
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
    /// Any value of it means "the folders only".
    #[serde(skip_serializing_if = "Option::is_none")]
    structure: Option<bool>,
}

/// Operations on files, and those that work on folders too; from [`Client::files`].
///
/// Paths are counted from the root of the site, with or without one slash at their beginning. A path with an empty
/// segment, a segment `.` or `..`, a control character or more than 550 characters is
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Files<'c> {
    pub(crate) client: &'c Client,
}

impl Files<'_> {
    /// Fetches what is known of a file or folder. The history does not show it.
    ///
    /// Calls `GET /files/{path}?action=stat`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is nothing at the path.
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
        self.client.call("brickftp.files.stat", Method::GET, FILE, &[&path]).safe().query("action", "stat").returns()
    }

    /// Fetches the same with an address for the file's bytes, [`File::download_uri`], which works for three minutes and
    /// without a credential. Every call counts as a download in the history.
    ///
    /// Calls `GET /files/{path}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is nothing at the path;
    /// [`Rejected`](crate::ErrorKind::Rejected) most likely for a folder.
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
        self.client.call("brickftp.files.download_url", Method::GET, FILE, &[&path]).safe().returns()
    }

    /// Moves a file or folder to another path, which must not exist yet: renames it, where the folder is the same.
    ///
    /// Calls `POST /files/{path}` with `move-destination`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is nothing at the path;
    /// [`Rejected`](crate::ErrorKind::Rejected) or [`Conflict`](crate::ErrorKind::Conflict) where the destination exists
    /// or its folder does not: the service does not document which.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// client.files().rename("Inbox/scan 7.pdf", "Archive/2018/scan 7.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rename(&self, from: &str, to: &str) -> Call<()> {
        let from = check_below_root("path", from, FILE_LIMIT);
        let to = check_below_root("move-destination", to, FILE_LIMIT);
        self.client
            .call("brickftp.files.rename", Method::POST, FILE, &[&from])
            .non_idempotent()
            .with_checked(to, |request, to| request.body("file", &Move { destination: format!("/{to}") }))
            .returns_nothing()
    }

    /// Copies a file, or a folder with all that it holds, to another path, which must not exist yet.
    ///
    /// Calls `POST /files/{path}` with `copy-destination`. The service answers when everything is copied, so that one
    /// attempt may take ten minutes.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous). Where the
    /// time ran out, the service may still be copying.
    ///
    /// # Errors
    ///
    /// As [`Files::rename`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// match client.files().copy("Templates/project", "Projects/roof").await {
    ///     Err(error) if error.is_ambiguous() => eprintln!("look at Projects/roof before trying again: {error}"),
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn copy(&self, from: &str, to: &str) -> Call<()> {
        self.copied(from, to, None)
    }

    /// Copies a folder and the folders in it, without any file.
    ///
    /// Calls `POST /files/{path}` with `copy-destination` and `structure`. Otherwise as [`Files::copy`].
    ///
    /// # Errors
    ///
    /// As [`Files::rename`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// client.files().copy_structure("Projects/2017", "Projects/2018").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn copy_structure(&self, from: &str, to: &str) -> Call<()> {
        self.copied(from, to, Some(true))
    }

    fn copied(self, from: &str, to: &str, structure: Option<bool>) -> Call<()> {
        let from = check_below_root("path", from, FILE_LIMIT);
        let to = check_below_root("copy-destination", to, FILE_LIMIT);
        self.client
            .call("brickftp.files.copy", Method::POST, FILE, &[&from])
            .non_idempotent()
            .attempt_timeout(LONG)
            .with_checked(to, |request, to| request.body("file", &Copy { destination: format!("/{to}"), structure }))
            .returns_nothing()
    }

    /// Deletes a file, or a folder that is empty. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /files/{path}`, for folders too.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was nothing at the path before the first attempt;
    /// [`Rejected`](crate::ErrorKind::Rejected) for a folder that is not empty.
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
        self.client.call("brickftp.files.delete", Method::DELETE, FILE, &[&path]).deletes()
    }

    /// Deletes a file, or a folder **with all that it holds**. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /files/{path}` with the header `Depth: infinity`. One attempt may take ten minutes.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was nothing at the path before the first attempt.
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
            .deletes()
    }
}
