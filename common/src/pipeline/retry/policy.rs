//! The retry policy of a client.

use std::time::Duration;

/// How often calls are retried, and after which delays.
///
/// The default is three attempts with exponential backoff and full jitter. The delay doubles from 200 ms up to 20 s.
/// `Retry-After` is the minimum delay. The policy does not decide which failures are retried: that depends on the
/// operation.
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
#[must_use = "a policy has no effect until it is passed to a client builder"]
pub struct RetryPolicy {
    pub(super) max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    pub(super) max_retry_after: Duration,
    pub(super) seed: Option<u64>,
}

impl RetryPolicy {
    /// Returns the default policy.
    pub const fn new() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(60),
            seed: None,
        }
    }

    /// Returns a policy of one attempt.
    pub const fn none() -> Self {
        Self { max_attempts: 1, ..Self::new() }
    }

    /// Sets the number of attempts, including the first one. At least one attempt is made. Default: 3.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the maximum delay before the second attempt. It doubles with each further attempt. Default: 200 ms.
    pub const fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Sets the cap of the doubling delay. Default: 20 seconds.
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the longest `Retry-After` that is honored. A longer one ends the call at once, with
    /// [`Error::retry_after`](crate::Error::retry_after) set. Default: 60 seconds.
    pub const fn max_retry_after(mut self, delay: Duration) -> Self {
        self.max_retry_after = delay;
        self
    }

    /// Sets the seed of the jitter, for reproducible tests. Default: random.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Returns the upper bound of the jittered delay after `failures` failed attempts.
    pub(super) fn max_jittered_delay(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        self.base_delay.saturating_mul(1 << doublings).min(self.max_delay)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}
