//! A transfer in a task of its own.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::progress::ProgressWatch;
use super::storage::Held;
use crate::http::idle::race;
use crate::{Error, Result};

/// A transfer that runs in the background until it ends, is stopped, or this is dropped.
pub(super) struct Handle<T> {
    what: &'static str,
    state: State<T>,
    watch: ProgressWatch,
    cancel: Option<oneshot::Sender<()>>,
    /// Says of a failure what it means for the transfer as far as it has got.
    told: Told,
}

type Told = Arc<dyn Fn(Error) -> Error + Send + Sync>;

enum State<T> {
    Running(JoinHandle<Result<T>>),
    Ended(Option<Result<T>>),
}

/// A sign that somebody still works for a transfer, and what hears that its last copy is gone.
pub(super) fn held() -> (Held, mpsc::Receiver<std::convert::Infallible>) {
    mpsc::channel(1)
}

/// Refuses what is begun where Tokio is not running.
pub(super) fn inside_a_runtime(what: &str) -> Result<()> {
    let inside = tokio::runtime::Handle::try_current().is_ok();
    if inside { Ok(()) } else { Err(Error::invalid_input(what, "is started outside of a Tokio runtime")) }
}

impl<T: Send + 'static> Handle<T> {
    /// One that ended before it began.
    pub(super) fn refused(what: &'static str, watch: ProgressWatch, error: Error) -> Self {
        Self { what, state: State::Ended(Some(Err(error))), watch, cancel: None, told: Arc::new(|error| error) }
    }

    /// Runs a transfer. It has ended when nobody holds what `released` waits for, because tasks end a moment after they
    /// were told to. `told` says what it means for a transfer that it was stopped where it is.
    pub(super) fn start(
        what: &'static str,
        watch: ProgressWatch,
        mut released: mpsc::Receiver<std::convert::Infallible>,
        run: impl Future<Output = Result<T>> + Send + 'static,
        told: impl Fn(Error) -> Error + Send + Sync + 'static,
    ) -> Self {
        let (cancel, cancelled) = oneshot::channel::<()>();
        let told: Told = Arc::new(told);
        let aborted = Arc::clone(&told);
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = cancelled.await;
                Err(aborted(Error::other(format_args!("the {what} was aborted"))))
            };
            let ended = race(run, stopped).await;
            let _ = released.recv().await;
            ended
        });
        Self { what, state: State::Running(task), watch, cancel: Some(cancel), told }
    }

    pub(super) fn progress(&self) -> &ProgressWatch {
        &self.watch
    }

    pub(super) async fn join(&mut self) -> Result<T> {
        if let State::Running(task) = &mut self.state {
            let result = match task.await {
                Ok(result) => result,
                Err(error) if error.is_panic() => Err(self.died("panicked")),
                Err(_) => Err(self.died("went with its runtime")),
            };
            self.state = State::Ended(Some(result));
        }
        match &mut self.state {
            State::Ended(result) => {
                result.take().unwrap_or_else(|| Err(Error::invalid_input(self.what, "was joined already")))
            }
            State::Running(_) => Err(Error::other(format_args!("the {} is still running", self.what))),
        }
    }

    fn died(&self, how: &str) -> Error {
        (self.told)(Error::other(format_args!("the task of the {} {how}", self.what)))
    }

    /// Stops the transfer and waits until nothing works for it any more.
    pub(super) async fn abort(&mut self) -> Result<T> {
        drop(self.cancel.take());
        self.join().await
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        if let State::Running(task) = &self.state {
            task.abort();
        }
    }
}
