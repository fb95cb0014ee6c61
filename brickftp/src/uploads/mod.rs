//! Uploads, step by step. [`Files::upload`](crate::Files::upload) does all of it.

mod model;
mod part_target;
pub(crate) mod service;

use http::Method;
use serde::Serialize;

pub use model::{UploadPart, UploadRef};

use crate::path::{FILE_LIMIT, check_below_root};
use crate::{Call, Client, Error, File};

const FILE: &str = "/files/{*path}";

/// The highest part number that the service documents.
pub(crate) const MAX_PARTS: u32 = 10_000;

#[derive(Serialize)]
struct Ask<'a> {
    action: &'static str,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a UploadRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<u32>,
}

/// The three calls of an upload; from [`Client::uploads`].
///
/// Most callers want [`Files::upload`](crate::Files::upload), which makes these calls, moves the bytes between them, and
/// repeats what has to be repeated. These are for programs that move the bytes in their own way, a browser for instance.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Uploads<'c> {
    pub(crate) client: &'c Client,
}

impl Uploads<'_> {
    /// Begins an upload and says where its first part goes. Nothing appears at the path before
    /// [`complete`](Self::complete).
    ///
    /// Calls `POST /files/{path}` with `action=put`.
    ///
    /// Not repeated once it may have been processed. An upload that is begun and not completed leaves nothing behind.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) where the caller may not write there;
    /// [`Rejected`](crate::ErrorKind::Rejected) where the path is a folder.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let part = client.uploads().start("Finance/q3.pdf").await?;
    /// println!("{} bytes go to part {}", part.partsize.unwrap_or_default(), part.part_number.unwrap_or(1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn start(&self, path: &str) -> Call<UploadPart> {
        let path = check_below_root("path", path, FILE_LIMIT);
        self.client
            .call("brickftp.uploads.start", Method::POST, FILE, &[&path])
            .non_idempotent()
            .body("file", &Ask { action: "put", reference: None, part: None })
            .creates()
    }

    /// Says where a part of an upload goes: the next one, or one whose address has expired or whose bytes have to be sent
    /// again.
    ///
    /// Calls `POST /files/{path}` with `action=put`, `ref` and `part`. Parts are numbered from 1.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a number that is not from 1 to 10,000;
    /// [`NotFound`](crate::ErrorKind::NotFound) where the upload is not open any more: it has to be started again.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, first: brickftp::UploadPart) -> brickftp::Result<()> {
    /// let second = client.uploads().part("Finance/q3.pdf", &first.upload_ref, 2).await?;
    /// # let _ = second;
    /// # Ok(())
    /// # }
    /// ```
    pub fn part(&self, path: &str, upload: &UploadRef, part: u32) -> Call<UploadPart> {
        let path = check_below_root("path", path, FILE_LIMIT);
        let numbered = if (1..=MAX_PARTS).contains(&part) {
            Ok(())
        } else {
            Err(Error::invalid_input("part", format_args!("is {part}; parts are numbered from 1 to {MAX_PARTS}")))
        };
        self.client
            .call("brickftp.uploads.part", Method::POST, FILE, &[&path])
            .idempotent()
            .check(numbered)
            .body("file", &Ask { action: "put", reference: Some(upload), part: Some(part) })
            .returns()
    }

    /// Makes a file of the parts that were sent. Its path may differ from the one that was asked for, where the site is
    /// set not to overwrite. Checksums appear later; see [`Files::stat`](crate::Files::stat).
    ///
    /// Calls `POST /files/{path}` with `action=end` and `ref`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous), and
    /// [`Files::stat`](crate::Files::stat) to look.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) where a part is missing or too small;
    /// [`NotFound`](crate::ErrorKind::NotFound) where the upload is not open any more, because it is complete already for
    /// instance.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, first: brickftp::UploadPart) -> brickftp::Result<()> {
    /// let file = client.uploads().complete("Finance/q3.pdf", &first.upload_ref).await?;
    /// println!("{} has {} bytes", file.path, file.size_or_zero());
    /// # Ok(())
    /// # }
    /// ```
    pub fn complete(&self, path: &str, upload: &UploadRef) -> Call<File> {
        let path = check_below_root("path", path, FILE_LIMIT);
        self.client
            .call("brickftp.uploads.complete", Method::POST, FILE, &[&path])
            .non_idempotent()
            .body("file", &Ask { action: "end", reference: Some(upload), part: None })
            .creates()
    }
}
