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
use super::served::{NAMELESS, ServedFile, ServedKind, media_type};
use super::{DownloadId, FileList, Storage};
use crate::path::{self, unless_refused};
use crate::raw::ResponseValue;
use crate::transfer::WholeDownload;
use crate::transport::{Body, BodyError, Response};
use crate::{Call, Client, Error, ErrorKind, Result, error, response};

const SINGLE: &str = "ftpgrid.storage.download_single";
const MULTI: &str = "ftpgrid.storage.download_multi";

/// What a failure inside a success is at most; what is longer is what was asked for.
const MAX_FAILURE: usize = 64 * 1024;

impl Storage<'_> {
    /// Downloads a file: into a file ([`to_file`](WholeDownload::to_file)), into a writer, into memory or as a stream.
    ///
    /// Calls `POST /api/download/single?path=`; needs the scope `file.read` or the scope `edge`. The service sends the
    /// file in one reply. It can send no part of it and cannot go on where a connection broke: a download into a file
    /// is begun again then, as often as [`retry`](crate::ClientBuilder::retry) says. Every download counts towards the
    /// bandwidth of the ftpGrid account.
    ///
    /// The file is asked for without any encoding; a reply in one, such as gzip, is a
    /// [`Protocol`](crate::ErrorKind::Protocol) error, since its bytes are not those of the file. The length is checked;
    /// the service names no checksum, so that bytes damaged on the way cannot be told from others.
    ///
    /// # Errors
    ///
    /// See [`Storage`]; [`NotFound`](crate::ErrorKind::NotFound) where there is no such file.
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
    ///     println!("{} bytes more", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn download(&self, path: &str) -> WholeDownload<ServedFile> {
        let (path, checked) = unless_refused(path::of_file("path", path));
        let service = Single { client: self.client.clone(), path };
        WholeDownload::new(self.client.pipeline(), SINGLE, service).check(checked)
    }

    /// Downloads several files as one ZIP archive; a single one comes as it is. [`ServedFile::kind`] tells which. A
    /// file that is named twice counts once.
    ///
    /// Makes the calls of [`prepare_download`](Self::prepare_download) and
    /// [`download_prepared`](Self::download_prepared), and both once more where the service has forgotten what was
    /// prepared. How the entries of the archive are named is not documented.
    ///
    /// # Errors
    ///
    /// What one of the calls ends in; [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty list.
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
        let (paths, checked) = unless_refused(files(paths));
        let service = Many { client: self.client.clone(), paths };
        WholeDownload::new(self.client.pipeline(), MULTI, service).check(checked)
    }

    /// Prepares files for a download, and gives back what [`download_prepared`](Self::download_prepared) takes, for a
    /// short time that the service does not name. [`download_many`](Self::download_many) does both. A file that is
    /// named twice is prepared once.
    ///
    /// Calls `POST /api/download/prepare`; needs the scope `file.read`, most likely.
    ///
    /// # Errors
    ///
    /// See [`Storage`]; [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty list. What the service says of a
    /// file that does not exist is not documented.
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

    /// Downloads what was prepared: a ZIP archive of several files, or a single file as it is.
    ///
    /// Calls `POST /api/download/multi?id=`; needs the scope `file.read`. Otherwise as [`download`](Self::download).
    /// Whether files can be downloaded a second time without being prepared again is not documented.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) most likely where the time is over, or nothing was prepared under the
    /// id.
    ///
    /// # Examples
    ///
    /// See [`prepare_download`](Self::prepare_download).
    pub fn download_prepared(&self, id: &DownloadId) -> WholeDownload<ServedFile> {
        let service = Prepared { client: self.client.clone(), id: id.clone() };
        let known = if id.as_str().is_empty() { Err(Error::invalid_input("id", "is empty")) } else { Ok(()) };
        WholeDownload::new(self.client.pipeline(), "ftpgrid.storage.download_multi", service).check(known)
    }
}

