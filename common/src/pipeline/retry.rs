//! When an attempt is repeated, after which wait, and what the caller is told.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};

use crate::clock::Clock;
use crate::error::FailureStage;
use crate::{ErrorKind, Origin, Outcome};

/// Whether a request may be sent twice, stated where the endpoint's documentation is read: the method does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Idempotency {
    /// The request must never be processed twice. Retried only if nothing was sent.
    #[default]
    NeverRetry,
    /// A second request would create a second object. Retried only if the service certainly did not process it.
    NonIdempotent,
    /// Sending the request twice has the effect of sending it once.
    Idempotent,
    /// The request changes nothing.
    Safe,
}

impl Idempotency {
    const fn tolerates_a_second(self) -> bool {
        matches!(self, Self::Idempotent | Self::Safe)
    }
}

/// How often and after which waits a call is repeated.
///
/// The default is three attempts, a delay that doubles from 200 ms up to 20 s with full jitter, and `Retry-After` obeyed
/// as the minimum wait. Whether a given failure may be repeated at all is not a setting: it follows from the endpoint.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use mft_common::RetryPolicy;
///
/// let patient = RetryPolicy::new().max_attempts(6).max_delay(Duration::from_secs(60));
/// let never = RetryPolicy::none();
/// # let _ = (patient, never);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a policy does nothing until it is given to a client builder"]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    pub(crate) max_retry_after: Duration,
    seed: Option<u64>,
}

impl RetryPolicy {
    /// The default policy.
    pub const fn new() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(60),
            seed: None,
        }
    }

    /// One attempt and no more.
    pub const fn none() -> Self {
        Self { max_attempts: 1, ..Self::new() }
    }

    /// The number of attempts, the first one included. At least one is made.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The longest delay before the second attempt; it doubles with each further one. Default 200 ms.
    pub const fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The cap of the doubling delay. Default 20 s.
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The longest `Retry-After` that is waited for. A longer one ends the call at once, with
    /// [`Error::retry_after`](crate::Error::retry_after) set. Default 60 s.
    pub const fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Makes the jitter repeatable, for tests.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// A delay between nothing and the doubled base, before attempt `next` (2 is the first repeat).
    pub(crate) fn delay(&self, next: u32, random: &Jitter) -> Duration {
        let doublings = next.saturating_sub(2).min(31);
        let ceiling = self.base_delay.saturating_mul(1 << doublings).min(self.max_delay);
        ceiling.mul_f64(random.fraction())
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// Where the jitter comes from.
#[derive(Debug)]
pub(crate) struct Jitter(Mutex<fastrand::Rng>);

impl Jitter {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        Self(Mutex::new(policy.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)))
    }

    fn fraction(&self) -> f64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

/// Whether a failure may be followed by another attempt. This is the table of `ARCHITECTURE.md`.
pub(crate) fn may_repeat(idempotency: Idempotency, stage: FailureStage, kind: ErrorKind) -> bool {
    match stage {
        FailureStage::NotSent => kind == ErrorKind::Connect,
        // A middleware put its own error in the place of the failure: it has decided.
        _ if matches!(kind, ErrorKind::Other | ErrorKind::InvalidInput) => false,
        FailureStage::Refused => idempotency != Idempotency::NeverRetry,
        FailureStage::Interrupted | FailureStage::Faulty | FailureStage::BrokenReply => {
            idempotency.tolerates_a_second()
        }
        // A refused token is renewed by the loop itself.
        FailureStage::Unauthorized | FailureStage::Rejected | FailureStage::Undecodable => false,
    }
}

/// What the caller is told. An earlier attempt that may have succeeded makes the whole call doubtful.
pub(crate) fn outcome(idempotency: Idempotency, stage: FailureStage, earlier_doubt: bool) -> Outcome {
    match stage {
        _ if idempotency == Idempotency::Safe => Outcome::NotDone,
        FailureStage::BrokenReply | FailureStage::Undecodable => Outcome::Done,
        FailureStage::Interrupted | FailureStage::Faulty => Outcome::Unknown,
        _ if earlier_doubt => Outcome::Unknown,
        FailureStage::NotSent | FailureStage::Refused | FailureStage::Unauthorized | FailureStage::Rejected => {
            Outcome::NotDone
        }
    }
}

/// Whether an attempt that ended like this may have been carried out.
pub(crate) fn leaves_doubt(stage: FailureStage) -> bool {
    matches!(stage, FailureStage::Interrupted | FailureStage::Faulty | FailureStage::BrokenReply)
}

/// How far an attempt got that was answered with a status of failure.
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

/// Whether a status of failure is worth another attempt at all.
pub(crate) fn is_worth_repeating(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// The wait that a reply asks for: seconds, or a date, which is measured by the service's own clock.
///
/// Of several headers the longest wait counts. What is neither a number nor a date counts as absent.
pub(crate) fn retry_after(headers: &HeaderMap, clock: &Clock, origin: &Origin) -> Option<Duration> {
    let mut values = headers.get_all(header::RETRY_AFTER).iter().peekable();
    values.peek()?;
    observe_date(headers, clock, origin);
    values
        .filter_map(|value| {
            let text = value.to_str().ok()?.trim();
            if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                // A number too large for the type is a very long wait, not garbage.
                return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
            }
            parse_date(text).map(|date| clock.until(date, origin))
        })
        .max()
}

