//! Sends requests to presigned URLs: without credentials, middleware and permits, but with a span and idle timeouts.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};

use crate::auth::origin::Origin;
use crate::codec::bounded::Collected;
use crate::error::{FailureStage, MAX_ERROR_BODY};
use crate::http::body::idle_limited;
use crate::http::idle::{IdleWatchdog, TrackedBody, race};
use crate::http::{Request, Response};
use crate::pipeline::retry::{observe_date, retry_after, stage_of_status};
use crate::pipeline::trace::Span;
use crate::pipeline::{Operation, Pipeline};
use crate::transfer::storage::error_document::ErrorDocument;
use crate::transfer::storage::presigned_url::PresignedUrl;
use crate::{Body, Error, ErrorKind, Idempotency, Result};

/// How to recover from a failed request to the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Request another presigned URL, because this one has expired.
    RenewUrl,
    /// Retry, at the earliest after the wait that the storage asked for.
    Retry(Option<Duration>),
    /// Fail: a retry cannot succeed.
    Fail,
}

/// A failed request to the storage.
#[derive(Debug)]
pub(crate) struct StorageError {
    pub(crate) error: Error,
    pub(crate) recovery: Recovery,
}

impl StorageError {
    pub(crate) fn fail(error: Error) -> Self {
        Self { error, recovery: Recovery::Fail }
    }

    pub(crate) fn retry(error: Error) -> Self {
        Self { error, recovery: Recovery::Retry(None) }
    }
}

/// Sends requests to presigned URLs.
#[derive(Clone)]
pub(crate) struct StorageClient {
    pub(crate) pipeline: Pipeline,
    operation: Operation,
    response_timeout: Duration,
}

impl StorageClient {
    pub(crate) fn new(pipeline: Pipeline, operation: &'static str, response_timeout: Duration) -> Self {
        let operation = Operation::new(operation, "{presigned_url}".into(), Idempotency::Idempotent);
        Self { pipeline, operation, response_timeout }
    }

    /// Returns the origin of the service that signs the URLs.
    fn signer(&self) -> &Origin {
        self.pipeline.base_url().origin()
    }

    pub(crate) fn is_fresh(&self, url: &PresignedUrl) -> bool {
        url.is_fresh(&self.pipeline.inner().clock, self.signer())
    }

    /// Sends a request. Returns a successful response with its body unread.
    pub(crate) async fn send(
        &self,
        url: &PresignedUrl,
        method: Method,
        headers: HeaderMap,
        body: Body,
        attempt: u32,
    ) -> Result<Response, StorageError> {
        let pipeline = self.pipeline.inner();
        let watchdog = Arc::new(IdleWatchdog::new());
        // A request without a body leaves no buffers to drain.
        let response_timeout = if body.is_empty() { pipeline.limits.idle } else { self.response_timeout };
        let mut request = Request::new(TrackedBody::new(body, &watchdog));
        *request.method_mut() = method;
        *request.uri_mut() = url.uri().clone();
        *request.headers_mut() = headers;
        request.headers_mut().entry(header::USER_AGENT).or_insert_with(|| pipeline.user_agent.clone());
        if pipeline.attaches_operation {
            request.extensions_mut().insert(self.operation.clone());
        }
        let span = Span::of_attempt(&self.operation, &request, attempt);
        let sending = pipeline.transport.send_boxed(request);
        let stalled = watchdog.stalled(pipeline.limits.idle, response_timeout);
        let exchange =
            std::pin::pin!(race(async { sending.await.map_err(|error| self.transport_error(error, url)) }, async {
                Err(StorageError::retry(stalled.await))
            },));
        let response = span.around(exchange).await.inspect_err(|failed| span.failed(&failed.error))?;
        span.status(response.status());
        observe_date(response.headers(), &pipeline.clock, url.origin());
        if response.status().is_success() {
            let (parts, body) = response.into_parts();
            return Ok(Response::from_parts(parts, idle_limited(body, pipeline.limits.idle)));
        }
        let failed = self.error_response(response, url).await;
        span.failed(&failed.error);
        Err(failed)
    }

    /// Classifies a transport error. A storage that refuses a request early may reset the connection; the expiry of the
    /// URL distinguishes this case from a broken connection.
    fn transport_error(&self, error: Error, url: &PresignedUrl) -> StorageError {
        match error.kind() {
            ErrorKind::Interrupted if url.has_expired(&self.pipeline.inner().clock, self.signer()) => {
                let message = "connection broke after the presigned URL had expired; the storage may have refused it";
                StorageError { error: error.with_message(message, &[]), recovery: Recovery::RenewUrl }
            }
            ErrorKind::Interrupted | ErrorKind::Connect | ErrorKind::Timeout => StorageError::retry(error),
            _ => StorageError::fail(error),
        }
    }

    async fn error_response(&self, response: Response, url: &PresignedUrl) -> StorageError {
        let (parts, mut body) = response.into_parts();
        let bytes = self.read_prefix(&mut body, MAX_ERROR_BODY).await;
        let document = ErrorDocument::read(&bytes);
        let pipeline = self.pipeline.inner();
        let wait = retry_after(&parts.headers, &pipeline.clock, url.origin());
        let kind = match parts.status {
            StatusCode::SERVICE_UNAVAILABLE if wait.is_some() => ErrorKind::RateLimited,
            status => ErrorKind::of_status(status),
        };
        let expired = document.is_expired() || url.has_expired(&pipeline.clock, self.signer());
        let recovery = match (parts.status.as_u16(), document.code.as_deref()) {
            (403, _) if expired => Recovery::RenewUrl,
            // Without a code, an expired URL is more likely than a lost permission.
            (403, None) => Recovery::RenewUrl,
            _ if document.is_transient() => Recovery::Retry(wait),
            (408 | 425 | 429 | 500 | 502..=504, _) => Recovery::Retry(wait),
            _ => Recovery::Fail,
        };
        let secrets = url.secrets();
        let request_id = parts.headers.get("x-amz-request-id").and_then(|id| id.to_str().ok());
        let mut error = Error::new(kind, stage_of_status(parts.status, wait))
            .with_status(parts.status)
            .with_retry_after(wait)
            .with_request_id(request_id, &secrets)
            .with_body(bytes);
        if let Some(code) = &document.code {
            error = error.with_code(code, &secrets);
        }
        if let Some(message) = &document.message {
            error = error.with_message(&format!("storage: {message}"), &secrets);
        }
        StorageError { error, recovery }
    }

    /// Reads the beginning of a body. Ignores bytes that do not arrive within the idle timeout.
    pub(crate) async fn read_prefix(&self, body: &mut Body, limit: usize) -> Bytes {
        let mut collected = Collected::default();
        let _ = tokio::time::timeout(self.pipeline.inner().limits.idle, collected.read(body, limit)).await;
        collected.into_bytes()
    }
}

/// Fails if the body of a successful response is an error document. A storage may send its status before it knows the
/// outcome.
pub(crate) fn check_success_body(status: StatusCode, body: &Bytes, url: &PresignedUrl) -> Result<(), StorageError> {
    let document = ErrorDocument::read(body);
    let Some(code) = &document.code else { return Ok(()) };
    let secrets = url.secrets();
    let message = document.message.as_deref().unwrap_or("error document without a message");
    let error = Error::new(ErrorKind::Server, FailureStage::Faulty)
        .with_status(status)
        .with_code(code, &secrets)
        .with_message(&format!("storage: {message}"), &secrets)
        .with_body(body.clone());
    Err(if document.is_transient() { StorageError::retry(error) } else { StorageError::fail(error) })
}
