//! Responses as provider crates and applications see them.

use std::fmt;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::error::FailureStage;
use crate::pipeline::Pipeline;
use crate::{Error, ErrorKind, Result, Secret, codec};

/// A response whose body has been read.
pub struct BufferedResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether a retry of a delete found that the object was already gone.
    pub gone: bool,
    redactor: Redactor,
}

/// The secrets to mask in error messages of the service.
#[derive(Debug)]
struct Redactor {
    pipeline: Pipeline,
    secrets: Vec<Secret>,
    /// The number of attempts, if the call ended before the body was read.
    attempts: u32,
}

impl BufferedResponse {
    pub(super) fn new(pipeline: Pipeline, secrets: Vec<Secret>, parts: Parts, body: Bytes, gone: bool) -> Self {
        let redactor = Redactor { pipeline, secrets, attempts: 0 };
        Self { status: parts.status, headers: parts.headers, body, gone, redactor }
    }

    /// Creates a response whose body the provider crate has read itself, after this number of attempts.
    #[must_use]
    pub fn read(pipeline: &Pipeline, attempts: u32, parts: Parts, body: Bytes) -> Self {
        let mut response = Self::new(pipeline.clone(), Vec::new(), parts, body, false);
        response.redactor.attempts = attempts;
        response
    }

    /// Decodes the body as JSON.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Decode`], the path in the document and the unexpected value.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        codec::json::decode(&self.body, content_type).map_err(|problem| self.undecodable(&problem))
    }

    /// Returns an error for a body that does not match the contract. `problem` may contain field names, but no values.
    #[must_use]
    pub fn undecodable(&self, problem: &str) -> Error {
        self.error(ErrorKind::Decode, FailureStage::Undecodable, problem)
    }

    /// Returns the error that the service reports inside a successful response. The change was not applied.
    #[must_use]
    pub fn refused(&self, kind: ErrorKind, message: &str) -> Error {
        self.error(kind, FailureStage::Rejected, message)
    }

    fn error(&self, kind: ErrorKind, stage: FailureStage, message: &str) -> Error {
        Error::new(kind, stage)
            .with_status(self.status)
            .with_message(message, &self.secrets())
            .with_body(self.body.clone())
            .tried(self.redactor.attempts)
    }

    pub(super) fn with_request_id(&self, error: Error) -> Error {
        let id = self.redactor.pipeline.inner().service.request_id(&self.headers);
        error.or_request_id(id, &self.secrets())
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.redactor.pipeline.inner().auth.secrets();
        secrets.extend_from_slice(&self.redactor.secrets);
        secrets
    }
}

// Headers and body may contain secrets.
partial_debug!(BufferedResponse, self => status: self.status, length: self.body.len());

/// A decoded value together with the status and headers of its response.
#[non_exhaustive]
pub struct ResponseValue<T> {
    /// The decoded value.
    pub value: T,
    /// The status of the response.
    pub status: StatusCode,
    /// The headers of the response.
    pub headers: HeaderMap,
    /// The number of attempts.
    pub attempts: u32,
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Header values may be secret. Header names are not.
        f.debug_struct("ResponseValue")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("attempts", &self.attempts)
            .finish()
    }
}

/// The response to a raw call.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawResponse {
    /// The status, which is a success.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
