//! Multipart uploads: the request, the handle, and the parts behind them.

pub(crate) mod checkpoint;
pub(crate) mod context;
pub(crate) mod error;
pub(crate) mod part_body;
pub(crate) mod part_reader;
pub(crate) mod part_uploader;
pub(crate) mod plan;
pub(crate) mod resume_token;
pub(crate) mod scheduler;
pub(crate) mod task;

use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::http::transport::BoxFuture;
use crate::pipeline::Pipeline;
use crate::transfer::handle::TransferHandle;
use crate::transfer::progress::{ProgressMeter, ProgressWatch};
use crate::transfer::request::{Slots, TransferRequest};
use crate::transfer::service::{DynUploadService, UploadService};
use crate::transfer::source::Source;
use crate::transfer::storage::client::StorageClient;
use crate::transfer::upload::checkpoint::{Checkpoint, OnCheckpoint};
use crate::transfer::upload::context::{UploadContext, UploadOptions};
use crate::transfer::upload::error::UploadError;
use crate::transfer::upload::resume_token::ResumeToken;
use crate::transfer::upload::task::UploadTask;
use crate::{Outcome, Result};

const UPLOAD: &str = "upload";
const MIB: u64 = 1 << 20;

/// A request to upload a file. [`start`](Self::start) returns a handle, and `.await` runs the upload to its end.
///
/// Parts are sent in parallel. A failed part is retried, with a renewed presigned URL if the old one has expired. The
/// upload is completed only after all parts have arrived. Then its size is verified, and its checksums if the service
/// reports any. The file exists once this returns `Ok`.
#[must_use = "an upload request has no effect until it is started or awaited"]
pub struct UploadRequest<F> {
    request: TransferRequest,
    options: UploadOptions,
    pipeline: Pipeline,
    part_operation: &'static str,
    destination: String,
    service: Arc<dyn DynUploadService<F>>,
    source: Source,
    on_checkpoint: Option<OnCheckpoint>,
}

impl<F: Send + 'static> UploadRequest<F> {
    /// Creates an upload to one destination, for provider crates. `part_operation` names the requests to the storage.
    pub fn new(
        pipeline: &Pipeline,
        operation: &'static str,
        part_operation: &'static str,
        destination: impl Into<String>,
        source: Source,
        service: impl UploadService<File = F>,
    ) -> Self {
        Self {
            request: TransferRequest::new(operation),
            options: UploadOptions {
                part_size: None,
                memory_budget: 64 * MIB,
                verify_timeout: None,
                content_type: "application/octet-stream".to_owned(),
            },
            pipeline: pipeline.clone(),
            part_operation,
            destination: destination.into(),
            service: Arc::new(service),
            source,
            on_checkpoint: None,
        }
    }

    /// Keeps a failed check of the input, for provider crates. The upload fails with it before it sends anything.
    pub fn check(mut self, checked: Result<()>) -> Self {
        self.request.check(checked);
        self
    }

    /// Sets how many parts are sent in parallel. A file needs about 512 KiB of memory for each. Default: 4.
    pub fn parallel(mut self, parts: usize) -> Self {
        self.request.check_not_zero("parallel", parts as u64);
        self.request.parallel = parts;
        self
    }

    /// Sets the part size in bytes. Default: the size that the service recommends, or more if the file would otherwise
    /// exceed the maximum number of parts.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.options.part_size = Some(bytes);
        self
    }

    /// Sets how much of a one-shot stream is held in memory, in bytes. At least one part is held. Files and bytes need no
    /// budget. Default: 64 MiB.
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.options.memory_budget = bytes;
        self
    }

    /// Sets the media type of the file, for storages that require it. Default: `application/octet-stream`.
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.options.content_type = media_type.into();
        self
    }

    /// Sets whether checksums are compared: the MD5 in the `ETag` of a part, and those that the service reports for the
    /// file. Disable it for storages with encryption whose `ETag` only looks like an MD5. Default: true.
    pub fn verify(mut self, verify: bool) -> Self {
        self.request.verify = verify;
        self
    }

    /// Sets how long to wait, after completion, for the service to report a checksum. Fails if it reports none in time.
    /// Default: no wait; a checksum is compared if the service reports it at once.
    pub fn verify_timeout(mut self, timeout: Duration) -> Self {
        self.options.verify_timeout = Some(timeout);
        self
    }

    /// Sets whether a part that takes much longer than the others is hedged: it is sent a second time, and the first
    /// success counts. At most one part in twenty is hedged, plus one, which adds about 5 % of traffic. The storage must
    /// accept a part twice, as S3 does. Default: false.
    pub fn hedge(mut self, hedge: bool) -> Self {
        self.request.hedge = hedge;
        self
    }

    /// Sets the time until the storage responds after the last byte of a part was sent. Default: 120 seconds.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.request.response_timeout = timeout;
        self
    }

    /// Sets a callback that receives a resume token after each part, to be stored. It runs on the task of the upload and
    /// must not block. Default: none.
    pub fn on_checkpoint(mut self, callback: impl Fn(&ResumeToken) + Send + Sync + 'static) -> Self {
        self.on_checkpoint = Some(Arc::new(callback));
        self
    }

    pub(crate) fn within_tree(mut self, slots: Slots, meter: &ProgressMeter) -> Self {
        self.request.within_tree(slots, meter);
        self
    }

    /// Starts the upload in the background.
    #[must_use = "dropping the handle cancels the upload"]
    pub fn start(self) -> Upload<F> {
        self.spawn(None)
    }

    /// Resumes an upload: sends only the missing parts.
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput), before it sends anything, if the token belongs to
    /// another destination or source. Fails with [`NotFound`](crate::ErrorKind::NotFound) if the upload has expired at the
    /// service; start a new one then.
    #[must_use = "dropping the handle cancels the upload"]
    pub fn resume(self, token: ResumeToken) -> Upload<F> {
        self.spawn(Some(token))
    }

    fn spawn(self, resume: Option<ResumeToken>) -> Upload<F> {
        let Self { request, options, pipeline, part_operation, destination, service, source, on_checkpoint } = self;
        let checkpoint = Checkpoint::new(on_checkpoint);
        let (handle_checkpoint, stopped) = (checkpoint.clone(), checkpoint.clone());
        let storage = StorageClient::new(pipeline, part_operation, request.response_timeout);
        let handle = request.start(
            UPLOAD,
            move || stopped.outcome(),
            |request, guard| {
                let context = UploadContext { request, options, service, storage, checkpoint, guard };
                UploadTask { destination, context }.run(source, resume)
            },
        );
        Upload { handle, checkpoint: handle_checkpoint }
    }
}

