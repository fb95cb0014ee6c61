//! Which failures are retried, and which outcome they have.

use std::time::Duration;

use http::StatusCode;

use super::idempotency::Idempotency;
use crate::error::FailureStage;
use crate::{ErrorKind, Outcome};

/// Returns whether a failure can be retried. `ARCHITECTURE.md` contains the table.
pub(crate) fn may_retry(idempotency: Idempotency, stage: FailureStage, kind: ErrorKind) -> bool {
    match stage {
        FailureStage::NotSent => kind == ErrorKind::Connect,
        // A middleware replaced the failure with its own error. That is its decision.
        _ if matches!(kind, ErrorKind::Other | ErrorKind::InvalidInput) => false,
        FailureStage::Refused => idempotency != Idempotency::NeverRetry,
        FailureStage::Interrupted | FailureStage::Faulty | FailureStage::BrokenResponse => idempotency.is_idempotent(),
        // The retry loop itself renews a rejected token.
        FailureStage::Unauthorized | FailureStage::Rejected | FailureStage::Undecodable => false,
    }
}

/// Returns the outcome of a call. If an earlier attempt may have been applied, the outcome is at best unknown.
pub(crate) fn outcome(idempotency: Idempotency, stage: FailureStage, may_have_applied: bool) -> Outcome {
    match stage.outcome() {
        _ if idempotency == Idempotency::Safe => Outcome::NotDone,
        Outcome::NotDone if may_have_applied => Outcome::Unknown,
        outcome => outcome,
    }
}

/// Returns the stage of an attempt that ended in an error status.
pub(crate) fn stage_of_status(status: StatusCode, retry_after: Option<Duration>) -> FailureStage {
    match status.as_u16() {
        429 => FailureStage::Refused,
        503 if retry_after.is_some() => FailureStage::Refused,
        401 => FailureStage::Unauthorized,
        501 | 505 => FailureStage::Rejected,
        408 | 500..=599 => FailureStage::Faulty,
        _ => FailureStage::Rejected,
    }
}

/// Returns the stage of an attempt with an error inside a 2xx response.
pub(crate) fn stage_inside_success(kind: ErrorKind) -> FailureStage {
    match kind {
        ErrorKind::Server => FailureStage::Faulty,
        ErrorKind::RateLimited => FailureStage::Refused,
        ErrorKind::Auth => FailureStage::Unauthorized,
        ErrorKind::Decode | ErrorKind::Protocol => FailureStage::Undecodable,
        _ => FailureStage::Rejected,
    }
}

/// Returns whether an error status is worth a retry.
pub(crate) fn is_retryable_status(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_and_outcomes_by_stage() {
        use ErrorKind::{Connect, InvalidInput, Other, Server, Timeout};
        use Idempotency::{Idempotent, NeverRetry, NonIdempotent, Safe};
        use Outcome::{Done, NotDone, Unknown};
        // Stage, kind, then for NeverRetry, NonIdempotent and Idempotent: is it retried, and the outcome if it is the last failure.
        for (stage, kind, expected) in [
            (FailureStage::NotSent, Connect, [(true, NotDone), (true, NotDone), (true, NotDone)]),
            (FailureStage::NotSent, InvalidInput, [(false, NotDone), (false, NotDone), (false, NotDone)]),
            (FailureStage::Refused, Server, [(false, NotDone), (true, NotDone), (true, NotDone)]),
            (FailureStage::Faulty, Server, [(false, Unknown), (false, Unknown), (true, Unknown)]),
            (FailureStage::Interrupted, Timeout, [(false, Unknown), (false, Unknown), (true, Unknown)]),
            (FailureStage::Interrupted, Other, [(false, Unknown), (false, Unknown), (false, Unknown)]),
            (FailureStage::BrokenResponse, Timeout, [(false, Done), (false, Done), (true, Done)]),
            (FailureStage::Undecodable, Server, [(false, Done), (false, Done), (false, Done)]),
            (FailureStage::Unauthorized, Server, [(false, NotDone), (false, NotDone), (false, NotDone)]),
            (FailureStage::Rejected, Server, [(false, NotDone), (false, NotDone), (false, NotDone)]),
        ] {
            for (idempotency, (retry, expected_outcome)) in
                [NeverRetry, NonIdempotent, Idempotent].into_iter().zip(expected)
            {
                assert_eq!(may_retry(idempotency, stage, kind), retry, "{idempotency:?} {stage:?} {kind:?}");
                assert_eq!(outcome(idempotency, stage, false), expected_outcome, "{idempotency:?} {stage:?}");
                let after_doubtful_attempt = if expected_outcome == NotDone { Unknown } else { expected_outcome };
                assert_eq!(outcome(idempotency, stage, true), after_doubtful_attempt, "{idempotency:?} {stage:?}");
            }
            assert_eq!(may_retry(Safe, stage, kind), may_retry(Idempotent, stage, kind));
            assert_eq!(outcome(Safe, stage, true), NotDone);
        }
    }

    #[test]
    fn each_status_has_its_stage() {
        let wait = Some(Duration::ZERO);
        for (status, retry_after, stage, retryable) in [
            (429, None, FailureStage::Refused, true),
            (503, wait, FailureStage::Refused, true),
            (503, None, FailureStage::Faulty, true),
            (408, None, FailureStage::Faulty, true),
            (500, wait, FailureStage::Faulty, true),
            (502, None, FailureStage::Faulty, true),
            (504, None, FailureStage::Faulty, true),
            (599, None, FailureStage::Faulty, false),
            (501, None, FailureStage::Rejected, false),
            (505, None, FailureStage::Rejected, false),
            (401, None, FailureStage::Unauthorized, false),
            (400, None, FailureStage::Rejected, false),
            (304, None, FailureStage::Rejected, false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                (stage_of_status(status, retry_after), is_retryable_status(status)),
                (stage, retryable),
                "{status}"
            );
        }
    }
}
