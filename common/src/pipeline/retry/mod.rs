//! When a request is retried, after which delay, and which outcome the caller gets.

mod backoff;
mod budget;
mod idempotency;
mod policy;
mod retry_after;
mod rules;

pub(crate) use backoff::{Backoff, NoRetry};
pub use idempotency::Idempotency;
pub use policy::RetryPolicy;
pub(crate) use retry_after::{observe_date, retry_after};
pub(crate) use rules::{is_retryable_status, may_retry, outcome, stage_inside_success, stage_of_status};
