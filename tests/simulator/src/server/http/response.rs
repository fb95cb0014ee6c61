use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use super::response_body::Payload;
use crate::data::Content;

/// A complete response, before a fault decides how much of it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Replaces `body`.
    pub(crate) content: Option<Content>,
    /// Uses chunked encoding without `Content-Length`.
    pub(crate) chunked: bool,
}

impl Response {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), content: None, chunked: false }
    }

    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::empty(status).with_body("application/json; charset=utf-8", body.to_string())
    }

    pub(crate) fn with_body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self.content = None;
        self
    }

    /// Sets a body that is read while it is sent.
    pub(crate) fn with_content(mut self, content_type: &'static str, content: Content) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.content = Some(content);
        self
    }

    pub(crate) fn length(&self) -> u64 {
        self.content.as_ref().map_or(self.body.len() as u64, Content::length)
    }

    /// Returns the body to send.
    pub(crate) fn into_payload(self) -> Payload {
        self.content.map_or(Payload::Bytes(self.body), Payload::Stored)
    }

    /// Flips one bit in the middle of the body.
    pub(crate) fn corrupted(mut self) -> Self {
        match self.clone().into_payload().corrupted() {
            Payload::Bytes(bytes) => self.body = bytes,
            Payload::Stored(content) => self.content = Some(content),
        }
        self
    }

    pub(crate) fn is_json(&self) -> bool {
        self.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
    }

    pub(crate) fn is_xml(&self) -> bool {
        self.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/xml"))
    }

    /// Returns the status line and headers as sent, for responses that hyper would not send unchanged.
    pub(crate) fn head(&self, extra: &[(HeaderName, String)]) -> Vec<u8> {
        let reason = self.status.canonical_reason().unwrap_or("Unknown");
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status.as_u16()).into_bytes();
        for (name, value) in &self.headers {
            push_header(&mut head, name, value.as_bytes());
        }
        for (name, value) in extra {
            push_header(&mut head, name, value.as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

fn push_header(head: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    head.extend_from_slice(name.as_str().as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}
