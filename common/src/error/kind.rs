//! The classification of errors.

use http::StatusCode;

/// The kind of an error, for the decision what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input or the settings of the client are invalid. Nothing was sent.
    InvalidInput,
    /// No connection could be made. Nothing was sent.
    Connect,
    /// A timeout elapsed.
    Timeout,
    /// The connection broke after the request was sent.
    Interrupted,
    /// The service rejected the credentials (401), or no token could be obtained.
    Auth,
    /// The credentials are valid but do not permit this (403).
    PermissionDenied,
    /// The object does not exist (404, 410).
    NotFound,
    /// An object with that name exists, or its state does not allow this (409, 412).
    Conflict,
    /// The service understood the request and rejected its content (400, 422 and other 4xx).
    Rejected,
    /// Too many requests (429), or 503 with `Retry-After`.
    RateLimited,
    /// The service failed (5xx).
    Server,
    /// A status that the operation does not have: a redirect, 1xx, 304.
    UnexpectedStatus,
    /// The body of a successful response does not match the contract.
    Decode,
    /// A local file could not be read or written.
    Io,
    /// The received data differs from the sent data in length, checksum or version.
    Integrity,
    /// Responses contradict the contract or each other, for example a cursor that does not advance.
    Protocol,
    /// Any other error, for example one that a middleware of the application created.
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

    /// Returns the `error.type` of a span if there is no status.
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

/// Whether the requested change was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The change was not applied. Calling again cannot apply it twice.
    NotDone,
    /// The change may have been applied. Check before you call again.
    Unknown,
    /// The change was applied, but the response was lost or unreadable.
    Done,
}

/// How far an attempt got before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FailureStage {
    /// Nothing was sent.
    NotSent,
    /// The request was sent, then a timeout elapsed or the connection broke.
    Interrupted,
    /// The service did not process the request: 429, or 503 with `Retry-After`.
    Refused,
    /// The service did not process the request because of its credentials: 401.
    Unauthorized,
    /// The service or a gateway failed: 408, 500, 502, 503, 504.
    Faulty,
    /// Any other error status. The service processed the request and rejected it.
    Rejected,
    /// A successful response whose body broke off.
    BrokenResponse,
    /// A successful response with a complete body that does not match the contract.
    Undecodable,
}

impl FailureStage {
    /// All stages in the order of their numbers.
    pub(crate) const ALL: [Self; 8] = [
        Self::NotSent,
        Self::Interrupted,
        Self::Refused,
        Self::Unauthorized,
        Self::Faulty,
        Self::Rejected,
        Self::BrokenResponse,
        Self::Undecodable,
    ];

    /// Returns the outcome of a change whose only attempt ended at this stage.
    pub(crate) const fn outcome(self) -> Outcome {
        match self {
            Self::NotSent | Self::Refused | Self::Unauthorized | Self::Rejected => Outcome::NotDone,
            Self::Interrupted | Self::Faulty => Outcome::Unknown,
            Self::BrokenResponse | Self::Undecodable => Outcome::Done,
        }
    }

    /// Returns whether an attempt that ended at this stage may have been applied.
    pub(crate) const fn may_have_applied(self) -> bool {
        !matches!(self.outcome(), Outcome::NotDone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_listed_in_the_order_of_their_numbers() {
        assert!(FailureStage::ALL.iter().enumerate().all(|(index, stage)| index == *stage as usize));
    }
}
