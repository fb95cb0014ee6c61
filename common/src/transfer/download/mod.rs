//! Downloads: the request, the handle, and the ranged GETs behind them.

pub(crate) mod byte_stream;
pub(crate) mod content_range;
pub(crate) mod file_download;
pub(crate) mod file_writer;
pub(crate) mod range_fetcher;
pub(crate) mod range_reader;
pub(crate) mod whole_download;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::pipeline::Pipeline;
use crate::transfer::download::byte_stream::ByteStream;
use crate::transfer::download::file_download::{FileDownload, FileOptions};
use crate::transfer::download::range_fetcher::{DownloadSource, RangeFetcher};
use crate::transfer::download::range_reader::RangeReader;
use crate::transfer::handle::{TaskGuard, TransferHandle};
use crate::transfer::local::file::blocking;
use crate::transfer::local::partial_file::check_target;
use crate::transfer::progress::{ProgressMeter, ProgressWatch};
use crate::transfer::request::{Slots, TransferRequest};
use crate::transfer::service::{DownloadService, WholeDownloadService};
use crate::{Error, ErrorKind, Outcome, Result};

const DOWNLOAD: &str = "download";
const MIB: u64 = 1 << 20;

/// A request to download a file, which ends with one of the methods for a destination.
///
/// A broken download is resumed with a range request, pinned to one version of the file with a strong validator. It
/// returns all bytes of one version, or fails.
#[must_use = "a download request has no effect until a destination is chosen"]
pub struct DownloadRequest<F> {
    request: TransferRequest,
    options: FileOptions,
    pipeline: Pipeline,
    /// Identifies the file at the service in the manifest of a partial file.
    origin: String,
    source: DownloadSource<F>,
}

/// A downloaded file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Downloaded<F> {
    /// The description of the file that the service returned when the download started.
    pub file: Arc<F>,
    /// The size in bytes.
    pub size: u64,
}

