//! The error of a simulated API.
//!
//! Handlers return [`ApiResult`]. A service whose error documents have more than a status and a message keeps the rest in
//! the type parameter `D`. Each service renders errors in its own format; [`ApiError::into_json`] covers the simplest.

use http::StatusCode;
use serde_json::json;

use super::{Disconnected, Response};

/// The reason why a simulated service rejects a request.
#[derive(Debug)]
pub(crate) struct ApiError<D = ()> {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Further details that the service reports.
    pub(crate) details: D,
}

pub(crate) type ApiResult<T, D = ()> = Result<T, ApiError<D>>;

impl<D: Default> ApiError<D> {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), details: D::default() }
    }

    /// For a status that a fault injects.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        Self::new(status, status.canonical_reason().unwrap_or("Error"))
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }
}

impl<D> ApiError<D> {
    /// Renders a JSON object with the message under `key`.
    pub(crate) fn into_json(self, key: &str) -> Response {
        Response::json(self.status, &json!({ key: self.message }))
    }
}

/// The response is never sent, because the client is gone.
impl<D: Default> From<Disconnected> for ApiError<D> {
    fn from(Disconnected: Disconnected) -> Self {
        Self::bad_request("The request broke off")
    }
}
