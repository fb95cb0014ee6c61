//! Downloads as the caller sees them.

use std::fmt;
use std::future::IntoFuture;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use super::byte_stream::ByteStream;
use super::fetch::Fetch;
use super::progress::{Meter, ProgressWatch};
use super::service::{DownloadService, DynDownloadService};
use super::storage::{RESPONSE_LIMIT, Storage, first_of, held};
use super::to_file::{self, FileOptions};
use crate::http::transport::BoxFuture;
use crate::provider::Core;
use crate::{Error, ErrorKind, Outcome, Result};

const MIB: u64 = 1 << 20;

/// A download in the making: settings, then where to.
///
/// A download that stops is taken up again where it stopped, bound to the version that it was begun with: it ends with
/// all bytes of one version, or with an error.
#[must_use = "a download does nothing until it is told where to"]
pub struct DownloadRequest<F> {
    core: Core,
    operation: &'static str,
    storage_operation: &'static str,
    origin: String,
    service: Arc<dyn DynDownloadService<F>>,
    options: FileOptions,
    meter: Meter,
    problem: Option<Error>,
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
        core: &Core,
        operation: &'static str,
        storage_operation: &'static str,
        origin: impl Into<String>,
        service: impl DownloadService<File = F>,
    ) -> Self {
        Self {
            core: core.clone(),
            operation,
            storage_operation,
            origin: origin.into(),
            service: Arc::new(service),
            options: FileOptions {
                parallel: 4,
                segment: 8 * MIB,
                verifies: true,
                keeps_partial: true,
                overwrites: true,
                syncs: true,
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
        let outside = tokio::runtime::Handle::try_current().is_err();
        let outside = outside.then(|| Error::invalid_input("download", "is started outside of a Tokio runtime"));
        self.problem.take().or(outside).map_or(Ok(()), |error| Err(error.within(self.operation, Outcome::NotDone)))
    }

    async fn fetch(&self, meter: Meter) -> Result<Arc<Fetch<F>>> {
        let storage = Storage::new(self.core.clone(), self.storage_operation, RESPONSE_LIMIT);
        Fetch::begin(Arc::clone(&self.service), storage, meter).await.map(Arc::new)
    }

    /// Downloads into a file, which appears under its name when it is complete and not before.
    ///
    /// Until then the bytes are in `NAME.part` beside it. An earlier `.part` file of the same version is gone on with.
    #[must_use = "dropping the handle cancels the download"]
    pub fn to_file(mut self, target: impl Into<PathBuf>) -> Download<F> {
        let (meter, target) = (self.meter.clone(), target.into());
        let watch = meter.watch();
        if let Err(error) = self.ready() {
            return Download { state: State::Ended(Some(Err(error))), watch, cancel: None };
        }
        let operation = self.operation;
        let (held, mut released) = held();
        self.options.held = Some(held);
        let (cancel, cancelled) = oneshot::channel::<()>();
        let run = async move {
            to_file::check(target.clone(), self.options.overwrites).await?;
            let fetch = self.fetch(meter).await?;
            let size = to_file::download(&fetch, &self.origin, target, &self.options).await?;
            Ok(downloaded(&fetch, size))
        };
        let task = tokio::spawn(async move {
            let aborted = async {
                let _ = cancelled.await;
                Err(Error::other("the download was aborted"))
            };
            let ended = first_of(run, aborted).await;
            // Until then the file is still written to.
            let _ = released.recv().await;
            ended.map_err(|error| error.within(operation, Outcome::NotDone))
        });
        Download { state: State::Running(task), watch, cancel: Some(cancel) }
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
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// A download into a file. Dropping it cancels the download; `.await` waits for its end.
#[must_use = "dropping the handle cancels the download"]
pub struct Download<F> {
    state: State<F>,
    watch: ProgressWatch,
    cancel: Option<oneshot::Sender<()>>,
}

enum State<F> {
    Running(JoinHandle<Result<Downloaded<F>>>),
    Ended(Option<Result<Downloaded<F>>>),
}

impl<F: Send + Sync + 'static> Download<F> {
    /// Watches the progress.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.watch.clone()
    }

    /// Waits for the end of the download. Call it once.
    ///
    /// # Errors
    ///
    /// What the download ended in. The target is then what it was before. [`Integrity`](ErrorKind::Integrity) where the
    /// file changed on the server meanwhile or is not what the service says; [`Io`](ErrorKind::Io) where it cannot be
    /// written.
    pub async fn join(&mut self) -> Result<Downloaded<F>> {
        if let State::Running(task) = &mut self.state {
            let result = match task.await {
                Ok(result) => result,
                Err(error) if error.is_panic() => Err(Error::other("a task of the download panicked")),
                Err(_) => Err(Error::other("the runtime shut down during the download")),
            };
            self.state = State::Ended(Some(result));
        }
        match &mut self.state {
            State::Ended(result) => {
                result.take().unwrap_or_else(|| Err(Error::invalid_input("download", "was joined already")))
            }
            State::Running(_) => Err(Error::other("the download is still running")),
        }
    }

    /// Stops the download. What has arrived stays in the `.part` file, unless
    /// [`keep_partial`](DownloadRequest::keep_partial) says otherwise, and the next download to the same target goes on
    /// with it.
    pub async fn abort(mut self) {
        drop(self.cancel.take());
        let _ = self.join().await;
    }
}

impl<F> Drop for Download<F> {
    fn drop(&mut self) {
        if let State::Running(task) = &self.state {
            task.abort();
        }
    }
}

impl<F: Send + Sync + 'static> IntoFuture for Download<F> {
    type Output = Result<Downloaded<F>>;
    type IntoFuture = BoxFuture<'static, Result<Downloaded<F>>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move { self.join().await })
    }
}

impl<F> fmt::Debug for Download<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("progress", &self.watch.now()).finish_non_exhaustive()
    }
}