/// Each file once: two entries of an archive with one name are of no use, and one file comes without an archive.
fn files(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Vec<String>> {
    let mut taken = HashSet::new();
    let mut list = Vec::new();
    for path in paths {
        let path = path::of_file("path", path.as_ref())?;
        if taken.insert(path.clone()) {
            list.push(path);
        }
    }
    not_empty("Filelist", list)
}

/// The key of an acknowledgement holds the id here.
fn prepared(reply: &BufferedResponse) -> Result<DownloadId> {
    #[derive(Deserialize)]
    struct Prepared {
        rslt: DownloadId,
        #[serde(default)]
        error: Value,
    }
    let Prepared { rslt, error } = response::object(reply)?;
    if let Some(words) = error::words(&error) {
        return Err(reply.refused(ErrorKind::Rejected, words));
    }
    match rslt.as_str().trim() {
        "" => Err(reply.undecodable("an empty id")),
        word if word.eq_ignore_ascii_case("ok") => Err(reply.undecodable("an acknowledgement without an id")),
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
        let response = as_it_is(call).streams_as(whole).await?;
        let name = path::split(&self.path).1;
        let file = ServedFile::read(response.headers(), name, ServedKind::File);
        Ok((response, file))
    }
}

/// Whatever the file is, without any encoding on the way.
fn as_it_is(call: CallBuilder) -> CallBuilder {
    call.safe().header(header::ACCEPT, "*/*").header(header::ACCEPT_ENCODING, "identity")
}

/// No call asks for a part, and nobody could tell where the rest of one is.
fn whole(response: Response) -> Result<Response> {
    if response.status() == StatusCode::PARTIAL_CONTENT {
        return Err(Error::protocol("all of the file was asked for, and what comes is a part of it"));
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
        let response = multi(&self.client, &self.id, whole).await?;
        let kind = if is_zip(&response) { ServedKind::Zip } else { ServedKind::File };
        let file = ServedFile::read(response.headers(), NAMELESS, kind);
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
        let several = self.paths.len() > 1;
        let fits: Fits = if several { zip_or_failure } else { whole };
        let id = storage.prepare_download(&self.paths).await?;
        let response = match multi(&self.client, &id, fits).await {
            // It was forgotten between the two calls, or was never known to the one that answers now.
            Err(error) if error.is_not_found() => {
                let id = storage.prepare_download(&self.paths).await?;
                multi(&self.client, &id, fits).await?
            }
            other => other?,
        };
        if several && !is_zip(&response) {
            return Err(Error::protocol("several files were asked for, and what comes is JSON"));
        }
        // A single file that is an archive itself comes as it is.
        let (fallback, kind) = if several {
            ("ftpgrid_download.zip", ServedKind::Zip)
        } else {
            (path::split(&self.paths[0]).1, ServedKind::File)
        };
        let file = ServedFile::read(response.headers(), fallback, kind);
        Ok((response, file))
    }
}

type Fits = fn(Response) -> Result<Response>;

async fn multi(client: &Client, id: &DownloadId, fits: Fits) -> Result<Response> {
    let call = client.storage_call(MULTI, "/api/download/multi").query("id", id.as_str());
    let ResponseValue { value, attempts, .. } = as_it_is(call).streams_as(fits).with_response().await?;
    if is_json(&value) { unless_failed(client, attempts, value).await } else { Ok(value) }
}

fn is_zip(response: &Response) -> bool {
    matches!(media_type(response.headers()).as_str(), "application/zip" | "application/x-zip-compressed")
}

fn is_json(response: &Response) -> bool {
    media_type(response.headers()) == "application/json"
}

/// What several files come as, or the service's words for why they do not.
fn zip_or_failure(response: Response) -> Result<Response> {
    let response = whole(response)?;
    if is_zip(&response) || is_json(&response) {
        return Ok(response);
    }
    Err(Error::protocol("several files were asked for, and what comes is not said to be a ZIP archive"))
}

/// JSON is what this endpoint sends no file as. A short one that tells a failure is none.
async fn unless_failed(client: &Client, attempts: u32, response: Response) -> Result<Response> {
    let (parts, mut body) = response.into_parts();
    let length = body.len();
    let mut begin = Vec::new();
    while begin.len() <= MAX_FAILURE {
        match body.chunk().await {
            Some(Ok(chunk)) => begin.extend_from_slice(&chunk),
            Some(Err(cause)) => return Err(Error::interrupted(cause)),
            None => {
                let reply = BufferedResponse::read(client.pipeline(), attempts, parts.clone(), begin.clone().into());
                if let Some(failure) = response::failure_told(&reply) {
                    return Err(failure);
                }
                body = Body::empty();
                break;
            }
        }
    }
    let body = Body::from_stream(Begun { begin: Some(begin.into()), rest: body }, length);
    Ok(Response::from_parts(parts, body))
}

/// A body of which the beginning was read already.
struct Begun {
    begin: Option<Bytes>,
    rest: Body,
}

impl Stream for Begun {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.begin.take() {
            Some(begin) => Poll::Ready(Some(Ok(begin))),
            None => Pin::new(&mut self.rest).poll_next(context),
        }
    }
}
