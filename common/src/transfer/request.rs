//! Settings that the requests for uploads, downloads and form uploads share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::transfer::handle::{TaskGuard, TransferHandle};
use crate::transfer::progress::ProgressMeter;
use crate::{Error, Outcome, Result};

/// The default time until the response after the last byte was handed over. The kernel may still drain its buffers then.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(120);

/// Settings of one transfer. A form upload is a single request, and ignores those for parts.
#[derive(Debug)]
pub(crate) struct TransferRequest {
    pub(crate) operation: &'static str,
    /// How many parts or ranges are in flight.
    pub(crate) parallel: usize,
    pub(crate) verify: bool,
    pub(crate) hedge: bool,
    pub(crate) response_timeout: Duration,
    pub(crate) slots: Slots,
    pub(crate) meter: ProgressMeter,
    error: Option<Error>,
}

/// Limits the parts or ranges in flight of all transfers of one tree. The default has no limit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots(Option<Arc<Semaphore>>);

impl Slots {
    pub(crate) fn new(slots: usize) -> Self {
        Self(Some(Arc::new(Semaphore::new(slots.clamp(1, Semaphore::MAX_PERMITS)))))
    }

    pub(crate) async fn acquire(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(self.0.as_ref()?).acquire_owned().await.ok()
    }
}

impl TransferRequest {
    pub(crate) fn new(operation: &'static str) -> Self {
        Self {
            operation,
            parallel: 4,
            verify: true,
            hedge: false,
            response_timeout: RESPONSE_TIMEOUT,
            slots: Slots::default(),
            meter: ProgressMeter::new(),
            error: None,
        }
    }

    /// Makes the transfer part of a tree: it shares the tree's slots and progress.
    pub(crate) fn within_tree(&mut self, slots: Slots, meter: &ProgressMeter) {
        self.slots = slots;
        self.meter = ProgressMeter::within(meter);
    }

    /// Keeps the first failed check of the input. The transfer fails with it before it sends anything.
    pub(crate) fn check(&mut self, checked: Result<()>) {
        if self.error.is_none() {
            self.error = checked.err();
        }
    }

    pub(crate) fn check_not_zero(&mut self, field: &str, value: u64) {
        if value == 0 {
            self.check(Err(Error::invalid_input(field, "is zero")));
        }
    }

    /// Fails if a check failed, or if Tokio is not running.
    pub(crate) fn validate(&mut self, kind: &str) -> Result<()> {
        if tokio::runtime::Handle::try_current().is_err() {
            self.check(Err(Error::invalid_input(kind, "is started outside of a Tokio runtime")));
        }
        self.error.take().map_or(Ok(()), |error| Err(error.within(self.operation, Outcome::NotDone)))
    }

    /// Starts the transfer in the background; see [`TransferHandle::spawn`].
    pub(crate) fn start<T, R>(
        mut self,
        kind: &'static str,
        outcome: impl Fn() -> Outcome + Send + Sync + 'static,
        transfer: impl FnOnce(Self, TaskGuard) -> R,
    ) -> TransferHandle<T>
    where
        T: Send + 'static,
        R: Future<Output = Result<T>> + Send + 'static,
    {
        let watch = self.meter.watch();
        match self.validate(kind) {
            Ok(()) => TransferHandle::spawn(kind, self.operation, watch, outcome, |guard| transfer(self, guard)),
            Err(error) => TransferHandle::failed(kind, watch, error),
        }
    }
}
