//! The errors of the API.

use http::StatusCode;
use serde_json::json;

use super::settings::ErrorBody;
use crate::server::{BrokenOff, Reply};

/// A request that the service turns down.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
}

pub(crate) type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized")
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(crate) fn into_reply(self, shape: ErrorBody) -> Reply {
        let reply = Reply::empty(self.status);
        match shape {
            ErrorBody::Json => Reply::json(self.status, &json!({ "error": self.message })),
            ErrorBody::Plain => reply.with_body("text/plain; charset=utf-8", self.message),
            ErrorBody::Empty => reply,
        }
    }
}

impl From<BrokenOff> for Refusal {
    /// The caller is disconnected, so this response is never read.
    fn from(BrokenOff: BrokenOff) -> Self {
        Self::invalid("The request broke off")
    }
}