/// Takes note of the clock of whoever sent a reply.
pub(crate) fn observe_date(headers: &HeaderMap, clock: &Clock, origin: &Origin) {
    if let Some(date) = headers.get(header::DATE).and_then(|date| date.to_str().ok()).and_then(parse_date) {
        clock.observe(origin, date);
    }
}

fn parse_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wait(values: &[&str], date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::RETRY_AFTER, http::HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        retry_after(&headers, &Clock::start(), &"https://api.example.com".parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_read_in_all_its_forms() {
        let server_clock = Some("Sun, 06 Nov 1994 08:49:30 GMT");
        for (values, date, expected) in [
            (vec!["2"], None, Some(2)),
            (vec![" 7 "], None, Some(7)),
            (vec!["0"], None, Some(0)),
            (vec!["Sun, 06 Nov 1994 08:49:37 GMT"], server_clock, Some(7)),
            (vec!["Sunday, 06-Nov-94 08:49:37 GMT"], server_clock, Some(7)),
            (vec!["Sun Nov  6 08:49:37 1994"], server_clock, Some(7)),
            (vec!["Sun, 06 Nov 1994 08:00:00 GMT"], server_clock, Some(0)),
            (vec!["Sun, 06 Nov 1994 08:49:37 GMT"], None, Some(0)),
            (vec!["1", "5"], None, Some(5)),
            (vec!["soon", "5"], None, Some(5)),
            (vec!["99999999999999999999999"], None, Some(u64::from(u32::MAX))),
            (vec!["-1"], None, None),
            (vec!["1e9"], None, None),
            (vec!["1.5"], None, None),
            (vec![""], None, None),
            (vec![], server_clock, None),
        ] {
            assert_eq!(wait(&values, date), expected.map(Duration::from_secs), "{values:?} {date:?}");
        }
    }

    proptest! {
        #[test]
        fn no_retry_after_breaks_the_parser(value in "[ -~]{0,60}") {
            let _ = wait(&[&value], Some("Sun, 06 Nov 1994 08:49:30 GMT"));
        }

        #[test]
        fn whole_seconds_come_back_as_they_went_in(seconds in 0_u64..=u64::from(u32::MAX)) {
            prop_assert_eq!(wait(&[&seconds.to_string()], None), Some(Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn the_table_of_repeats_and_outcomes() {
        use ErrorKind::{Connect, InvalidInput, Other, Server, Timeout};
        use Idempotency::{Idempotent, NeverRetry, NonIdempotent, Safe};
        use Outcome::{Done, NotDone, Unknown};
        // FailureStage, kind, then for Never, Once and Repeatable: is it repeated, and what is said when it ends so.
        for (stage, kind, expected) in [
            (FailureStage::NotSent, Connect, [(true, NotDone), (true, NotDone), (true, NotDone)]),
            (FailureStage::NotSent, InvalidInput, [(false, NotDone), (false, NotDone), (false, NotDone)]),
            (FailureStage::Refused, Server, [(false, NotDone), (true, NotDone), (true, NotDone)]),
            (FailureStage::Faulty, Server, [(false, Unknown), (false, Unknown), (true, Unknown)]),
            (FailureStage::Interrupted, Timeout, [(false, Unknown), (false, Unknown), (true, Unknown)]),
            (FailureStage::Interrupted, Other, [(false, Unknown), (false, Unknown), (false, Unknown)]),
            (FailureStage::BrokenReply, Timeout, [(false, Done), (false, Done), (true, Done)]),
            (FailureStage::Undecodable, Server, [(false, Done), (false, Done), (false, Done)]),
            (FailureStage::Unauthorized, Server, [(false, NotDone), (false, NotDone), (false, NotDone)]),
            (FailureStage::Rejected, Server, [(false, NotDone), (false, NotDone), (false, NotDone)]),
        ] {
            for (idempotency, (repeat, told)) in [NeverRetry, NonIdempotent, Idempotent].into_iter().zip(expected) {
                assert_eq!(may_repeat(idempotency, stage, kind), repeat, "{idempotency:?} {stage:?} {kind:?}");
                assert_eq!(outcome(idempotency, stage, false), told, "{idempotency:?} {stage:?}");
                let after_doubt = if told == NotDone { Unknown } else { told };
                assert_eq!(outcome(idempotency, stage, true), after_doubt, "{idempotency:?} {stage:?}");
            }
            assert_eq!(may_repeat(Safe, stage, kind), may_repeat(Idempotent, stage, kind));
            assert_eq!(outcome(Safe, stage, true), NotDone);
        }
    }

    #[test]
    fn statuses_fall_into_their_rows() {
        let wait = Some(Duration::ZERO);
        for (status, retry_after, stage, worth) in [
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
            assert_eq!((stage_of_status(status, retry_after), is_worth_repeating(status)), (stage, worth), "{status}");
        }
    }

    #[test]
    fn delays_double_up_to_the_cap_with_full_jitter_and_a_seed_repeats_them() {
        let policy = RetryPolicy::new().max_attempts(99);
        let delays = |policy: &RetryPolicy| {
            let jitter = Jitter::new(policy);
            (2..60).map(|next| policy.delay(next, &jitter)).collect::<Vec<_>>()
        };
        for (index, delay) in delays(&policy).into_iter().enumerate() {
            let ceiling = Duration::from_millis(200 << index.min(20)).min(Duration::from_secs(20));
            assert!(delay <= ceiling, "{index}: {delay:?}");
        }
        assert_ne!(delays(&policy), delays(&policy), "two clients wait alike");
        assert_eq!(delays(&policy.clone().seed(7)), delays(&policy.seed(7)));
    }
}
