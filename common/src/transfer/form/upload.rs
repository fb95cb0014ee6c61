//! Uploads to services that accept files in one form.

use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::http::idle::race;
use crate::http::transport::BoxFuture;
use crate::transfer::form::body::FormProgress;
use crate::transfer::form::{Form, FormBody, FormFile};
use crate::transfer::handle::TransferHandle;
use crate::transfer::progress::ProgressWatch;
use crate::transfer::request::TransferRequest;
use crate::{Call, Error, ErrorKind, Outcome, Result};

const UPLOAD: &str = "upload";

type SendForm<R> = Box<dyn FnOnce(FormBody) -> Call<R> + Send + Sync>;

/// A request to upload files in one form. [`start`](Self::start) returns a handle, and `.await` runs the upload to its end.
///
/// Files are read in chunks while they are sent, so that memory does not depend on their size. A broken upload cannot be
/// resumed. It is sent again, as often as the client's retry policy allows, unless a source is a one-shot stream.
#[must_use = "an upload request has no effect until it is started or awaited"]
pub struct FormUpload<R> {
    request: TransferRequest,
    files: Vec<FormFile>,
    fields: Vec<(String, String)>,
    send: SendForm<R>,
}

impl<R: Send + 'static> FormUpload<R> {
    /// Creates an upload, for provider crates. `send` returns the call that sends the form.
    pub fn new(
        operation: &'static str,
        files: Vec<FormFile>,
        send: impl FnOnce(FormBody) -> Call<R> + Send + Sync + 'static,
    ) -> Self {
        Self { request: TransferRequest::new(operation), files, fields: Vec::new(), send: Box::new(send) }
    }

    /// Adds a text field after the files, for provider crates.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Keeps a failed check of the input, for provider crates. The upload fails with it before it sends anything.
    pub fn check(mut self, checked: Result<()>) -> Self {
        self.request.check(checked);
        self
    }

    /// Sets the time until the service responds after the last byte was sent. Default: 120 seconds.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.request.response_timeout = timeout;
        self
    }

    /// Starts the upload in the background.
    #[must_use = "dropping the handle cancels the upload"]
    pub fn start(self) -> FormUploadHandle<R> {
        let Self { request, files, fields, send } = self;
        let progress = Arc::new(FormProgress::new(request.meter.clone()));
        let stopped = Arc::clone(&progress);
        FormUploadHandle(request.start(
            UPLOAD,
            move || stopped.outcome(),
            |request, guard| async move {
                let _guard = guard;
                run(request, files, &fields, send, &progress).await
            },
        ))
    }
}

async fn run<R: Send + 'static>(
    request: TransferRequest,
    files: Vec<FormFile>,
    fields: &[(String, String)],
    send: SendForm<R>,
    progress: &Arc<FormProgress>,
) -> Result<R> {
    let operation = request.operation;
    let form = Form::open(files, fields).await.map_err(|error| error.within(operation, Outcome::NotDone))?;
    let (size, count) = (form.size, form.file_count());
    request.meter.change(|progress| {
        progress.total = size;
        progress.parts_total = Some(count);
    });
    let call = send(form.into_body(progress, request.response_timeout)).into_future();
    let result = race(call, async { Err(progress.source_failure().await) }).await;
    if let Some(error) = progress.error() {
        // The transport only reports a broken body, and a response is not to the whole form.
        return Err(error.within(operation, progress.outcome()));
    }
    let value = result?;
    if !progress.is_complete() {
        let error = Error::local(ErrorKind::Integrity, "the service responded before it had received the whole form");
        return Err(error.within(operation, Outcome::Unknown));
    }
    Ok(value)
}

impl<R: Send + 'static> IntoFuture for FormUpload<R> {
    type Output = Result<R>;
    type IntoFuture = BoxFuture<'static, Result<R>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.start().await })
    }
}

partial_debug!(FormUpload<R>, self => operation: self.request.operation, files: self.files);

/// A form upload in progress. `.await` waits for its end; `&mut upload` can be awaited too, for example in `select!`.
/// Dropping the handle cancels the upload: the client closes the connection before the form is complete.
#[must_use = "dropping the handle cancels the upload"]
pub struct FormUploadHandle<R>(TransferHandle<R>);

impl<R: Send + 'static> FormUploadHandle<R> {
    /// Returns a watch of the progress, in which `parts` counts files.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.0.progress().clone()
    }

    /// Waits for the end of the upload.
    ///
    /// # Errors
    ///
    /// Fails with the error of the upload. Its [`outcome`](Error::outcome) is [`NotDone`](Outcome::NotDone) if nothing was
    /// sent or the service rejected the form, and [`Unknown`](Outcome::Unknown) if the upload broke.
    pub async fn join(self) -> Result<R> {
        self.await
    }

    /// Aborts the upload, and returns whether the files may exist. The client sends nothing after this returns. The outcome
    /// is [`Done`](Outcome::Done) if the upload had just succeeded.
    pub async fn abort(mut self) -> Outcome {
        match self.0.abort().await {
            Ok(_) => Outcome::Done,
            Err(error) => error.outcome(),
        }
    }
}

impl<R: Send + 'static> Future for FormUploadHandle<R> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

partial_debug!(FormUploadHandle<R>, self => progress: self.0.progress().now());
