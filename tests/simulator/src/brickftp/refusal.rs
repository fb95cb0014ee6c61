//! What the service turns down, and in which words.

use http::StatusCode;

use super::document::{Document, Node};
use super::format::Format;
use crate::server::Response;

/// A request that the service turns down.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    /// Whether the reply lists the error once more, with its type.
    listed: Option<String>,
}

pub(super) type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), listed: None }
    }

    /// With an entry in `errors` whose type follows from status and message.
    pub(super) fn listed(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        let words = message.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
        Self { status, listed: Some(format!("{}-{slug}", status.as_u16())), message }
    }

    /// Understood, and yet impossible.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::listed(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    pub(super) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized")
    }

    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden")
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// For the one error whose type is not made of its message.
    pub(super) fn with_type(mut self, kind: &str) -> Self {
        self.listed = Some(kind.to_owned());
        self
    }

    pub(super) fn into_reply(self, format: Format, legal_xml: bool) -> Response {
        let code = Node::text(self.status.as_u16().to_string());
        let entry = self.listed.map(|kind| {
            let entry = Node::map([("type", Node::text(kind)), ("message", Node::text(&*self.message))]);
            ("errors".into(), Node::List("error", vec![entry]))
        });
        let message = if format == Format::Xml { "message" } else { "error" };
        let mut fields = vec![(message.into(), Node::text(self.message)), ("http-code".into(), code)];
        fields.extend(entry);
        let document = Document::new("error", Node::Map(fields));
        let reply = Response::empty(self.status);
        if format == Format::Xml {
            reply.with_body(Format::Xml.content_type(), document.to_xml(legal_xml))
        } else {
            reply.with_body(Format::Json.content_type(), document.to_json())
        }
    }
}