impl<F: Send + Sync + 'static> DownloadRequest<F> {
    /// Creates a download of one file, for provider crates. `storage_operation` names the requests to the storage.
    pub fn new(
        pipeline: &Pipeline,
        operation: &'static str,
        storage_operation: &'static str,
        origin: impl Into<String>,
        service: impl DownloadService<File = F>,
    ) -> Self {
        Self::from_source(
            pipeline,
            operation,
            origin.into(),
            DownloadSource::Storage(Arc::new(service), storage_operation),
        )
    }

    /// Creates a download in one response of the service.
    pub(crate) fn whole(
        pipeline: &Pipeline,
        operation: &'static str,
        service: impl WholeDownloadService<File = F>,
    ) -> Self {
        let source = DownloadSource::Whole(Arc::new(service));
        Self::from_source(pipeline, operation, String::new(), source).keep_partial(false)
    }

    fn from_source(pipeline: &Pipeline, operation: &'static str, origin: String, source: DownloadSource<F>) -> Self {
        Self {
            request: TransferRequest::new(operation),
            options: FileOptions { range_size: 8 * MIB, keep_partial: true, overwrite: true, sync: true },
            pipeline: pipeline.clone(),
            origin,
            source,
        }
    }

    /// Keeps a failed check of the input, for provider crates. The download fails with it before it sends anything.
    pub fn check(mut self, checked: Result<()>) -> Self {
        self.request.check(checked);
        self
    }

    /// Sets how many ranges of a download into a file are fetched in parallel. Streams and writers use one request.
    /// Default: 4.
    pub fn parallel(mut self, ranges: usize) -> Self {
        self.request.check_not_zero("parallel", ranges as u64);
        self.request.parallel = ranges;
        self
    }

    /// Sets the size of a range in bytes. Default: 8 MiB.
    pub fn range_size(mut self, bytes: u64) -> Self {
        self.request.check_not_zero("range_size", bytes);
        self.options.range_size = bytes;
        self
    }

    /// Sets whether a range of a download into a file is hedged if it takes much longer than the others: the rest of it is
    /// requested again. At most one range in twenty is hedged, plus one. Default: false.
    pub fn hedge(mut self, hedge: bool) -> Self {
        self.request.hedge = hedge;
        self
    }

    /// Sets whether the checksum of the file is compared with the one that the service reports, if any. Default: true.
    pub fn verify(mut self, verify: bool) -> Self {
        self.request.verify = verify;
        self
    }

    /// Sets whether a failed download into a file keeps its `.part` file, so that the next download resumes it. A file with
    /// invalid content is always removed. Default: true.
    pub fn keep_partial(mut self, keep: bool) -> Self {
        self.options.keep_partial = keep;
        self
    }

    /// Sets whether an existing file is replaced. It keeps its content until the download is complete. Default: true.
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.options.overwrite = overwrite;
        self
    }

    /// Sets whether the file is synced to disk before it is renamed to its final name. Default: true.
    pub fn sync(mut self, sync: bool) -> Self {
        self.options.sync = sync;
        self
    }

    pub(crate) fn within_tree(mut self, slots: Slots, meter: &ProgressMeter) -> Self {
        self.request.within_tree(slots, meter);
        self
    }

    async fn fetcher(&self) -> Result<Arc<RangeFetcher<F>>> {
        RangeFetcher::open(self.pipeline.clone(), &self.source, self.request.meter.clone()).await.map(Arc::new)
    }

    /// Downloads into a file, which appears under its name once it is complete.
    ///
    /// Until then the bytes are in `NAME.part` beside it. The `.part` file of an earlier download of the same version is
    /// resumed.
    #[must_use = "dropping the handle cancels the download"]
    pub fn to_file(self, target: impl Into<PathBuf>) -> Download<F> {
        let (operation, target) = (self.request.operation, target.into());
        let Self { request, options, pipeline, origin, source } = self;
        Download(request.start(
            DOWNLOAD,
            || Outcome::NotDone,
            |request, guard| async move {
                let download = Self { request, options, pipeline, origin, source };
                download.write_file(target, guard).await.map_err(|error| error.within(operation, Outcome::NotDone))
            },
        ))
    }

    async fn write_file(self, target: PathBuf, guard: TaskGuard) -> Result<Downloaded<F>> {
        let (path, overwrite) = (target.clone(), self.options.overwrite);
        blocking(move || check_target(&path, overwrite)).await??;
        let backoff = &self.pipeline.inner().backoff;
        let mut restarts = 0;
        loop {
            let fetcher = self.fetcher().await?;
            let Self { request, options, origin, .. } = &self;
            let download = FileDownload { fetcher: Arc::clone(&fetcher), origin, request, options };
            match download.run(target.clone(), guard.clone()).await {
                Ok(size) => return Ok(Downloaded { file: fetcher.file(), size }),
                // The rest could belong to another version, so that the whole file is fetched again.
                Err(error) if fetcher.failed_without_validator(&error) && backoff.attempts_left(restarts + 1) => {
                    restarts += 1;
                    self.request.meter.restart();
                    backoff.wait(restarts, None).await.map_err(|_| error)?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Downloads into a writer, in order, and flushes it at the end. After an error the writer has a part of the file.
    ///
    /// # Errors
    ///
    /// Fails with [`Io`](ErrorKind::Io) if the writer fails, and with [`Integrity`](ErrorKind::Integrity) if the file
    /// changes on the server during the download or its checksum differs. The checksum is known after the last byte only.
    pub async fn to_writer(self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<Downloaded<F>> {
        let operation = self.request.operation;
        let write_error = |error: std::io::Error| {
            let message = format!("the writer failed: {error}");
            Error::local(ErrorKind::Io, message).with_source(error).within(operation, Outcome::NotDone)
        };
        let mut stream = self.stream().await?;
        while let Some(chunk) = stream.try_next().await? {
            writer.write_all(&chunk).await.map_err(write_error)?;
        }
        writer.flush().await.map_err(write_error)?;
        Ok(Downloaded { size: stream.received(), file: stream.file() })
    }

    /// Downloads into memory, up to a limit in bytes.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](ErrorKind::InvalidInput) if the file is larger than the limit.
    pub async fn bytes(self, limit: usize) -> Result<Bytes> {
        let operation = self.request.operation;
        let too_large = || {
            let problem = format!("is larger than the limit of {limit} bytes");
            Error::invalid_input("file", problem).within(operation, Outcome::NotDone)
        };
        let mut stream = self.stream().await?;
        if stream.size().is_some_and(|size| size > limit as u64) {
            return Err(too_large());
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = stream.try_next().await? {
            if bytes.len() + chunk.len() > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Starts the download, and returns its bytes as a stream. A stream that ends without an error has returned all bytes
    /// of the file.
    ///
    /// # Errors
    ///
    /// Fails if the service or the storage rejects the request. Later errors are items of the stream, which then ends.
    pub async fn stream(mut self) -> Result<ByteStream<F>> {
        self.request.validate(DOWNLOAD)?;
        let operation = self.request.operation;
        let opened = async {
            let fetcher = self.fetcher().await?;
            let mut reader = RangeReader::new(&fetcher, 0, None);
            reader.open().await?;
            Ok::<_, Error>((fetcher, reader))
        };
        let (fetcher, reader) = opened.await.map_err(|error| error.within(operation, Outcome::NotDone))?;
        Ok(ByteStream::new(operation, fetcher, reader, self.request.verify, self.request.meter.watch()))
    }
}

partial_debug!(DownloadRequest<F>, self => operation: self.request.operation, origin: self.origin);

/// A download into a file in progress. `.await` waits for its end; `&mut download` can be awaited too, for example in
/// `select!`. Dropping the handle cancels the download.
#[must_use = "dropping the handle cancels the download"]
pub struct Download<F>(TransferHandle<Downloaded<F>>);

impl<F: Send + Sync + 'static> Download<F> {
    /// Returns a watch of the progress.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.0.progress().clone()
    }

    /// Waits for the end of the download.
    ///
    /// # Errors
    ///
    /// Fails with the error of the download, and leaves the target unchanged. Fails with
    /// [`Integrity`](ErrorKind::Integrity) if the file changes on the server during the download or differs from the
    /// reported size or checksum, and with [`Io`](ErrorKind::Io) if it cannot be written.
    pub async fn join(self) -> Result<Downloaded<F>> {
        self.await
    }

    /// Aborts the download. The `.part` file is kept if the next download to the same target can resume it, and removed
    /// otherwise.
    pub async fn abort(mut self) {
        let _ = self.0.abort().await;
    }
}

impl<F: Send + Sync + 'static> Future for Download<F> {
    type Output = Result<Downloaded<F>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

partial_debug!(Download<F>, self => progress: self.0.progress().now());
