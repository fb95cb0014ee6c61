//! How far a call and its current attempt got.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};

use super::retry::{Idempotency, outcome};
use crate::Outcome;
use crate::error::FailureStage;

/// How far the current attempt got, as the stage at which it fails if it ends now.
///
/// Other tasks and a dropped future's owner can read it: a body that the transport still holds updates it, for example.
#[derive(Debug, Default)]
pub(crate) struct AttemptProgress(AtomicU8);

impl AttemptProgress {
    pub(crate) fn set(&self, stage: FailureStage) {
        self.0.store(stage as u8, Relaxed);
    }

    pub(crate) fn stage(&self) -> FailureStage {
        FailureStage::ALL[usize::from(self.0.load(Relaxed))]
    }
}

/// The progress of a call. It stays readable after the deadline has dropped the future of the call.
///
/// The outcome of a call follows from this state and not from the error that the caller receives: a middleware may
/// replace that error.
#[derive(Debug, Default)]
pub(super) struct CallProgress {
    attempts: AtomicU32,
    attempt: AttemptProgress,
    /// Whether an earlier attempt may have been applied.
    may_have_applied: AtomicBool,
}

impl CallProgress {
    /// Counts an attempt whose request is now handed to the transport.
    pub(super) fn start_attempt(&self) {
        self.attempts.fetch_add(1, Relaxed);
        self.set_stage(FailureStage::Interrupted);
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts.load(Relaxed)
    }

    /// Sets the stage at which the call fails if it ends now.
    pub(super) fn set_stage(&self, stage: FailureStage) {
        self.attempt.set(stage);
    }

    pub(super) fn stage(&self) -> FailureStage {
        self.attempt.stage()
    }

    pub(super) fn set_may_have_applied(&self) {
        self.may_have_applied.store(true, Relaxed);
    }

    /// Returns whether an attempt before the last one may have been applied.
    pub(super) fn may_have_applied(&self) -> bool {
        self.may_have_applied.load(Relaxed)
    }

    pub(super) fn outcome(&self, idempotency: Idempotency) -> Outcome {
        outcome(idempotency, self.stage(), self.may_have_applied())
    }
}
