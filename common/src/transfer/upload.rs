//! Uploads as the caller sees them.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::handle::{Handle, held, inside_a_runtime};
use super::progress::{Meter, ProgressWatch};
use super::resume::{Ledger, OnCheckpoint, ResumeToken};
use super::run::{Options, Run};
use super::service::{DynUploadService, UploadService};
use super::source::Source;
use super::storage::{RESPONSE_TIMEOUT, Storage};
use crate::http::transport::BoxFuture;
use crate::pipeline::Pipeline;
use crate::{Error, Outcome, Result};

const MIB: u64 = 1 << 20;

/// An upload in the making: settings, then [`start`](Self::start), or `.await` to start and finish it.
///
/// Parts are sent side by side. A part that fails is sent again, with a new address where the old one has expired; the
/// file is completed only after every part has arrived, and its size, and its checksums where the service names some, are
/// compared then. When this returns `Ok` the file is there.
#[must_use = "an upload does nothing until it is started or awaited"]
pub struct UploadRequest<F> {
    pipeline: Pipeline,
    operation: &'static str,
    part_operation: &'static str,
    destination: String,
    service: Arc<dyn DynUploadService<F>>,
    source: Source,
    options: Options,
    response_timeout: Duration,
    on_checkpoint: Option<OnCheckpoint>,
    meter: Meter,
    problem: Option<Error>,
}

impl<F: Send + 'static> UploadRequest<F> {
    /// For provider crates: an upload to one destination. `part_operation` names the requests to the storage.
    pub fn new(
        pipeline: &Pipeline,
        operation: &'static str,
        part_operation: &'static str,
        destination: impl Into<String>,
        source: Source,
        service: impl UploadService<File = F>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            operation,
            part_operation,
            destination: destination.into(),
            service: Arc::new(service),
            source,
            options: Options {
                part_size: None,
                parallel: 4,
                memory_budget: 64 * MIB,
                verifies: true,
                verify_timeout: None,
                content_type: "application/octet-stream".to_owned(),
                hedges: false,
                slots: None,
                held: None,
            },
            response_timeout: RESPONSE_TIMEOUT,
            on_checkpoint: None,
            meter: Meter::new(),
            problem: None,
        }
    }

    /// For provider crates: keeps a failed check of the input, which is returned before anything is sent.
    pub fn check(mut self, checked: Result<()>) -> Self {
        self.problem = self.problem.or(checked.err());
        self
    }

    /// How many parts are sent at once. Default 4. A file costs about half a MiB of memory for each.
    pub fn parallel(self, parts: usize) -> Self {
        let zero = (parts == 0).then(|| Error::invalid_input("parallel", "is zero: nothing would ever be sent"));
        let mut this = self.check(zero.map_or(Ok(()), Err));
        this.options.parallel = parts;
        this
    }

    /// The size of a part in bytes. Default what the service recommends; more where the file needs it to fit into the
    /// highest number of parts.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.options.part_size = Some(bytes);
        self
    }

    /// How much of a stream that can be read once may be held in memory, in bytes. Default 64 MiB. At least one part is
    /// held. Files and bytes need none of it.
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.options.memory_budget = bytes;
        self
    }

    /// The media type of the file, for storages that ask for it. Default `application/octet-stream`.
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.options.content_type = media_type.into();
        self
    }

    /// Whether the MD5 that a storage names for a part, and the sums that the service names for the file, are compared
    /// with the source. Default true; it costs nothing where they name none. Turn it off for storages that encrypt and
    /// whose tags only look like an MD5.
    pub fn verify(mut self, verifies: bool) -> Self {
        self.options.verifies = verifies;
        self
    }

    /// Waits, after completion, until the service names a checksum, and compares it. Without this, sums are compared
    /// where they are there at once.
    pub fn verify_timeout(mut self, limit: Duration) -> Self {
        self.options.verify_timeout = Some(limit);
        self
    }

    /// Whether a part that takes much longer than the others is sent a second time beside the first; whichever arrives
    /// first counts, and the other is dropped. Default false. At most one part in twenty is, and one more, so that about
    /// 5 % more bytes are sent where it helps. It needs a storage that takes a part twice, as S3 does.
    pub fn hedge(mut self, hedges: bool) -> Self {
        self.options.hedges = hedges;
        self
    }

    /// How long the storage may take to answer after it was sent the last byte of a part. Default 120 s.
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.response_timeout = limit;
        self
    }

    /// Is told after every part what is needed to go on from there, to be kept where it survives this process. It runs
    /// on the upload's own task, so it should be quick.
    pub fn on_checkpoint(mut self, told: impl Fn(&ResumeToken) + Send + Sync + 'static) -> Self {
        self.on_checkpoint = Some(Arc::new(told));
        self
    }

    /// Shares slots with other transfers of a tree.
    pub(super) fn slots(mut self, slots: Arc<Semaphore>) -> Self {
        self.options.slots = Some(slots);
        self
    }

    /// Counts for a tree too.
    pub(super) fn counted_by(mut self, tree: &Meter) -> Self {
        self.meter = Meter::within(tree);
        self
    }

    /// Starts the upload in the background.
    #[must_use = "dropping the handle cancels the upload"]
    pub fn start(self) -> Upload<F> {
        self.begin(None)
    }

    /// Goes on with an upload that was begun before: only the missing parts are sent.
    ///
    /// The upload fails, and sends nothing, where the token belongs to another destination or the source is not the same;
    /// and with [`NotFound`](crate::ErrorKind::NotFound) where the service has forgotten the upload, which then has to be
    /// started anew.
    #[must_use = "dropping the handle cancels the upload"]
    pub fn resume(self, token: ResumeToken) -> Upload<F> {
        self.begin(Some(token))
    }

    fn begin(self, resume: Option<ResumeToken>) -> Upload<F> {
        let (meter, ledger) = (self.meter, Ledger::new(self.on_checkpoint));
        let (watch, kept) = (meter.watch(), ledger.clone());
        let problem = self.problem.map_or_else(|| inside_a_runtime(UPLOAD), Err);
        if let Err(problem) = problem {
            let error = problem.within(self.operation, Outcome::NotDone);
            return Upload { handle: Handle::refused(UPLOAD, watch, error), ledger: kept };
        }
        let (held, released) = held();
        let run = Run {
            operation: self.operation,
            destination: self.destination,
            service: self.service,
            storage: Storage::new(self.pipeline, self.part_operation, self.response_timeout),
            options: Options { held: Some(held), ..self.options },
            meter,
            ledger,
        };
        let source = self.source;
        let (operation, stopped) = (run.operation, run.ledger.clone());
        let told = move |error: Error| error.within(operation, stopped.outcome());
        let handle = Handle::start(UPLOAD, watch, released, run.run(source, resume), told);
        Upload { handle, ledger: kept }
    }
}

