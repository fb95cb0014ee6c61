//! Once per call: time limit and retry.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::attempt::Attempt;
use super::retry::{is_worth_repeating, leaves_doubt, may_repeat, outcome};
use super::{Operation, PipelineInner, trace};
use crate::auth::origin::BaseUrl;
use crate::error::FailureStage;
use crate::http::transport::BoxFuture;
use crate::http::{Request, Response};
use crate::{Error, ErrorKind, Outcome, Result, Secret};

const ONE_SHOT: &str = "its body is a stream, which can be sent only once";

/// What all attempts of one call share.
pub(super) struct CallState<'a> {
    pub(super) pipeline: &'a PipelineInner,
    pub(super) base: &'a BaseUrl,
    pub(super) operation: &'a Operation,
    /// The secrets in the request, to be masked in the service's words.
    pub(super) secrets: &'a [Secret],
    pub(super) deadline: Option<Instant>,
    pub(super) retries: bool,
    pub(super) streamed: bool,
    pub(super) attempt_timeout: Duration,
    pub(super) response_timeout: Option<Duration>,
    pub(super) elsewhere: Option<&'a FallbackTarget>,
    pub(super) required_permission: Option<&'static str>,
    /// Whether a refusal may come after some of it was done.
    pub(super) partial_effects: bool,
    pub(super) progress: Progress,
}

/// Where else the operation may be.
pub(super) struct FallbackTarget {
    pub(super) address: String,
    pub(super) use_fallback: Arc<AtomicBool>,
    /// Whether this is the second of the two places.
    pub(super) is_other: bool,
}

/// How far the call has got, readable after its future was dropped by the time limit.
///
/// What the caller is told follows from this and not from the error that comes out in the end: a middleware may put
/// its own in the place of ours.
#[derive(Default)]
pub(super) struct Progress {
    attempts: AtomicU32,
    /// One of `NOWHERE`, `SENT` and `ANSWERED`, for the attempt under way.
    place: AtomicU8,
    /// An earlier attempt may have been carried out.
    may_have_applied: AtomicBool,
    /// What the retry loop ended in.
    told: OnceLock<Outcome>,
}

const NOWHERE: u8 = 0;
const SENT: u8 = 1;
const ANSWERED: u8 = 2;

impl Progress {
    pub(super) fn sent(&self) {
        self.attempts.fetch_add(1, Relaxed);
        self.place.store(SENT, Relaxed);
    }

    pub(super) fn answered(&self) {
        self.place.store(ANSWERED, Relaxed);
    }

    fn between_attempts(&self) {
        self.place.store(NOWHERE, Relaxed);
    }

    /// Whether an attempt may have been carried out that was not the last one.
    pub(super) fn leaves_doubt(&self) -> bool {
        self.may_have_applied.load(Relaxed)
    }

    fn stage(&self) -> FailureStage {
        match self.place.load(Relaxed) {
            NOWHERE => FailureStage::NotSent,
            SENT => FailureStage::Interrupted,
            _ => FailureStage::BrokenReply,
        }
    }
}

