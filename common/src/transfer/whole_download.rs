//! Downloads from services that send a file in one reply.

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use tokio::io::AsyncWrite;

use super::byte_stream::ByteStream;
use super::download::{Download, DownloadRequest, Downloaded};
use super::service::WholeDownloadService;
use crate::Result;
use crate::pipeline::Pipeline;

/// A download in the making, from a service that sends a file in one reply: settings, then where to.
///
/// The service can neither send a part of a file nor go on where a reply stopped. A download into a file that breaks off
/// begins again from its first byte, as often as the client's retry policy says. A stream and a writer have been handed
/// bytes already, and end in an error; only where the service names the version of the file (by `ETag` or
/// `Last-Modified`) is all of it asked for again, and what has been handed out passed over.
#[must_use = "a download does nothing until it is told where to"]
pub struct WholeDownload<F>(DownloadRequest<F>);

impl<F: Send + Sync + 'static> WholeDownload<F> {
    /// For provider crates: a download of one file, or of what the service makes one of.
    pub fn new(pipeline: &Pipeline, operation: &'static str, service: impl WholeDownloadService<File = F>) -> Self {
        Self(DownloadRequest::whole(pipeline, operation, service))
    }

    /// For provider crates: keeps a failed check of the input, which is returned before anything is sent.
    pub fn check(self, checked: Result<()>) -> Self {
        Self(self.0.check(checked))
    }

    /// Whether an existing file is replaced. Default true: the old content stays until the new one is complete.
    pub fn overwrite(self, overwrites: bool) -> Self {
        Self(self.0.overwrite(overwrites))
    }

    /// Whether the file is on the disk, and not only in the system's memory, before it gets its name. Default true.
    pub fn sync(self, syncs: bool) -> Self {
        Self(self.0.sync(syncs))
    }

    /// Downloads into a file, which appears under its name when it is complete and not before. Until then the bytes are
    /// in `NAME.part` beside it, which goes when the download fails.
    #[must_use = "dropping the handle cancels the download"]
    pub fn to_file(self, target: impl Into<PathBuf>) -> Download<F> {
        self.0.to_file(target)
    }

    /// Downloads into a writer and flushes it at the end. On an error the writer has a part of the file.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) where the writer fails; [`Interrupted`](crate::ErrorKind::Interrupted) where the
    /// connection broke.
    pub async fn to_writer(self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<Downloaded<F>> {
        self.0.to_writer(writer).await
    }

    /// Downloads into memory, up to a limit in bytes.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where the file is larger than the limit.
    pub async fn bytes(self, limit: usize) -> Result<Bytes> {
        self.0.bytes(limit).await
    }

    /// Begins the download and hands out its bytes in order.
    ///
    /// # Errors
    ///
    /// What asking for the file ends in. Later failures are items of the stream; after one it ends. A stream that ends
    /// without one had all bytes of the file.
    pub async fn stream(self) -> Result<ByteStream<F>> {
        self.0.stream().await
    }
}

impl<F> fmt::Debug for WholeDownload<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WholeDownload").field(&self.0).finish()
    }
}
