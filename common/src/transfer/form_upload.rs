//! Uploads to services that take files as one form.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use super::form::{Form, FormBody, FormFile, Journey};
use super::handle::{Handle, held, inside_a_runtime};
use super::progress::{Meter, ProgressWatch};
use super::storage::RESPONSE_TIMEOUT;
use crate::http::idle::race;
use crate::http::transport::BoxFuture;
use crate::{Call, Error, ErrorKind, Outcome, Result};

type SendForm<R> = Box<dyn FnOnce(FormBody) -> Call<R> + Send + Sync>;

/// An upload in the making, to a service that takes files as one form: settings, then [`start`](Self::start), or `.await`
/// to start and finish it.
///
/// Files are read in pieces while they are sent, so that memory does not grow with them. The service takes a form as a
/// whole: it cannot go on where a connection broke. Where all files can be read again, an upload that broke off is begun
/// again, as often as the client's retry policy says; with a stream that can be read once it is not.
#[must_use = "an upload does nothing until it is started or awaited"]
pub struct FormUpload<R> {
    operation: &'static str,
    files: Vec<FormFile>,
    fields: Vec<(String, String)>,
    send: SendForm<R>,
    response_timeout: Duration,
    meter: Meter,
    problem: Option<Error>,
}

impl<R: Send + 'static> FormUpload<R> {
    /// For provider crates: an upload of these files by the call that `send` makes of the form.
    pub fn new(
        operation: &'static str,
        files: Vec<FormFile>,
        send: impl FnOnce(FormBody) -> Call<R> + Send + Sync + 'static,
    ) -> Self {
        Self {
            operation,
            files,
            fields: Vec::new(),
            send: Box::new(send),
            response_timeout: RESPONSE_TIMEOUT,
            meter: Meter::new(),
            problem: None,
        }
    }

    /// For provider crates: a field of text behind the files.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// For provider crates: keeps a failed check of the input, which is returned before anything is sent.
    pub fn check(mut self, checked: Result<()>) -> Self {
        self.problem = self.problem.or(checked.err());
        self
    }

    /// How long the service may take to answer after it was sent the last byte. Default 120 s.
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.response_timeout = limit;
        self
    }

    /// Starts the upload in the background.
    #[must_use = "dropping the handle cancels the upload"]
    pub fn start(mut self) -> FormUploadHandle<R> {
        let operation = self.operation;
        let watch = self.meter.watch();
        let problem = self.problem.take().map_or_else(|| inside_a_runtime(UPLOAD), Err);
        if let Err(problem) = problem {
            return FormUploadHandle(Handle::refused(UPLOAD, watch, problem.within(operation, Outcome::NotDone)));
        }
        let (held, released) = held();
        let journey = Arc::new(Journey::default());
        let stopped = Arc::clone(&journey);
        let run = async move {
            let _held = held;
            self.run(&journey).await
        };
        let told = move |error: Error| error.within(operation, outcome(&stopped));
        FormUploadHandle(Handle::start(UPLOAD, watch, released, run, told))
    }

    async fn run(self, journey: &Arc<Journey>) -> Result<R> {
        let told = |error: Error, outcome| Err(error.within(self.operation, outcome));
        let form = match Form::open(self.files, &self.fields).await {
            Ok(form) => form,
            Err(error) => return told(error, Outcome::NotDone),
        };
        let (size, count) = (form.size, form.files());
        self.meter.change(|progress| {
            progress.total = size;
            progress.parts_total = Some(count);
        });
        let call = (self.send)(form.body(journey, &self.meter, self.response_timeout)).into_future();
        let ended = race(call, async { Err(journey.failed().await) }).await;
        if let Some(cause) = journey.failure() {
            // What the transport says of it is less, and what the service says is not of the whole form.
            return told(cause, outcome(journey));
        }
        let reply = ended?;
        if !journey.is_complete() {
            let said = "the service answered before it had been sent everything";
            return told(Error::local(ErrorKind::Integrity, said), Outcome::Unknown);
        }
        Ok(reply)
    }
}

/// A form that was cut off is nothing that a service should store, but nobody promises that it does not.
fn outcome(journey: &Journey) -> Outcome {
    if journey.has_begun() { Outcome::Unknown } else { Outcome::NotDone }
}

impl<R: Send + 'static> IntoFuture for FormUpload<R> {
    type Output = Result<R>;
    type IntoFuture = BoxFuture<'static, Result<R>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.start().join().await })
    }
}

impl<R> fmt::Debug for FormUpload<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormUpload")
            .field("operation", &self.operation)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

const UPLOAD: &str = "upload";

/// An upload under way. Dropping it cancels the upload: the connection is closed before the form is complete.
/// `.await` waits for its end.
#[must_use = "dropping the handle cancels the upload"]
pub struct FormUploadHandle<R>(Handle<R>);

impl<R: Send + 'static> FormUploadHandle<R> {
    /// Watches the progress. Its parts are the files.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.0.progress().clone()
    }

    /// Waits for the end of the upload. Call it once.
    ///
    /// # Errors
    ///
    /// What the upload ended in. [`Error::outcome`] tells whether files may be there: it is
    /// [`NotDone`](Outcome::NotDone) where nothing was sent or the service refused, and
    /// [`Unknown`](Outcome::Unknown) where the upload stopped on its way.
    pub async fn join(&mut self) -> Result<R> {
        self.0.join().await
    }

    /// Stops the upload. Nothing is sent after this returns, which is whether files may be there:
    /// [`Done`](Outcome::Done) where the upload had just ended well.
    pub async fn abort(mut self) -> Outcome {
        match self.0.abort().await {
            Ok(_) => Outcome::Done,
            Err(error) => error.outcome(),
        }
    }
}

impl<R: Send + 'static> IntoFuture for FormUploadHandle<R> {
    type Output = Result<R>;
    type IntoFuture = BoxFuture<'static, Result<R>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move { self.join().await })
    }
}

impl<R: Send + 'static> fmt::Debug for FormUploadHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormUploadHandle").field("progress", &self.0.progress().now()).finish_non_exhaustive()
    }
}