impl CallState<'_> {
    /// Makes attempts until one settles the call or the time runs out.
    pub(super) async fn run(&self, request: Request) -> Result<Response> {
        let attempts = std::pin::pin!(self.attempts(request));
        let result = match self.deadline {
            None => attempts.await,
            Some(deadline) => match tokio::time::timeout_at(deadline, attempts).await {
                Ok(result) => result,
                Err(_) => Err(Error::new(ErrorKind::Timeout, self.progress.stage())
                    .with_message("the time limit of the call has passed", &[])),
            },
        };
        let stage = result.as_ref().map_or_else(Error::stage, |_| FailureStage::BrokenReply);
        let may_have_applied = self.progress.may_have_applied.load(Relaxed);
        let told = outcome(self.operation.idempotency(), stage, may_have_applied);
        let _ = self.progress.told.set(told);
        result.map_err(|error| error.finished(self.operation.name(), self.attempts_made(), told, may_have_applied))
    }

    /// Boxed for [`Next`](super::middleware::Next), whose future would otherwise contain itself: a call runs attempts.
    pub(super) fn run_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        Box::pin(self.run(request))
    }

    async fn attempts(&self, request: Request) -> Result<Response> {
        let (mut parts, body) = request.into_parts();
        let mut body = Some(body);
        let mut renewed = false;
        let mut elsewhere = self.elsewhere;
        let mut tries = 0;
        loop {
            tries += 1;
            let copy = body.as_ref().and_then(crate::Body::try_clone);
            let repeatable_body = copy.is_some();
            let Some(sent) = copy.or_else(|| body.take()) else {
                return Err(Error::other("the body was sent already and cannot be sent again"));
            };
            let number = self.attempts_made() + 1;
            self.progress.between_attempts();
            let attempt = Attempt::new(self, number);
            let error = match attempt.run(Request::from_parts(parts.clone(), sent)).await {
                Ok(response) => {
                    self.pipeline.budget.succeeded();
                    if let (Some(place), None) = (self.elsewhere, elsewhere) {
                        place.use_fallback.store(place.is_other, Relaxed);
                    }
                    return Ok(response);
                }
                Err(error) => error,
            };
            if leaves_doubt(error.stage()) {
                self.progress.may_have_applied.store(true, Relaxed);
            }
            self.progress.between_attempts();
            let generation = attempt.generation();
            // The permit is for attempts. Others go ahead while this call waits.
            drop(attempt);
            if error.stage() == FailureStage::Unauthorized
                && let Some(generation) = generation
            {
                // A token that was made a moment ago is not what is wrong.
                if !renewed {
                    self.pipeline.auth.retire(generation);
                }
                if !renewed && self.retries {
                    if !repeatable_body {
                        return Err(error.with_note(ONE_SHOT));
                    }
                    renewed = true;
                    tries -= 1;
                    continue;
                }
            }
            if repeatable_body && let Some(place) = elsewhere.take_if(|_| is_unknown_place(&error)) {
                parts.uri = self.base.uri(place.address.clone())?;
                tries -= 1;
                continue;
            }
            if self.partial_effects && error.stage() == FailureStage::Rejected && !is_refused_as_a_whole(&error) {
                self.progress.may_have_applied.store(true, Relaxed);
            }
            let delay = match self.delay_before_next(tries, repeatable_body, &error) {
                Ok(delay) => delay,
                Err(None) => return Err(error),
                Err(Some(note)) => return Err(error.with_note(note)),
            };
            trace::retrying(self.operation, self.attempts_made() + 1, delay, &error);
            tokio::time::sleep(delay).await;
        }
    }

    /// How long to wait before another attempt. Otherwise why there is none, where the failure alone does not say it.
    fn delay_before_next(
        &self,
        tries: u32,
        repeatable_body: bool,
        error: &Error,
    ) -> Result<Duration, Option<&'static str>> {
        let policy = &self.pipeline.retry;
        let permitted = self.retries
            && tries < policy.max_attempts
            && may_repeat(self.operation.idempotency(), error.stage(), error.kind())
            && (error.stage() != FailureStage::Faulty
                || error.status().is_none_or(|status| status.is_success() || is_worth_repeating(status)));
        if !permitted {
            return Err(None);
        }
        if !repeatable_body {
            return Err(Some(ONE_SHOT));
        }
        let asked = error.retry_after().unwrap_or_default();
        if asked > policy.max_retry_after {
            return Err(Some("the wait is longer than the retry policy allows"));
        }
        let delay = policy.delay(tries + 1, &self.pipeline.jitter).max(asked);
        let fits = |deadline| Instant::now().checked_add(delay).is_some_and(|end| end < deadline);
        if !self.deadline.is_none_or(fits) {
            return Err(Some("the wait does not fit into the time left"));
        }
        if !self.pipeline.budget.try_retry() {
            return Err(Some("too many calls of this client are failing"));
        }
        Ok(delay)
    }

    /// Completes an error with what only the whole call knows, whoever made it.
    pub(super) fn finish(&self, error: Error) -> Error {
        let may_have_applied = self.progress.may_have_applied.load(Relaxed);
        let told = self.progress.told.get().copied().unwrap_or(Outcome::NotDone);
        error.finished(self.operation.name(), self.attempts_made(), told, may_have_applied)
    }

    pub(super) fn attempts_made(&self) -> u32 {
        self.progress.attempts.load(Relaxed)
    }
}

/// Whether a reply says that the service has nothing at this path.
fn is_unknown_place(error: &Error) -> bool {
    let unknown = |status: StatusCode| {
        matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) || status.is_redirection()
    };
    error.status().is_some_and(unknown)
}

/// Whether the service did not begin with any of it.
fn is_refused_as_a_whole(error: &Error) -> bool {
    matches!(error.status(), Some(StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN))
}
