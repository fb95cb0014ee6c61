//! Downloads as the caller sees them.

use std::fmt;
use std::future::IntoFuture;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::byte_stream::ByteStream;
use super::fetch::{Fetch, Origin};
use super::handle::{Handle, held, inside_a_runtime};
use super::progress::{Meter, ProgressWatch};
use super::service::{DownloadService, DynDownloadService, DynWholeDownloadService, WholeDownloadService};
use super::storage::{RESPONSE_TIMEOUT, Storage};
use super::to_file::{self, FileOptions};
use crate::http::transport::BoxFuture;
use crate::pipeline::Pipeline;
use crate::{Error, ErrorKind, Outcome, Result};

const MIB: u64 = 1 << 20;

/// A download in the making: settings, then where to.
///
/// A download that stops is taken up again where it stopped, bound to the version that it was begun with: it ends with
/// all bytes of one version, or with an error.
#[must_use = "a download does nothing until it is told where to"]
pub struct DownloadRequest<F> {
    pipeline: Pipeline,
    operation: &'static str,
    /// Names what is downloaded in the notes of a download that stopped.
    name: String,
    from: From<F>,
    options: FileOptions,
    meter: Meter,
    problem: Option<Error>,
}

enum From<F> {
    /// With the name of the requests to the storage.
    Storage(Arc<dyn DynDownloadService<F>>, &'static str),
    Service(Arc<dyn DynWholeDownloadService<F>>),
}

/// A file that was downloaded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Downloaded<F> {
    /// What the service said of the file when the download began.
    pub file: Arc<F>,
    /// In bytes.
    pub size: u64,
}

