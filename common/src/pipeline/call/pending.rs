//! The request of a call before it is sent.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use http::{HeaderMap, Method};

use crate::Secret;
use crate::http::Body;
use crate::pipeline::Operation;

#[expect(clippy::struct_excessive_bools, reason = "independent switches, each with a method of its own")]
pub(crate) struct PendingRequest {
    pub(super) operation: Operation,
    pub(super) method: Method,
    /// Base URL, path and query, percent-encoded.
    pub(super) address: String,
    /// The index of the base URL in `address`, and its length.
    pub(super) base: (usize, usize),
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) secrets: Vec<Secret>,
    pub(super) not_found_is_success: bool,
    pub(super) streamed: bool,
    pub(super) retries: bool,
    pub(super) call_timeout: Option<Duration>,
    /// Replaces the attempt timeout of the client if it is longer.
    pub(super) attempt_timeout: Option<Duration>,
    /// Replaces the attempt timeout by an idle timeout, and limits the wait for the response after the body was sent.
    pub(super) response_timeout: Option<Duration>,
    pub(super) fallback: Option<Fallback>,
    pub(super) required_permission: Option<&'static str>,
    pub(super) partial_effects: bool,
}

/// A second path for the same operation.
pub(super) struct Fallback {
    pub(super) address: String,
    pub(super) use_fallback: Arc<AtomicBool>,
}