impl<F: Send + 'static> IntoFuture for UploadRequest<F> {
    type Output = Result<F>;
    type IntoFuture = BoxFuture<'static, Result<F>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.start().join().await })
    }
}

impl<F> fmt::Debug for UploadRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadRequest")
            .field("operation", &self.operation)
            .field("destination", &self.destination)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// An upload under way. Dropping it cancels the upload: no request is made after that, parts that have arrived stay at
/// the storage, and no file appears. `.await` waits for its end.
#[must_use = "dropping the handle cancels the upload"]
pub struct Upload<F> {
    handle: Handle<F>,
    ledger: Ledger,
}

const UPLOAD: &str = "upload";

impl<F: Send + 'static> Upload<F> {
    /// Watches the progress.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.handle.progress().clone()
    }

    /// What is needed to go on with the upload after it failed or was aborted. `None` before it has begun at the service,
    /// after it is complete, and for streams that can be read once.
    #[must_use]
    pub fn resume_token(&self) -> Option<ResumeToken> {
        self.ledger.token()
    }

    /// Waits for the end of the upload. Call it once; the handle stays, for [`resume_token`](Self::resume_token).
    ///
    /// # Errors
    ///
    /// What the upload ended in. [`Error::outcome`] tells whether the file may be there: it is
    /// [`NotDone`](Outcome::NotDone) for every failure before completion,
    /// [`Unknown`](Outcome::Unknown) where no answer to the completion came, and
    /// [`Done`](Outcome::Done) where the file is there and is not what was sent.
    pub async fn join(&mut self) -> Result<F> {
        self.handle.join().await
    }

    /// Stops the upload. Nothing is sent after this returns.
    pub async fn abort(mut self) -> Aborted {
        let outcome = match self.handle.abort().await {
            Ok(_) => Outcome::Done,
            Err(error) => error.outcome(),
        };
        Aborted { outcome, resume_token: self.ledger.token() }
    }
}

/// An upload that was stopped.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Aborted {
    /// Whether the file may be there: [`Done`](Outcome::Done) where the upload had just ended well,
    /// [`Unknown`](Outcome::Unknown) where it was stopped while it was being completed, and
    /// [`NotDone`](Outcome::NotDone) before.
    pub outcome: Outcome,
    /// What is needed to go on with it.
    pub resume_token: Option<ResumeToken>,
}

impl<F: Send + 'static> IntoFuture for Upload<F> {
    type Output = Result<F>;
    type IntoFuture = BoxFuture<'static, Result<F>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move { self.join().await })
    }
}

impl<F: Send + 'static> fmt::Debug for Upload<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("progress", &self.handle.progress().now()).finish_non_exhaustive()
    }
}
