//! The retry loop of a call, within its deadline.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use http::StatusCode;

use super::attempt::Attempt;
use super::call_context::CallContext;
use super::middleware::Terminal;
use super::retry::{NoRetry, is_retryable_status, may_retry};
use super::trace;
use crate::error::FailureStage;
use crate::http::transport::BoxFuture;
use crate::http::{Request, Response};
use crate::{Error, ErrorKind, Result};

const ONE_SHOT: &str = "the body is a stream, which can be sent only once";

/// Boxed because the future of [`Next`](super::middleware::Next) would otherwise contain itself: a call runs attempts.
impl Terminal for CallContext<'_> {
    fn run_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        Box::pin(self.run(request))
    }
}

impl CallContext<'_> {
    /// Makes attempts until one succeeds, the error is final, or the deadline has passed.
    pub(super) async fn run(&self, request: Request) -> Result<Response> {
        let attempts = std::pin::pin!(self.attempts(request));
        let result = match self.deadline {
            None => attempts.await,
            Some(deadline) => match tokio::time::timeout_at(deadline, attempts).await {
                Ok(result) => result,
                Err(_) => Err(Error::new(ErrorKind::Timeout, self.progress.stage())
                    .with_message("the call timeout has elapsed", &[])),
            },
        };
        self.progress.set_stage(result.as_ref().map_or_else(Error::stage, |_| FailureStage::BrokenResponse));
        result.map_err(|error| self.finish(error))
    }

    async fn attempts(&self, request: Request) -> Result<Response> {
        let (mut parts, body) = request.into_parts();
        let mut body = Some(body);
        let mut renewed = false;
        let mut fallback = self.fallback;
        let mut failures = 0;
        loop {
            let copy = body.as_ref().and_then(crate::Body::try_clone);
            let replayable = copy.is_some();
            let Some(attempt_body) = copy.or_else(|| body.take()) else {
                return Err(Error::other("the body was already sent and cannot be sent again"));
            };
            self.progress.set_stage(FailureStage::NotSent);
            let attempt = Attempt::new(self, self.progress.attempts() + 1);
            let error = match attempt.run(Request::from_parts(parts.clone(), attempt_body)).await {
                Ok(response) => {
                    self.pipeline.backoff.succeeded();
                    if let (Some(target), None) = (self.fallback, fallback) {
                        target.use_fallback.store(target.is_fallback, Relaxed);
                    }
                    return Ok(response);
                }
                Err(error) => error,
            };
            if error.stage().may_have_applied() {
                self.progress.set_may_have_applied();
            }
            self.progress.set_stage(FailureStage::NotSent);
            let generation = attempt.generation();
            // Releases the permit: other calls can proceed while this one waits.
            drop(attempt);
            if error.stage() == FailureStage::Unauthorized
                && let Some(generation) = generation
            {
                // If a new token is rejected too, the token is not the cause.
                if !renewed {
                    self.pipeline.auth.retire(generation);
                }
                if !renewed && self.retries {
                    if !replayable {
                        return Err(error.with_note(ONE_SHOT));
                    }
                    renewed = true;
                    continue;
                }
            }
            if replayable && let Some(target) = fallback.take_if(|_| is_unknown_path(&error)) {
                parts.uri = self.base.uri(target.address.clone())?;
                continue;
            }
            if self.partial_effects && error.stage() == FailureStage::Rejected && !is_rejected_as_a_whole(&error) {
                self.progress.set_may_have_applied();
            }
            failures += 1;
            let delay = match self.delay_before_retry(failures, replayable, &error) {
                Ok(delay) => delay,
                Err(None) => return Err(error),
                Err(Some(note)) => return Err(error.with_note(note)),
            };
            trace::retrying(self.operation, self.progress.attempts() + 1, delay, &error);
            tokio::time::sleep(delay).await;
        }
    }

    /// Returns the delay before the next attempt, or why there is none if the error alone does not explain it.
    fn delay_before_retry(
        &self,
        failures: u32,
        replayable: bool,
        error: &Error,
    ) -> Result<Duration, Option<&'static str>> {
        let backoff = &self.pipeline.backoff;
        let retryable = self.retries
            && backoff.attempts_left(failures)
            && may_retry(self.operation.idempotency(), error.stage(), error.kind())
            && (error.stage() != FailureStage::Faulty
                || error.status().is_none_or(|status| status.is_success() || is_retryable_status(status)));
        if !retryable {
            return Err(None);
        }
        if !replayable {
            return Err(Some(ONE_SHOT));
        }
        backoff.delay_within(failures, error.retry_after(), self.deadline).map_err(NoRetry::note)
    }
}

/// Returns whether the service does not know the path.
fn is_unknown_path(error: &Error) -> bool {
    let unknown = |status: StatusCode| {
        matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) || status.is_redirection()
    };
    error.status().is_some_and(unknown)
}

/// Returns whether the service rejected the request before it applied any part of it.
fn is_rejected_as_a_whole(error: &Error) -> bool {
    matches!(error.status(), Some(StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN))
}