impl<F: Send + Sync + 'static> DownloadRequest<F> {
    /// For provider crates: a download of one file. `storage_operation` names the requests to the storage.
    pub fn new(
        pipeline: &Pipeline,
        operation: &'static str,
        storage_operation: &'static str,
        origin: impl Into<String>,
        service: impl DownloadService<File = F>,
    ) -> Self {
        Self::from(pipeline, operation, origin.into(), From::Storage(Arc::new(service), storage_operation))
    }

    /// A download in one reply of the service itself.
    pub(super) fn whole(
        pipeline: &Pipeline,
        operation: &'static str,
        service: impl WholeDownloadService<File = F>,
    ) -> Self {
        Self::from(pipeline, operation, String::new(), From::Service(Arc::new(service))).keep_partial(false)
    }

    fn from(pipeline: &Pipeline, operation: &'static str, name: String, from: From<F>) -> Self {
        Self {
            pipeline: pipeline.clone(),
            operation,
            name,
            from,
            options: FileOptions {
                parallel: 4,
                segment: 8 * MIB,
                verifies: true,
                keeps_partial: true,
                overwrites: true,
                syncs: true,
                hedges: false,
                slots: None,
                held: None,
            },
            meter: Meter::new(),
            problem: None,
        }
    }

    /// For provider crates: keeps a failed check of the input, which is returned before anything is sent.
    pub fn check(mut self, checked: Result<()>) -> Self {
        self.problem = self.problem.or(checked.err());
        self
    }

    /// How many ranges are fetched at once into a file. Default 4. Streams and writers are fed by one request.
    pub fn parallel(self, ranges: usize) -> Self {
        let zero = (ranges == 0).then(|| Error::invalid_input("parallel", "is zero: nothing would ever be fetched"));
        let mut this = self.check(zero.map_or(Ok(()), Err));
        this.options.parallel = ranges;
        this
    }

    /// The size of a range in bytes. Default 8 MiB.
    pub fn range_size(self, bytes: u64) -> Self {
        let zero = (bytes == 0).then(|| Error::invalid_input("range_size", "is zero"));
        let mut this = self.check(zero.map_or(Ok(()), Err));
        this.options.segment = bytes;
        this
    }

    /// Whether a range that takes much longer than the others is asked for anew, from where it has got to. Default false.
    /// It is for downloads into a file, which fetch ranges side by side; at most one in twenty is, and one more.
    pub fn hedge(mut self, hedges: bool) -> Self {
        self.options.hedges = hedges;
        self
    }

    /// Whether the checksums that the service names are compared with what came. Default true; it costs nothing where it
    /// names none.
    pub fn verify(mut self, verifies: bool) -> Self {
        self.options.verifies = verifies;
        self
    }

    /// Whether a download into a file that fails leaves what it has in a `.part` file beside the target, for the next try
    /// to go on with. Default true. What does not fit together is always removed.
    pub fn keep_partial(mut self, keeps: bool) -> Self {
        self.options.keeps_partial = keeps;
        self
    }

    /// Whether an existing file is replaced. Default true: the old content stays until the new one is complete.
    pub fn overwrite(mut self, overwrites: bool) -> Self {
        self.options.overwrites = overwrites;
        self
    }

    /// Whether the file is on the disk, and not only in the system's memory, before it gets its name. Default true.
    pub fn sync(mut self, syncs: bool) -> Self {
        self.options.syncs = syncs;
        self
    }

    pub(super) fn slots(mut self, slots: Arc<Semaphore>) -> Self {
        self.options.slots = Some(slots);
        self
    }

    pub(super) fn counted_by(mut self, tree: &Meter) -> Self {
        self.meter = Meter::within(tree);
        self
    }

    fn ready(&mut self) -> Result<()> {
        let ready = self.problem.take().map_or_else(|| inside_a_runtime(DOWNLOAD), Err);
        ready.map_err(|error| error.within(self.operation, Outcome::NotDone))
    }

    async fn fetch(&self, meter: Meter) -> Result<Arc<Fetch<F>>> {
        let pipeline = self.pipeline.clone();
        let origin = match &self.from {
            From::Storage(service, operation) => {
                Origin::Storage(Arc::clone(service), Storage::new(pipeline.clone(), operation, RESPONSE_TIMEOUT))
            }
            From::Service(service) => Origin::Service(Arc::clone(service)),
        };
        Fetch::begin(pipeline, origin, meter).await.map(Arc::new)
    }

    /// Downloads into a file, which appears under its name when it is complete and not before.
    ///
    /// Until then the bytes are in `NAME.part` beside it. An earlier `.part` file of the same version is gone on with.
    #[must_use = "dropping the handle cancels the download"]
    pub fn to_file(mut self, target: impl Into<PathBuf>) -> Download<F> {
        let (meter, target) = (self.meter.clone(), target.into());
        let watch = meter.watch();
        if let Err(error) = self.ready() {
            return Download(Handle::refused(DOWNLOAD, watch, error));
        }
        let operation = self.operation;
        let (held, released) = held();
        self.options.held = Some(held);
        let run = async move {
            let ended = self.into_file(target, meter).await;
            ended.map_err(|error| error.within(operation, Outcome::NotDone))
        };
        let told = move |error: Error| error.within(operation, Outcome::NotDone);
        Download(Handle::start(DOWNLOAD, watch, released, run, told))
    }

    async fn into_file(self, target: PathBuf, meter: Meter) -> Result<Downloaded<F>> {
        to_file::check(target.clone(), self.options.overwrites).await?;
        let mut restarts = 0;
        loop {
            let fetch = self.fetch(meter.clone()).await?;
            let ended = to_file::download(&fetch, &self.name, target.clone(), &self.options).await;
            let backoff = &self.pipeline.inner().backoff;
            match ended {
                // Nothing would tell whether the rest is of the same version, but all of it can be fetched again.
                Err(error) if fetch.ended_unbound(&error) && backoff.attempts_left(restarts + 1) => {
                    restarts += 1;
                    meter.restarted();
                    backoff.wait(restarts, None).await.map_err(|_| error)?;
                }
                Err(error) => return Err(error),
                Ok(size) => return Ok(downloaded(&fetch, size)),
            }
        }
    }

    /// Downloads into a writer, in order, and flushes it at the end. On an error the writer has a part of the file.
    ///
    /// # Errors
    ///
    /// [`Io`](ErrorKind::Io) where the writer fails; [`Integrity`](ErrorKind::Integrity) where the file changed on the
    /// server meanwhile or its checksum differs, which is known only after the last byte.
    pub async fn to_writer(self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<Downloaded<F>> {
        let operation = self.operation;
        let write_failed = |error: std::io::Error| {
            let said = format!("the writer failed: {error}");
            Error::local(ErrorKind::Io, said).with_source(error).within(operation, Outcome::NotDone)
        };
        let mut stream = self.stream().await?;
        while let Some(chunk) = stream.try_next().await? {
            writer.write_all(&chunk).await.map_err(write_failed)?;
        }
        writer.flush().await.map_err(write_failed)?;
        Ok(Downloaded { size: stream.received(), file: stream.file() })
    }

    /// Downloads into memory, up to a limit in bytes.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) where the file is larger than the limit; nothing was fetched then.
    pub async fn bytes(self, limit: usize) -> Result<Bytes> {
        let operation = self.operation;
        let mut stream = self.stream().await?;
        let too_large = || {
            let problem = format!("has more than the {limit} bytes asked for at most");
            Error::invalid_input("file", problem).within(operation, Outcome::NotDone)
        };
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

    /// Begins the download and hands out its bytes in order.
    ///
    /// # Errors
    ///
    /// What asking for the file ends in. Later failures are items of the stream; after one it ends. A stream that ends
    /// without one had all bytes of the file.
    pub async fn stream(mut self) -> Result<ByteStream<F>> {
        self.ready()?;
        let (operation, verifies, meter) = (self.operation, self.options.verifies, self.meter.clone());
        let watch = meter.watch();
        let begun = async {
            let fetch = self.fetch(meter).await?;
            let mut ranged = fetch.range(0, None);
            ranged.open().await?;
            Ok((fetch, ranged))
        };
        let begun: Result<_> = begun.await;
        let (fetch, ranged) = begun.map_err(|error| error.within(operation, Outcome::NotDone))?;
        Ok(ByteStream::new(operation, fetch, ranged, verifies, watch))
    }
}

fn downloaded<F: Send + Sync + 'static>(fetch: &Fetch<F>, size: u64) -> Downloaded<F> {
    Downloaded { file: fetch.first_file(), size }
}

