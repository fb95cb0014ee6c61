//! Downloads.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::{StatusCode, header};
use mft_common::provider::{BufferedResponse, CallBuilder};
use mft_common::transfer::WholeDownloadService;
use serde::Deserialize;
use serde_json::Value;

use super::change::not_empty;
use super::served::{DEFAULT_NAME, ServedFile, ServedKind, media_type};
use super::{DownloadId, FileList, Storage};
use crate::path::{self, value_and_check};
use crate::raw::ResponseValue;
use crate::transfer::WholeDownload;
use crate::transport::{Body, BodyError, Response};
use crate::{Call, Client, Error, ErrorKind, Result, error, response};

const SINGLE: &str = "ftpgrid.storage.download_single";
const MULTI: &str = "ftpgrid.storage.download_multi";

/// The maximum size of a failure with status 2xx. A longer body is a file.
const MAX_FAILURE: usize = 64 * 1024;

impl Storage<'_> {
    /// Downloads a file to a file ([`to_file`](WholeDownload::to_file)), to a writer, to memory or as a stream.
    ///
    /// Calls `POST /api/download/single?path=`; needs the scope `file.read` or the scope `edge`.
    ///
    /// The service sends the file in one response and does not support ranges. An interrupted download to a file restarts
    /// from the first byte, within the limits of [`retry`](crate::ClientBuilder::retry). Every download counts towards the
    /// bandwidth of the ftpGrid account.
    ///
    /// The file is requested without content encoding. An encoded response, for example with gzip, is a
    /// [`Protocol`](crate::ErrorKind::Protocol) error. The length is verified. The service sends no checksum, so corrupted
    /// content cannot be detected.
    ///
    /// # Errors
    ///
    /// See [`Storage`]. Fails with [`NotFound`](crate::ErrorKind::NotFound) if the file does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// let done = client.storage().download("/inbox/q3.pdf").to_file("q3.pdf").await?;
    /// println!("{} bytes", done.size);
    ///
    /// let mut stream = client.storage().download("/logs/today.csv").stream().await?;
    /// while let Some(chunk) = stream.try_next().await? {
    ///     println!("received {} bytes", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn download(&self, path: &str) -> WholeDownload<ServedFile> {
        let (path, check) = value_and_check(path::of_file("path", path));
        let service = Single { client: self.client.clone(), path };
        WholeDownload::new(self.client.pipeline(), SINGLE, service).check(check)
    }

    /// Downloads several files as one ZIP archive, or a single file without an archive. [`ServedFile::kind`] is set
    /// accordingly. Duplicate paths are removed.
    ///
    /// Makes the calls of [`prepare_download`](Self::prepare_download) and
    /// [`download_prepared`](Self::download_prepared). If the service no longer knows the prepared id, both calls are
    /// repeated once. The names of the archive entries are not documented.
    ///
    /// # Errors
    ///
    /// Fails with the error of either call. Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the list is
    /// empty.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// let done = client.storage().download_many(["/inbox/a.csv", "/inbox/b.csv"]).to_file("inbox.zip").await?;
    /// println!("{:?} of {} bytes", done.file.kind, done.size);
    /// # Ok(())
    /// # }
    /// ```
    pub fn download_many(&self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> WholeDownload<ServedFile> {
        let (paths, check) = value_and_check(files(paths));
        let service = Many { client: self.client.clone(), paths };
        WholeDownload::new(self.client.pipeline(), MULTI, service).check(check)
    }

    /// Prepares files for a download and returns the id for [`download_prepared`](Self::download_prepared). Duplicate
    /// paths are removed. [`download_many`](Self::download_many) combines both calls.
    ///
    /// Calls `POST /api/download/prepare`; most likely needs the scope `file.read`. The lifetime of the id is short and
    /// not documented.
    ///
    /// # Errors
    ///
    /// See [`Storage`]. Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the list is empty. The response for
    /// a missing file is not documented.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// let prepared = client.storage().prepare_download(["/inbox/a.csv", "/inbox/b.csv"]).await?;
    /// client.storage().download_prepared(&prepared).to_file("inbox.zip").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn prepare_download(&self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Call<DownloadId> {
        self.client
            .storage_call("ftpgrid.storage.prepare_download", "/api/download/prepare")
            .safe()
            .with_checked(files(paths), |call, paths| call.json_body(&FileList { filelist: &paths }))
            .decode(prepared)
    }

    /// Downloads prepared files: a ZIP archive of several files, or a single file without an archive.
    ///
    /// Calls `POST /api/download/multi?id=`, like [`download`](Self::download); needs the scope `file.read`. The
    /// documentation does not state whether an id can be used twice.
    ///
    /// # Errors
    ///
    /// Fails, most likely with [`NotFound`](crate::ErrorKind::NotFound), if the id is unknown or expired.
    ///
    /// # Examples
    ///
    /// See [`prepare_download`](Self::prepare_download).
    pub fn download_prepared(&self, id: &DownloadId) -> WholeDownload<ServedFile> {
        let service = Prepared { client: self.client.clone(), id: id.clone() };
        let id_check = if id.as_str().is_empty() { Err(Error::invalid_input("id", "is empty")) } else { Ok(()) };
        WholeDownload::new(self.client.pipeline(), "ftpgrid.storage.download_multi", service).check(id_check)
    }
}

