//! What happened, in the words that a caller decides by.

use http::StatusCode;

/// What to do next, not where in our code the failure arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller's input or the client's settings are not usable. Nothing was sent.
    InvalidInput,
    /// No connection could be made. Nothing was sent.
    Connect,
    /// Time ran out.
    Timeout,
    /// The connection broke after the request was sent.
    Interrupted,
    /// The credential was refused (401), or none could be obtained.
    Auth,
    /// The credential is good, but not for this (403).
    PermissionDenied,
    /// There is no such thing (404, 410).
    NotFound,
    /// Something with that name exists, or its state does not allow this (409, 412).
    Conflict,
    /// The service understood the request and refuses its content (400, 422 and other 4xx).
    Rejected,
    /// Too many requests (429), or 503 with a time to come back.
    RateLimited,
    /// The service failed (5xx).
    Server,
    /// A status that the operation cannot have: a redirect, 1xx, 304.
    UnexpectedStatus,
    /// A successful reply whose body is not what the contract says.
    Decode,
    /// A local file could not be read or written.
    Io,
    /// What arrived is not what was sent: a length, a checksum or a version differs.
    Integrity,
    /// Replies that contradict the contract or each other, such as a cursor that stands still.
    Protocol,
    /// Something else, for instance an error that a middleware of the application made.
    Other,
}

impl ErrorKind {
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Auth,
            403 => Self::PermissionDenied,
            404 | 410 => Self::NotFound,
            409 | 412 => Self::Conflict,
            429 => Self::RateLimited,
            400..=499 => Self::Rejected,
            500..=599 => Self::Server,
            _ => Self::UnexpectedStatus,
        }
    }

    /// The word for the `error.type` of a span where no status tells more.
    #[cfg(feature = "tracing")]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Decode | Self::Protocol => "decode",
            Self::InvalidInput => "invalid_input",
            _ => "other",
        }
    }
}

/// Whether the thing that the call asks for has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It has not happened: the call may be made again without doing anything twice.
    NotDone,
    /// It may have happened: look before calling again.
    Unknown,
    /// It has happened, only the reply was lost or unreadable.
    Done,
}

/// How far the last attempt got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureStage {
    /// Nothing left this machine.
    NotSent,
    /// Sent, and then time ran out or the connection broke.
    Interrupted,
    /// The service says that it did not take the request up: 429, or 503 with `Retry-After`.
    Refused,
    /// 401: not processed for want of a good credential.
    Unauthorized,
    /// 408, 500, 502, 503, 504: the service or something before it failed.
    Faulty,
    /// Another status of failure: the service looked at the request and said no.
    Rejected,
    /// A success whose body broke off.
    BrokenReply,
    /// A success whose body is complete and not what the contract says.
    Undecodable,
}
