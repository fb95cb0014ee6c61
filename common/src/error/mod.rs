//! The one error of the family.

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

/// What every call of the family returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How much of an error reply's body is kept, in bytes.
pub const MAX_ERROR_BODY: usize = 64 * 1024;
const MAX_MESSAGE: usize = 1024;

type Source = Arc<dyn std::error::Error + Send + Sync + 'static>;

/// Why a call failed, what the service said, and whether the thing may have happened.
///
/// `Display` is one full line that can stand alone in a log: the operation, the status, the service's own code and
/// message, the request id and the number of attempts. It never holds a body, a query string or a secret.
///
/// Cloning is cheap; every waiter of a shared failure gets the same error.
///
/// # Examples
///
/// ```
/// fn what_next(error: &mft_common::Error) -> &'static str {
///     if error.is_not_found() {
///         "it is not there"
///     } else if error.is_ambiguous() {
///         "look whether it happened before trying again"
///     } else if error.is_transient() {
///         "try again later"
///     } else {
///         "give up"
///     }
/// }
/// # let error = mft_common::Error::invalid_input("name", "is empty");
/// # assert_eq!(what_next(&error), "give up");
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
    repeat_after_doubt: bool,
    note: Option<&'static str>,
    body: Bytes,
    source: Option<Source>,
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
            repeat_after_doubt: false,
            note: None,
            body: Bytes::new(),
            source: None,
        }))
    }

    /// An input that cannot be sent, naming the field and what is wrong with it. Never put a secret's value in.
    #[must_use]
    pub fn invalid_input(field: &str, problem: impl fmt::Display) -> Self {
        Self::new(ErrorKind::InvalidInput, FailureStage::NotSent).with_message(&format!("{field} {problem}"), &[])
    }

    /// For a [`Transport`](crate::Transport): no connection could be made, nothing was sent.
    pub fn connect(source: impl Into<BodyError>) -> Self {
        Self::new(ErrorKind::Connect, FailureStage::NotSent).with_source(source)
    }

    /// For a [`Transport`](crate::Transport): the connection broke after something was sent.
    pub fn interrupted(source: impl Into<BodyError>) -> Self {
        Self::new(ErrorKind::Interrupted, FailureStage::Interrupted).with_source(source)
    }

    /// For a [`Transport`](crate::Transport): the transport's own time ran out after something was sent.
    #[must_use]
    pub fn timeout(waited_for: &'static str) -> Self {
        Self::new(ErrorKind::Timeout, FailureStage::Interrupted).with_message(waited_for, &[])
    }

    /// For a [`Middleware`](crate::Middleware): anything else, in words.
    ///
    /// Counts as not sent where the middleware made it before it called [`Next::run`](crate::Next::run).
    #[must_use]
    pub fn other(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Other, FailureStage::NotSent).with_message(&message.to_string(), &[])
    }

    /// Replies that contradict the contract or each other.
    #[must_use]
    pub fn protocol(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Protocol, FailureStage::Undecodable).with_message(&message.to_string(), &[])
    }

    /// A failure on this side of the wire: a local file, or bytes that are not what they should be.
    #[cfg(feature = "transfer")]
    pub(crate) fn local(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self::new(kind, FailureStage::NotSent).with_message(&message.to_string(), &[])
    }

    /// What to do next.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the thing that the call asks for has happened. Calls that only read are always [`Outcome::NotDone`].
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome.unwrap_or(match self.0.stage {
            FailureStage::NotSent | FailureStage::Refused | FailureStage::Unauthorized | FailureStage::Rejected => {
                Outcome::NotDone
            }
            FailureStage::Interrupted | FailureStage::Faulty => Outcome::Unknown,
            FailureStage::BrokenReply | FailureStage::Undecodable => Outcome::Done,
        })
    }

    /// Whether the service may already have carried the request out.
    ///
    /// True when time ran out, the connection broke after the request was sent, or the service failed half-way. Before
    /// repeating a call that creates something, look for the result of the first one, for example by listing.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.outcome() == Outcome::Unknown
    }

    /// Whether the same call may succeed later: no connection, time ran out, rate limit, a failing service.
    ///
    /// This says nothing about whether repeating is safe; that is [`Error::is_ambiguous`].
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::RateLimited => true,
            ErrorKind::Server => !matches!(self.status().map(|status| status.as_u16()), Some(501 | 505)),
            _ => matches!(self.0.stage, FailureStage::Faulty | FailureStage::Refused),
        }
    }

    /// Whether there is no such thing (404 or 410).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether something with that name exists already, or its state does not allow this (409 or 412).
    ///
    /// After a repeat ([`Error::attempts`] above one) a conflict on a create can be the echo of an earlier attempt.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// Whether the credential was refused, or none could be obtained.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        self.0.kind == ErrorKind::Auth
    }

    /// Whether the input was refused before anything was sent.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.0.kind == ErrorKind::InvalidInput
    }

    /// Whether the service asks to come back later; [`Error::retry_after`] may say when.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// The operation, for example `sftptogo.credentials.create`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the last reply.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The service's own code for the failure.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What the service said, or what we found. At most 1 KiB, control characters escaped, our own credentials masked.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The id to quote to the service's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asks to wait, counted from its reply.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many requests were sent or tried. Zero where the call ended before the first.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The body of the last reply, at most 64 KiB of it; empty where there was none.
    ///
    /// It may hold whatever the service put there, secrets of replies included, so it is never part of `Debug`.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// For helpers of provider crates that look for something among the entries of a list.
    #[doc(hidden)]
    #[must_use]
    pub fn not_found(message: &str) -> Self {
        Self::new(ErrorKind::NotFound, FailureStage::Rejected).with_message(message, &[])
    }

    /// For helpers of provider crates that make several calls: what the failure of one means for the whole.
    #[doc(hidden)]
    #[must_use]
    pub fn within(mut self, operation: &'static str, outcome: Outcome) -> Self {
        self.0.operation = Some(operation);
        self.0.outcome = Some(outcome);
        self
    }

    pub(crate) fn stage(&self) -> FailureStage {
        self.0.stage
    }

    /// Whether this says "not there" to the repeat of an attempt that may itself have succeeded.
    pub(crate) fn is_gone_after_doubt(&self) -> bool {
        self.0.repeat_after_doubt && self.0.stage == FailureStage::Rejected && self.is_not_found()
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
        // A slice would keep the whole of a large reply alive inside the error.
        self.0.body = if body.len() > MAX_ERROR_BODY { Bytes::copy_from_slice(&body[..MAX_ERROR_BODY]) } else { body };
        self
    }

    pub(crate) fn with_stage(mut self, stage: FailureStage) -> Self {
        self.0.stage = stage;
        self
    }

    /// The id of a reply in which nothing else named one.
    pub(crate) fn or_request_id(self, id: Option<&str>, secrets: &[Secret]) -> Self {
        if self.0.request_id.is_some() { self } else { self.with_request_id(id, secrets) }
    }

    /// Why there was no further attempt, where the failure alone does not say it.
    pub(crate) fn with_note(mut self, note: &'static str) -> Self {
        self.0.note = Some(note);
        self
    }

    /// What another call's failure means for a call that waited for it and was never sent.
    pub(crate) fn before_sending(mut self) -> Self {
        // "Not found" and the like are said of the token's endpoint, not of what this call is about.
        if !self.is_transient() {
            self.0.kind = ErrorKind::Auth;
        }
        self.0.stage = FailureStage::Unauthorized;
        self.0.outcome = None;
        self.0.operation = None;
        self.0.attempts = 0;
        self.0.repeat_after_doubt = false;
        self
    }

    /// Fills in what only the pipeline knows.
    pub(crate) fn finished(mut self, operation: &'static str, attempts: u32, outcome: Outcome, doubt: bool) -> Self {
        self.0.operation.get_or_insert(operation);
        self.0.attempts = attempts;
        self.0.outcome = Some(outcome);
        self.0.repeat_after_doubt = doubt;
        self
    }

    /// The same for a failure to decode, where the decoder may know better.
    pub(crate) fn decoded(mut self, operation: &'static str, attempts: u32, outcome: Outcome) -> Self {
        self.0.operation.get_or_insert(operation);
        self.0.attempts = attempts;
        self.0.outcome.get_or_insert(outcome);
        self
    }

    /// The number of requests, where nobody has counted them yet.
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
