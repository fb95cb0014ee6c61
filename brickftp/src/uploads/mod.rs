//! The single steps of an upload. [`Files::upload`](crate::Files::upload) performs all of them.

mod model;
mod part_target;
pub(crate) mod service;

use http::Method;
use serde::Serialize;

pub use model::{UploadPart, UploadRef};

use crate::codec::CallExt as _;
use crate::codec::response::{decode_created, decode_object};
use crate::path::{FILE_LIMIT, check_below_root};
use crate::{Call, Client, Error, File};

const FILE: &str = "/files/{*path}";

/// The highest documented part number.
pub(crate) const MAX_PARTS: u32 = 10_000;

#[derive(Serialize)]
struct Ask<'a> {
    action: &'static str,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a UploadRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<u32>,
}

/// The three calls of an upload. Returned by [`Client::uploads`].
///
/// Most callers need [`Files::upload`](crate::Files::upload), which makes these calls, sends the parts and retries. Use
/// these calls if the bytes are sent by other means, for example by a browser.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Uploads<'c> {
    pub(crate) client: &'c Client,
}

impl Uploads<'_> {
    /// Starts an upload and returns the target of its first part. The file does not exist before
    /// [`complete`](Self::complete).
    ///
    /// Calls `POST /files/{path}` with `action=put`.
    ///
    /// Not retried after it may have been processed (not idempotent). An upload that is started and not completed has
    /// no effect.
    ///
    /// # Errors
    ///
    /// Fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller has no write permission, and
    /// with [`Rejected`](crate::ErrorKind::Rejected) if the path is a folder.
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
            .encode(self.client.request_format(), "file", &Ask { action: "put", reference: None, part: None })
            .decode(decode_created)
    }

    /// Returns the target of a part: the next one, or one to be sent again, for example after its URL expired.
    ///
    /// Calls `POST /files/{path}` with `action=put`, `ref` and `part`. Parts are numbered from 1.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the number is not from 1 to 10,000, and with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the upload is no longer open and must be restarted.
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
            .encode(
                self.client.request_format(),
                "file",
                &Ask { action: "put", reference: Some(upload), part: Some(part) },
            )
            .decode(decode_object)
    }

    /// Completes an upload and returns the file. Its path may differ from the requested one if the site is configured
    /// not to overwrite. Checksums are available later, see [`Files::stat`](crate::Files::stat).
    ///
    /// Calls `POST /files/{path}` with `action=end` and `ref`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous), and check with [`Files::stat`](crate::Files::stat).
    ///
    /// # Errors
    ///
    /// Fails with [`Rejected`](crate::ErrorKind::Rejected) if a part is missing or too small, and with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the upload is no longer open, for example because it is already
    /// complete.
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
            .encode(self.client.request_format(), "file", &Ask { action: "end", reference: Some(upload), part: None })
            .decode(decode_created)
    }
}
