//! What the service turns down, and in which words.

use http::StatusCode;
use serde_json::json;

use super::settings::ErrorBody;
use crate::server::{BrokenOff, Reply};

/// A request that the service turns down.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
}

pub(super) type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized")
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(super) fn into_reply(self, shape: ErrorBody) -> Reply {
        let reply = Reply::empty(self.status);
        match shape {
            ErrorBody::Json => Reply::json(self.status, &json!({ "error": self.message })),
            ErrorBody::Plain => reply.with_body("text/plain; charset=utf-8", self.message),
            ErrorBody::Empty => reply,
        }
    }
}

impl From<BrokenOff> for Refusal {
    /// Nobody is left to read it.
    fn from(BrokenOff: BrokenOff) -> Self {
        Self::invalid("The request broke off")
    }
}
