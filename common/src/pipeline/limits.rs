//! The limits of a client.

use std::time::Duration;

use crate::{Error, Result};

/// The limits of a client.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// The timeout of one attempt, from the first byte sent to the last byte read.
    pub(crate) attempt: Duration,
    /// The timeout of a whole call, including retries and delays.
    pub(crate) call: Option<Duration>,
    /// The maximum time between two chunks of a streamed body.
    pub(crate) idle: Duration,
    /// The maximum size of a response, in bytes.
    pub(crate) response_bytes: usize,
    /// The maximum number of concurrent calls.
    pub(crate) concurrent: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(30),
            call: None,
            idle: Duration::from_secs(30),
            response_bytes: 64 * 1024 * 1024,
            concurrent: 64,
        }
    }
}

impl Limits {
    /// Rejects limits that are zero or contradict each other.
    pub(crate) fn check(&self, connect: Option<Duration>) -> Result<()> {
        let invalid = |field: &str, problem: &str| Err(Error::invalid_input(field, problem));
        if self.attempt.is_zero() {
            return invalid("attempt_timeout", "is zero");
        }
        if self.idle.is_zero() {
            return invalid("idle_timeout", "is zero");
        }
        if self.call.is_some_and(|call| call <= self.attempt) {
            return invalid("call_timeout", "does not exceed attempt_timeout");
        }
        if connect.is_some_and(|connect| connect.is_zero() || connect > self.attempt) {
            return invalid("connect_timeout", "is zero or exceeds attempt_timeout");
        }
        if self.concurrent == 0 {
            return invalid("max_concurrent_calls", "is zero");
        }
        if self.response_bytes == 0 {
            return invalid("max_response_bytes", "is zero");
        }
        Ok(())
    }
}
