//! Downloads from services that send a file in one response.

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use tokio::io::AsyncWrite;

use crate::Result;
use crate::pipeline::Pipeline;
use crate::transfer::download::byte_stream::ByteStream;
use crate::transfer::download::{Download, DownloadRequest, Downloaded};
use crate::transfer::service::WholeDownloadService;

/// A request to download a file from a service that sends it in one response and does not support ranges.
///
/// A broken download into a file starts again from the first byte, as often as the client's retry policy allows. A stream
/// or a writer has already received bytes, and fails. If the service reports the version of the file, as `ETag` or
/// `Last-Modified`, the file is requested again instead, and the bytes that were already returned are skipped.
#[must_use = "a download request has no effect until a destination is chosen"]
pub struct WholeDownload<F>(DownloadRequest<F>);

impl<F: Send + Sync + 'static> WholeDownload<F> {
    /// Creates a download, for provider crates.
    pub fn new(pipeline: &Pipeline, operation: &'static str, service: impl WholeDownloadService<File = F>) -> Self {
        Self(DownloadRequest::whole(pipeline, operation, service))
    }

    /// Keeps a failed check of the input, for provider crates. The download fails with it before it sends anything.
    pub fn check(self, checked: Result<()>) -> Self {
        Self(self.0.check(checked))
    }

    /// Sets whether an existing file is replaced. It keeps its content until the download is complete. Default: true.
    pub fn overwrite(self, overwrite: bool) -> Self {
        Self(self.0.overwrite(overwrite))
    }

    /// Sets whether the file is synced to disk before it is renamed to its final name. Default: true.
    pub fn sync(self, sync: bool) -> Self {
        Self(self.0.sync(sync))
    }

    /// Downloads into a file, which appears under its name once it is complete. Until then the bytes are in `NAME.part`
    /// beside it, which is removed if the download fails.
    #[must_use = "dropping the handle cancels the download"]
    pub fn to_file(self, target: impl Into<PathBuf>) -> Download<F> {
        self.0.to_file(target)
    }

    /// Downloads into a writer, and flushes it at the end. After an error the writer has a part of the file.
    ///
    /// # Errors
    ///
    /// Fails with [`Io`](crate::ErrorKind::Io) if the writer fails, and with
    /// [`Interrupted`](crate::ErrorKind::Interrupted) if the connection breaks.
    pub async fn to_writer(self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<Downloaded<F>> {
        self.0.to_writer(writer).await
    }

    /// Downloads into memory, up to a limit in bytes.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the file is larger than the limit.
    pub async fn bytes(self, limit: usize) -> Result<Bytes> {
        self.0.bytes(limit).await
    }

    /// Starts the download, and returns its bytes as a stream. A stream that ends without an error has returned all bytes
    /// of the file.
    ///
    /// # Errors
    ///
    /// Fails if the service rejects the request. Later errors are items of the stream, which then ends.
    pub async fn stream(self) -> Result<ByteStream<F>> {
        self.0.stream().await
    }
}

impl<F> fmt::Debug for WholeDownload<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WholeDownload").field(&self.0).finish()
    }
}
