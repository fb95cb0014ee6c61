//! How long things may take and how large they may be.

use std::time::Duration;

use crate::{Error, Result};

/// The limits of a client.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// One attempt of a control call, from the first byte sent to the last byte read.
    pub(crate) attempt: Duration,
    /// The whole call with its retries and waits.
    pub(crate) call: Option<Duration>,
    /// The longest silence in a streamed body.
    pub(crate) idle: Duration,
    /// The largest reply, in bytes.
    pub(crate) response_bytes: usize,
    /// How many control calls may be under way at once.
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
    /// Refuses settings that contradict each other.
    pub(crate) fn check(&self, connect: Option<Duration>) -> Result<()> {
        let refuse = |field: &str, problem: &str| Err(Error::invalid_input(field, problem));
        if self.attempt.is_zero() {
            return refuse("attempt_timeout", "is zero: no attempt could succeed");
        }
        if self.idle.is_zero() {
            return refuse("idle_timeout", "is zero: no body could be read");
        }
        if self.call.is_some_and(|call| call <= self.attempt) {
            return refuse("call_timeout", "is not above attempt_timeout: there could never be a second attempt");
        }
        if connect.is_some_and(|connect| connect.is_zero() || connect > self.attempt) {
            return refuse("connect_timeout", "is zero or above attempt_timeout");
        }
        if self.concurrent == 0 {
            return refuse("max_concurrent_calls", "is zero: every call would wait for ever");
        }
        if self.response_bytes == 0 {
            return refuse("max_response_bytes", "is zero: no reply could be read");
        }
        Ok(())
    }
}
