//! The error type of all clients.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::{BodyError, Secret};

mod kind;
mod text;

pub(crate) use kind::FailureStage;
pub use kind::{ErrorKind, Outcome};
use text::sanitize;

/// The result of every call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The maximum size of the error body that is kept, in bytes.
pub const MAX_ERROR_BODY: usize = 64 * 1024;
const MAX_MESSAGE: usize = 1024;

type BoxedSource = Arc<dyn std::error::Error + Send + Sync + 'static>;

/// The error of a call: its cause, the report of the service, and whether the change may have been applied.
///
/// `Display` prints one complete line for a log: the operation, the status, the code and message of the service, the
/// request id and the number of attempts. It never contains a body, a query string or a secret.
///
/// Cloning is cheap. All waiters of a shared failure get the same error.
///
/// # Examples
///
/// ```
/// fn next_step(error: &mft_common::Error) -> &'static str {
///     if error.is_not_found() {
///         "it does not exist"
///     } else if error.is_ambiguous() {
///         "check whether it was applied before you retry"
///     } else if error.is_transient() {
///         "retry later"
///     } else {
///         "give up"
///     }
/// }
/// # let error = mft_common::Error::invalid_input("name", "is empty");
/// # assert_eq!(next_step(&error), "give up");
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    stage: FailureStage,
    outcome: Option<Outcome>,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    code: Option<Box<str>>,
    message: Option<Box<str>>,
    request_id: Option<Box<str>>,
    retry_after: Option<Duration>,
    attempts: u32,
    /// Whether an earlier attempt of the call may have been applied.
    may_have_applied: bool,
    note: Option<&'static str>,
    body: Bytes,
    source: Option<BoxedSource>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, stage: FailureStage) -> Self {
        Self(Box::new(Inner {
            kind,
            stage,
            outcome: None,
            operation: None,
            status: None,
            code: None,
            message: None,
            request_id: None,
            retry_after: None,
            attempts: 0,
            may_have_applied: false,
            note: None,
            body: Bytes::new(),
            source: None,
        }))
    }

    /// Creates an error for invalid input: the field and its problem. The problem must not contain a secret.
    #[must_use]
    pub fn invalid_input(field: &str, problem: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidInput, FailureStage::NotSent).with_message(&format!("{field} {problem}"), &[])
    }

    /// Creates the error of a [`Transport`](crate::transport::Transport) that could not connect. Nothing was sent.
    pub fn connect(source: impl Into<BodyError>) -> Self {
        Self::new(ErrorKind::Connect, FailureStage::NotSent).with_source(source)
    }

    /// Creates the error of a [`Transport`](crate::transport::Transport) whose connection broke after data was sent.
    pub fn interrupted(source: impl Into<BodyError>) -> Self {
        Self::new(ErrorKind::Interrupted, FailureStage::Interrupted).with_source(source)
    }

    /// Creates the error of a [`Transport`](crate::transport::Transport) whose own timeout elapsed after data was sent.
    #[must_use]
    pub fn timeout(message: &'static str) -> Self {
        Self::new(ErrorKind::Timeout, FailureStage::Interrupted).with_message(message, &[])
    }

    /// Creates the error of a [`Middleware`](crate::middleware::Middleware).
    ///
    /// Counts as not sent if the middleware did not call [`Next::run`](crate::middleware::Next::run) before.
    #[must_use]
    pub fn other(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Other, FailureStage::NotSent).with_message(&message.to_string(), &[])
    }

    /// Creates an error for responses that contradict the contract or each other.
    #[must_use]
    pub fn protocol(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Protocol, FailureStage::Undecodable).with_message(&message.to_string(), &[])
    }

    /// Creates a local error: a file operation failed, or the data is not as expected.
    #[cfg(feature = "transfer")]
    pub(crate) fn local(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self::new(kind, FailureStage::NotSent).with_message(&message.to_string(), &[])
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns whether the requested change was applied. Safe calls are always [`Outcome::NotDone`].
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome.unwrap_or(self.0.stage.outcome())
    }

    /// Returns whether the change may have been applied.
    ///
    /// True if a timeout elapsed or the connection broke after the request was sent, or if the service failed while it
    /// processed the request. Before you repeat a call that creates an object, check for the object, for example with a
    /// list call.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.outcome() == Outcome::Unknown
    }

    /// Returns whether the same call may succeed later: connection failure, timeout, rate limit, server error.
    ///
    /// [`Error::is_ambiguous`] shows whether a retry can apply the change twice.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::RateLimited => true,
            ErrorKind::Server => !matches!(self.status().map(|status| status.as_u16()), Some(501 | 505)),
            _ => matches!(self.0.stage, FailureStage::Faulty | FailureStage::Refused),
        }
    }

    /// Returns whether the object does not exist (404 or 410).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Returns whether an object with that name exists, or its state does not allow the call (409 or 412).
    ///
    /// After a retry ([`Error::attempts`] above one), a conflict on a create can be the effect of an earlier attempt.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// Returns whether the service rejected the credentials, or no token could be obtained.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        self.0.kind == ErrorKind::Auth
    }

    /// Returns whether the input was invalid. Nothing was sent.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.0.kind == ErrorKind::InvalidInput
    }

    /// Returns whether the rate limit was exceeded. [`Error::retry_after`] may contain the delay.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// Returns the operation, for example `sftptogo.credentials.create`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Returns the HTTP status of the last response.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Returns the error code of the service.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the error message of the service or of the client. At most 1 KiB, with control characters escaped and
    /// credentials masked.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Returns the request id, for the support of the service.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the delay that the service asked for, counted from its response.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the number of attempts. Zero if the call failed before the first one.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the body of the last response, at most 64 KiB. Empty if there was no response.
    ///
    /// The body can contain secrets, so it is not part of `Debug`.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// Creates the error of provider crates that search a list for an object.
    #[doc(hidden)]
    #[must_use]
    pub fn not_found(message: &str) -> Self {
        Self::new(ErrorKind::NotFound, FailureStage::Rejected).with_message(message, &[])
    }

    /// Sets operation and outcome, for provider crates that make several calls for one operation.
    #[doc(hidden)]
    #[must_use]
    pub fn within(mut self, operation: &'static str, outcome: Outcome) -> Self {
        self.0.operation = Some(operation);
        self.0.outcome = Some(outcome);
        self
    }

    /// For provider crates: states the outcome if only the decoder knows it.
    #[doc(hidden)]
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = Some(outcome);
        self
    }

    pub(crate) fn stage(&self) -> FailureStage {
        self.0.stage
    }

    /// Returns whether a retry found no object, and an earlier attempt may have deleted it.
    pub(crate) fn is_gone_after_retry(&self) -> bool {
        self.0.may_have_applied && self.0.stage == FailureStage::Rejected && self.is_not_found()
    }

    pub(crate) fn with_source(mut self, source: impl Into<BodyError>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_message(mut self, message: &str, secrets: &[Secret]) -> Self {
        self.0.message = Some(sanitize(message, secrets, MAX_MESSAGE));
        self
    }

    pub(crate) fn with_code(mut self, code: &str, secrets: &[Secret]) -> Self {
        self.0.code = Some(sanitize(code, secrets, 128));
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<&str>, secrets: &[Secret]) -> Self {
        self.0.request_id = id.map(|id| sanitize(id, secrets, 128));
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        // A slice would keep all of a large response alive inside the error.
        self.0.body = if body.len() > MAX_ERROR_BODY { Bytes::copy_from_slice(&body[..MAX_ERROR_BODY]) } else { body };
        self
    }

    pub(crate) fn with_stage(mut self, stage: FailureStage) -> Self {
        self.0.stage = stage;
        self
    }

    /// Sets the request id if there is none yet.
    pub(crate) fn or_request_id(self, id: Option<&str>, secrets: &[Secret]) -> Self {
        if self.0.request_id.is_some() { self } else { self.with_request_id(id, secrets) }
    }

    /// Sets the reason for the missing retry, if the error itself does not explain it.
    pub(crate) fn with_note(mut self, note: &'static str) -> Self {
        self.0.note = Some(note);
        self
    }

    /// Converts the error of a token exchange to the error of a call that waited for it and was not sent.
    pub(crate) fn before_sending(mut self) -> Self {
        // "Not found" refers to the token endpoint, not to the object of this call.
        if !self.is_transient() {
            self.0.kind = ErrorKind::Auth;
        }
        self.0.stage = FailureStage::Unauthorized;
        self.0.outcome = None;
        self.0.operation = None;
        self.0.attempts = 0;
        self.0.may_have_applied = false;
        self
    }

    /// Adds what only the pipeline knows.
    pub(crate) fn finished(
        mut self,
        operation: &'static str,
        attempts: u32,
        outcome: Outcome,
        may_have_applied: bool,
    ) -> Self {
        self.0.operation.get_or_insert(operation);
        self.0.attempts = attempts;
        self.0.outcome = Some(outcome);
        self.0.may_have_applied = may_have_applied;
        self
    }

    /// Adds the same to a decoding error, unless the decoder has set it.
    pub(crate) fn decoded(mut self, operation: &'static str, attempts: u32, outcome: Outcome) -> Self {
        self.0.operation.get_or_insert(operation);
        self.0.attempts = attempts;
        self.0.outcome.get_or_insert(outcome);
        self
    }

    /// Sets the number of attempts if it is not set yet.
    pub(crate) fn tried(mut self, attempts: u32) -> Self {
        if self.0.attempts == 0 {
            self.0.attempts = attempts;
        }
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }
}
