//! The handle of a transfer that runs in a background task.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::http::idle::race;
use crate::transfer::progress::ProgressWatch;
use crate::{Error, Outcome, Result};

/// Held by every task that works for a transfer. The transfer has ended once all clones are dropped.
#[derive(Clone)]
pub(crate) struct TaskGuard {
    _sender: mpsc::Sender<Infallible>,
}

/// A transfer that runs in the background until it ends, is aborted, or the handle is dropped.
pub(crate) struct TransferHandle<T> {
    kind: &'static str,
    state: TaskState<T>,
    watch: ProgressWatch,
    cancel: Option<oneshot::Sender<()>>,
    /// Adds operation and outcome to an error that stops the transfer at this moment.
    annotate: Annotate,
}

type Annotate = Arc<dyn Fn(Error) -> Error + Send + Sync>;

enum TaskState<T> {
    Running(JoinHandle<Result<T>>),
    /// Holds the error of a request that was never started.
    Ended(Option<Error>),
}

impl<T> TransferHandle<T> {
    pub(crate) fn progress(&self) -> &ProgressWatch {
        &self.watch
    }
}

impl<T: Send + 'static> TransferHandle<T> {
    /// Returns a handle whose transfer failed before it started.
    pub(crate) fn failed(kind: &'static str, watch: ProgressWatch, error: Error) -> Self {
        Self { kind, state: TaskState::Ended(Some(error)), watch, cancel: None, annotate: Arc::new(|error| error) }
    }

    /// Spawns a transfer. `outcome` returns the outcome of a transfer that is stopped at this moment.
    pub(crate) fn spawn<R>(
        kind: &'static str,
        operation: &'static str,
        watch: ProgressWatch,
        outcome: impl Fn() -> Outcome + Send + Sync + 'static,
        transfer: impl FnOnce(TaskGuard) -> R,
    ) -> Self
    where
        R: Future<Output = Result<T>> + Send + 'static,
    {
        let (sender, mut released) = mpsc::channel(1);
        let (cancel, cancelled) = oneshot::channel::<()>();
        let annotate: Annotate = Arc::new(move |error: Error| error.within(operation, outcome()));
        let annotate_abort = Arc::clone(&annotate);
        let transfer = transfer(TaskGuard { _sender: sender });
        let task = tokio::spawn(async move {
            let aborted = async {
                let _ = cancelled.await;
                Err(annotate_abort(Error::other(format_args!("the {kind} was aborted"))))
            };
            let result = race(transfer, aborted).await;
            // Tasks end a moment after they were cancelled.
            let _ = released.recv().await;
            result
        });
        Self { kind, state: TaskState::Running(task), watch, cancel: Some(cancel), annotate }
    }

    /// Aborts the transfer, and waits until no task works for it any more.
    pub(crate) async fn abort(&mut self) -> Result<T> {
        drop(self.cancel.take());
        self.await
    }
}

impl<T: Send + 'static> Future for TransferHandle<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let this = &mut *self;
        let result = match &mut this.state {
            TaskState::Running(task) => match ready!(Pin::new(task).poll(context)) {
                Ok(result) => result,
                Err(error) => {
                    let cause = if error.is_panic() { "panicked" } else { "was shut down with its runtime" };
                    Err((this.annotate)(Error::other(format_args!("the task of the {} {cause}", this.kind))))
                }
            },
            TaskState::Ended(Some(error)) => Err(error.clone()),
            TaskState::Ended(None) => Err(Error::invalid_input(this.kind, "was joined already")),
        };
        this.state = TaskState::Ended(None);
        Poll::Ready(result)
    }
}

impl<T> Drop for TransferHandle<T> {
    fn drop(&mut self) {
        if let TaskState::Running(task) = &self.state {
            task.abort();
        }
    }
}
