//! The state that all attempts of one call share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::time::Instant;

use super::handle::PipelineInner;
use super::operation::Operation;
use super::progress::CallProgress;
use crate::auth::origin::BaseUrl;
use crate::{Error, Secret};

/// The state that all attempts of one call share.
pub(super) struct CallContext<'a> {
    pub(super) pipeline: &'a PipelineInner,
    pub(super) base: &'a BaseUrl,
    pub(super) operation: &'a Operation,
    /// The secrets in the request. They are masked in error messages of the service.
    pub(super) secrets: &'a [Secret],
    pub(super) deadline: Option<Instant>,
    pub(super) retries: bool,
    pub(super) streamed: bool,
    pub(super) attempt_timeout: Duration,
    pub(super) response_timeout: Option<Duration>,
    pub(super) fallback: Option<&'a FallbackTarget>,
    pub(super) required_permission: Option<&'static str>,
    /// Whether a rejected request may have been partially applied.
    pub(super) partial_effects: bool,
    pub(super) progress: CallProgress,
}

/// The second path of an operation.
pub(super) struct FallbackTarget {
    pub(super) address: String,
    pub(super) use_fallback: Arc<AtomicBool>,
    /// Whether `address` is the fallback path. If not, the fallback was tried first.
    pub(super) is_fallback: bool,
}

impl CallContext<'_> {
    /// Adds operation, attempts and outcome to an error, including an error that a middleware created.
    pub(super) fn finish(&self, error: Error) -> Error {
        let outcome = self.progress.outcome(self.operation.idempotency());
        error.finished(self.operation.name(), self.progress.attempts(), outcome, self.progress.may_have_applied())
    }
}
