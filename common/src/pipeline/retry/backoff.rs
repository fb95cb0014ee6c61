//! One step of "wait, then retry", for calls and for the requests of a transfer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::budget::RetryBudget;
use super::policy::RetryPolicy;

/// Exponential backoff with full jitter and a retry budget. All clones of a client share it.
#[derive(Debug)]
pub(crate) struct Backoff {
    pub(crate) policy: RetryPolicy,
    jitter: Mutex<fastrand::Rng>,
    budget: RetryBudget,
}

/// Why there is no further attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRetry {
    AttemptsExhausted,
    RetryAfterTooLong,
    DeadlineTooClose,
    BudgetExhausted,
}

impl NoRetry {
    /// Returns the explanation for the error message. The number of attempts needs none.
    pub(crate) const fn note(self) -> Option<&'static str> {
        match self {
            Self::AttemptsExhausted => None,
            Self::RetryAfterTooLong => Some("Retry-After exceeds max_retry_after of the retry policy"),
            Self::DeadlineTooClose => Some("the delay exceeds the remaining call timeout"),
            Self::BudgetExhausted => Some("the retry budget of this client is exhausted"),
        }
    }
}

impl Backoff {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        let jitter = Mutex::new(policy.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed));
        Self { policy, jitter, budget: RetryBudget::full() }
    }

    pub(crate) fn attempts_left(&self, failures: u32) -> bool {
        failures < self.policy.max_attempts
    }

    /// Returns the delay before the next attempt after `failures` failed ones, at least `retry_after`.
    pub(crate) fn delay(&self, failures: u32, retry_after: Option<Duration>) -> Result<Duration, NoRetry> {
        if !self.attempts_left(failures) {
            return Err(NoRetry::AttemptsExhausted);
        }
        let retry_after = retry_after.unwrap_or_default();
        if retry_after > self.policy.max_retry_after {
            return Err(NoRetry::RetryAfterTooLong);
        }
        Ok(self.jittered(failures).max(retry_after))
    }

    /// Returns the delay before the next attempt of a call. It must end before the deadline and is charged to the retry
    /// budget.
    pub(crate) fn delay_within(
        &self,
        failures: u32,
        retry_after: Option<Duration>,
        deadline: Option<Instant>,
    ) -> Result<Duration, NoRetry> {
        let delay = self.delay(failures, retry_after)?;
        let fits = |deadline| Instant::now().checked_add(delay).is_some_and(|end| end < deadline);
        if !deadline.is_none_or(fits) {
            return Err(NoRetry::DeadlineTooClose);
        }
        if !self.budget.try_retry() {
            return Err(NoRetry::BudgetExhausted);
        }
        Ok(delay)
    }

    /// Waits before the next attempt. For the requests of a transfer, which have neither a deadline nor a retry budget.
    #[cfg(feature = "transfer")]
    pub(crate) async fn wait(&self, failures: u32, retry_after: Option<Duration>) -> Result<(), NoRetry> {
        tokio::time::sleep(self.delay(failures, retry_after)?).await;
        Ok(())
    }

    /// Returns a token to the retry budget.
    pub(crate) fn succeeded(&self) {
        self.budget.succeeded();
    }

    fn jittered(&self, failures: u32) -> Duration {
        let fraction = self.jitter.lock().unwrap_or_else(PoisonError::into_inner).f64();
        self.policy.max_jittered_delay(failures).mul_f64(fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap_with_full_jitter_and_a_seed_repeats_them() {
        let policy = RetryPolicy::new().max_attempts(99);
        let delays = |policy: &RetryPolicy| {
            let backoff = Backoff::new(policy.clone());
            (1..59).map(|failures| backoff.delay(failures, None).unwrap()).collect::<Vec<_>>()
        };
        for (index, delay) in delays(&policy).into_iter().enumerate() {
            let ceiling = Duration::from_millis(200 << index.min(20)).min(Duration::from_secs(20));
            assert!(delay <= ceiling, "{index}: {delay:?}");
        }
        assert_ne!(delays(&policy), delays(&policy), "two clients wait alike");
        assert_eq!(delays(&policy.clone().seed(7)), delays(&policy.seed(7)));
    }
}