impl<F: Send + 'static> IntoFuture for UploadRequest<F> {
    type Output = Result<F, UploadError>;
    type IntoFuture = BoxFuture<'static, Result<F, UploadError>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.start().await })
    }
}

partial_debug!(UploadRequest<F>, self =>
    operation: self.request.operation,
    destination: self.destination,
    source: self.source,
);

/// An upload in progress. `.await` waits for its end; `&mut upload` can be awaited too, for example in `select!`.
///
/// Dropping the handle cancels the upload. The client sends nothing after that, the storage keeps the parts that have
/// arrived until the service removes them, and no file appears.
#[must_use = "dropping the handle cancels the upload"]
pub struct Upload<F> {
    handle: TransferHandle<F>,
    checkpoint: Checkpoint,
}

impl<F: Send + 'static> Upload<F> {
    /// Returns a watch of the progress.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.handle.progress().clone()
    }

    /// Returns the token that resumes the upload after it failed or was aborted. `None` before the upload has started at
    /// the service, after it is complete, and for one-shot streams.
    #[must_use]
    pub fn resume_token(&self) -> Option<ResumeToken> {
        self.checkpoint.token()
    }

    /// Waits for the end of the upload.
    ///
    /// # Errors
    ///
    /// Fails with the error of the upload. Its [`outcome`](crate::Error::outcome) is [`NotDone`](Outcome::NotDone) before
    /// completion, [`Unknown`](Outcome::Unknown) if no response to the completion arrived, and [`Done`](Outcome::Done) if
    /// the file exists but differs from the source.
    pub async fn join(self) -> Result<F, UploadError> {
        self.await
    }

    /// Aborts the upload. The client sends nothing after this returns, and the upload is not completed. The service keeps
    /// the parts for a resume.
    pub async fn abort(mut self) -> Aborted {
        let outcome = match self.handle.abort().await {
            Ok(_) => Outcome::Done,
            Err(error) => error.outcome(),
        };
        Aborted { outcome, resume_token: self.checkpoint.token() }
    }
}

impl<F: Send + 'static> Future for Upload<F> {
    type Output = Result<F, UploadError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(Pin::new(&mut self.handle).poll(context));
        Poll::Ready(result.map_err(|error| UploadError { error, resume_token: self.checkpoint.token() }))
    }
}

partial_debug!(Upload<F>, self => progress: self.handle.progress().now());

/// The result of an aborted upload.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Aborted {
    /// Whether the file may exist: [`Done`](Outcome::Done) if the upload had just succeeded, [`Unknown`](Outcome::Unknown)
    /// if it was aborted during completion, and [`NotDone`](Outcome::NotDone) before.
    pub outcome: Outcome,
    /// Resumes the upload.
    pub resume_token: Option<ResumeToken>,
}
