//! The errors of the site.

use http::StatusCode;

use super::document::{Document, Node};
use super::format::Format;
use crate::server::{self, Response};

/// The details are the type of the error, if the document lists it under `errors`.
pub(crate) type ApiError = server::ApiError<Option<String>>;

pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// An error that the document lists under `errors`. Its type is derived from the status and the message.
    pub(crate) fn listed(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        let words = message.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
        Self { status, details: Some(format!("{}-{slug}", status.as_u16())), message }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::listed(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::unauthorized("Unauthorized")
    }

    pub(crate) fn permission_denied() -> Self {
        Self::forbidden("Forbidden")
    }

    pub(crate) fn record_not_found() -> Self {
        Self::not_found("Not Found")
    }

    /// Sets a type that is not derived from the message.
    pub(crate) fn with_type(mut self, error_type: &str) -> Self {
        self.details = Some(error_type.to_owned());
        self
    }

    pub(crate) fn into_response(self, format: Format, legal_xml: bool) -> Response {
        let code = Node::text(self.status.as_u16().to_string());
        let entry = self.details.map(|error_type| {
            let entry = Node::map([("type", Node::text(error_type)), ("message", Node::text(&*self.message))]);
            ("errors".into(), Node::List("error", vec![entry]))
        });
        let message = if format == Format::Xml { "message" } else { "error" };
        let mut fields = vec![(message.into(), Node::text(self.message)), ("http-code".into(), code)];
        fields.extend(entry);
        Document::new("error", Node::Map(fields)).into_response(self.status, format, legal_xml)
    }
}