impl<F> fmt::Debug for DownloadRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadRequest")
            .field("operation", &self.operation)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A download into a file. Dropping it cancels the download; `.await` waits for its end.
#[must_use = "dropping the handle cancels the download"]
pub struct Download<F>(Handle<Downloaded<F>>);

const DOWNLOAD: &str = "download";

impl<F: Send + Sync + 'static> Download<F> {
    /// Watches the progress.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.0.progress().clone()
    }

    /// Waits for the end of the download. Call it once.
    ///
    /// # Errors
    ///
    /// What the download ended in. The target is then what it was before. [`Integrity`](ErrorKind::Integrity) where the
    /// file changed on the server meanwhile or is not what the service says; [`Io`](ErrorKind::Io) where it cannot be
    /// written.
    pub async fn join(&mut self) -> Result<Downloaded<F>> {
        self.0.join().await
    }

    /// Stops the download. What has arrived stays in the `.part` file where the next download to the same target can go on
    /// with it, and goes otherwise.
    pub async fn abort(mut self) {
        let _ = self.0.abort().await;
    }
}

impl<F: Send + Sync + 'static> IntoFuture for Download<F> {
    type Output = Result<Downloaded<F>>;
    type IntoFuture = BoxFuture<'static, Result<Downloaded<F>>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move { self.join().await })
    }
}

impl<F: Send + Sync + 'static> fmt::Debug for Download<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("progress", &self.0.progress().now()).finish_non_exhaustive()
    }
}