/// Normalizes paths and removes duplicates, because a single file is sent without an archive.
fn files(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Vec<String>> {
    let mut unique = HashSet::new();
    let mut list = Vec::new();
    for path in paths {
        let path = path::of_file("path", path.as_ref())?;
        if unique.insert(path.clone()) {
            list.push(path);
        }
    }
    not_empty("Filelist", list)
}

/// Decodes the id, which has the key of an acknowledgement.
fn prepared(response: &BufferedResponse) -> Result<DownloadId> {
    #[derive(Deserialize)]
    struct Prepared {
        rslt: DownloadId,
        #[serde(default)]
        error: Value,
    }
    let Prepared { rslt, error } = response::object(response)?;
    if let Some(message) = error::message(&error) {
        return Err(response.refused(ErrorKind::Rejected, message));
    }
    match rslt.as_str().trim() {
        "" => Err(response.undecodable("an empty id")),
        text if text.eq_ignore_ascii_case("ok") => Err(response.undecodable("an acknowledgement without an id")),
        _ => Ok(rslt),
    }
}

struct Single {
    client: Client,
    path: String,
}

impl WholeDownloadService for Single {
    type File = ServedFile;

    async fn open(&self) -> Result<(Response, ServedFile)> {
        let call = self.client.storage_call(SINGLE, "/api/download/single").query_path("path", &self.path);
        let response = unencoded(call).streams_as(check_complete).await?;
        let name = path::split(&self.path).1;
        let file = ServedFile::read(response.headers(), name, ServedKind::File);
        Ok((response, file))
    }
}

/// Requests the file without content encoding.
fn unencoded(call: CallBuilder) -> CallBuilder {
    call.safe().header(header::ACCEPT, "*/*").header(header::ACCEPT_ENCODING, "identity")
}

/// Rejects a partial response, because no range was requested.
fn check_complete(response: Response) -> Result<Response> {
    if response.status() == StatusCode::PARTIAL_CONTENT {
        return Err(Error::protocol("requested the complete file, got a partial response"));
    }
    Ok(response)
}

struct Prepared {
    client: Client,
    id: DownloadId,
}

impl WholeDownloadService for Prepared {
    type File = ServedFile;

    async fn open(&self) -> Result<(Response, ServedFile)> {
        let response = multi(&self.client, &self.id, check_complete).await?;
        let kind = if is_zip(&response) { ServedKind::Zip } else { ServedKind::File };
        let file = ServedFile::read(response.headers(), DEFAULT_NAME, kind);
        Ok((response, file))
    }
}

struct Many {
    client: Client,
    paths: Vec<String>,
}

impl WholeDownloadService for Many {
    type File = ServedFile;

    async fn open(&self) -> Result<(Response, ServedFile)> {
        let storage = self.client.storage();
        let is_archive = self.paths.len() > 1;
        let check: ResponseCheck = if is_archive { check_zip_or_failure } else { check_complete };
        let id = storage.prepare_download(&self.paths).await?;
        let response = match multi(&self.client, &id, check).await {
            // The id expired between the two calls, or another server handles the second one.
            Err(error) if error.is_not_found() => {
                let id = storage.prepare_download(&self.paths).await?;
                multi(&self.client, &id, check).await?
            }
            result => result?,
        };
        if is_archive && !is_zip(&response) {
            return Err(Error::protocol("requested several files, got JSON"));
        }
        // A single file has the kind `File`, even if it is a ZIP archive itself.
        let (fallback, kind) = if is_archive {
            ("ftpgrid_download.zip", ServedKind::Zip)
        } else {
            (path::split(&self.paths[0]).1, ServedKind::File)
        };
        let file = ServedFile::read(response.headers(), fallback, kind);
        Ok((response, file))
    }
}

type ResponseCheck = fn(Response) -> Result<Response>;

async fn multi(client: &Client, id: &DownloadId, check: ResponseCheck) -> Result<Response> {
    let call = client.storage_call(MULTI, "/api/download/multi").query("id", id.as_str());
    let ResponseValue { value, attempts, .. } = unencoded(call).streams_as(check).with_response().await?;
    if is_json(&value) { check_failure(client, attempts, value).await } else { Ok(value) }
}

fn is_zip(response: &Response) -> bool {
    matches!(media_type(response.headers()).as_str(), "application/zip" | "application/x-zip-compressed")
}

fn is_json(response: &Response) -> bool {
    media_type(response.headers()) == "application/json"
}

/// Accepts an archive, or JSON that may report a failure.
fn check_zip_or_failure(response: Response) -> Result<Response> {
    let response = check_complete(response)?;
    if is_zip(&response) || is_json(&response) {
        return Ok(response);
    }
    Err(Error::protocol("requested several files, got a media type other than ZIP"))
}

/// Returns an error if a short JSON body reports a failure. The endpoint does not send files as JSON.
async fn check_failure(client: &Client, attempts: u32, response: Response) -> Result<Response> {
    let (parts, mut body) = response.into_parts();
    let length = body.len();
    let mut prefix = Vec::new();
    while prefix.len() <= MAX_FAILURE {
        match body.chunk().await {
            Some(Ok(chunk)) => prefix.extend_from_slice(&chunk),
            Some(Err(cause)) => return Err(Error::interrupted(cause)),
            None => {
                let buffered =
                    BufferedResponse::read(client.pipeline(), attempts, parts.clone(), prefix.clone().into());
                if let Some(failure) = response::reported_failure(&buffered) {
                    return Err(failure);
                }
                body = Body::empty();
                break;
            }
        }
    }
    let body = Body::from_stream(PrefixedBody { prefix: Some(prefix.into()), body }, length);
    Ok(Response::from_parts(parts, body))
}

/// A body after an already received prefix.
struct PrefixedBody {
    prefix: Option<Bytes>,
    body: Body,
}

impl Stream for PrefixedBody {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.prefix.take() {
            Some(prefix) => Poll::Ready(Some(Ok(prefix))),
            None => Pin::new(&mut self.body).poll_next(context),
        }
    }
}
