//! One call: awaited, decoded.

use std::fmt;
use std::future::IntoFuture;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::builder::{Fallback, PendingRequest};
use super::call_state::{CallState, FallbackTarget};
use super::middleware::{Next, Terminal};
use super::trace::Span;
use super::{Operation, Pipeline, PipelineInner, needs_runtime};
use crate::error::FailureStage;
use crate::http::transport::BoxFuture;
use crate::http::{Body, Request, Response};
use crate::{Error, ErrorKind, Result, Secret, codec};

/// A reply whose body has been read.
pub struct BufferedResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether the object was gone when a delete was repeated.
    pub gone: bool,
    redactor: Redactor,
}

/// What must not be seen in the service's words.
#[derive(Debug)]
struct Redactor {
    pipeline: Pipeline,
    secrets: Vec<Secret>,
    /// How many requests it took, where the call has ended before the body was read.
    attempts: u32,
}

impl Redactor {
    fn all(&self) -> Vec<Secret> {
        let mut all = self.pipeline.0.auth.secrets();
        all.extend_from_slice(&self.secrets);
        all
    }
}

impl BufferedResponse {
    /// Decodes the body as JSON.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] with the path in the document, and what came instead.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        codec::json::decode(&self.body, content_type).map_err(|problem| self.undecodable(&problem))
    }

    /// An error for a body that is not what the contract says; `problem` may quote its names, and no value.
    #[must_use]
    pub fn undecodable(&self, problem: &str) -> Error {
        Error::new(ErrorKind::Decode, FailureStage::Undecodable)
            .with_status(self.status)
            .with_message(problem, &self.redactor.all())
            .with_body(self.body.clone())
            .tried(self.redactor.attempts)
    }

    /// A reply whose body the provider has read by itself, after so many attempts.
    #[must_use]
    pub fn read(pipeline: &Pipeline, attempts: u32, parts: Parts, body: Bytes) -> Self {
        let redactor = Redactor { pipeline: pipeline.clone(), secrets: Vec::new(), attempts };
        Self { status: parts.status, headers: parts.headers, body, gone: false, redactor }
    }

    /// An error that the service tells inside a reply of success, found while decoding. Nothing was done.
    #[must_use]
    pub fn refused(&self, kind: ErrorKind, message: &str) -> Error {
        Error::new(kind, FailureStage::Rejected)
            .with_status(self.status)
            .with_message(message, &self.redactor.all())
            .with_body(self.body.clone())
            .tried(self.redactor.attempts)
    }
}

impl fmt::Debug for BufferedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and body may hold secrets.
        f.debug_struct("BufferedResponse")
            .field("status", &self.status)
            .field("length", &self.body.len())
            .finish_non_exhaustive()
    }
}

type Decoder<T> = Box<dyn FnOnce(&BufferedResponse) -> Result<T> + Send + Sync>;

pub(super) enum Decode<T> {
    Whole(Decoder<T>),
    Streamed(fn(Response) -> Result<T>),
}

/// One call, ready to be awaited.
///
/// It owns what it needs, so that it can be stored, spawned, or dropped without having been sent. `.await` gives the
/// value. Invalid input that was found while building is what the await returns, before anything is sent.
///
/// # Errors
///
/// The await returns [`Error`]. Statuses become [`ErrorKind`]s in the same way for all operations; what an operation adds
/// is on its own page.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T> {
    pub(super) pipeline: Pipeline,
    pub(super) pending: Result<Box<PendingRequest>>,
    pub(super) name: &'static str,
    pub(super) decode: Decode<T>,
}

/// A value and the reply that it came in.
#[non_exhaustive]
pub struct ResponseValue<T> {
    /// The decoded value.
    pub value: T,
    /// The status of the reply.
    pub status: StatusCode,
    /// The headers of the reply.
    pub headers: HeaderMap,
    /// How many attempts were made.
    pub attempts: u32,
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of headers may be secret; their names are not.
        f.debug_struct("ResponseValue")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("attempts", &self.attempts)
            .finish()
    }
}

impl<T: Send + 'static> Call<T> {
    /// Limits the whole call, its retries and waits included. A `Retry-After` that does not fit ends the call at once.
    pub fn call_timeout(self, limit: Duration) -> Self {
        self.change(|pending| pending.call_timeout = Some(limit))
    }

    /// Makes one attempt and no more. Where an operation is known at two paths, the second is still asked if the service
    /// has nothing at the first.
    pub fn no_retry(self) -> Self {
        self.change(|pending| pending.retries = false)
    }

    fn change(mut self, change: impl FnOnce(&mut PendingRequest)) -> Self {
        if let Ok(pending) = &mut self.pending {
            change(pending);
        }
        self
    }

    /// Makes the call and returns status, headers and the number of attempts beside the value.
    pub fn with_response(self) -> impl Future<Output = Result<ResponseValue<T>>> + Send + 'static {
        self.send(|value, status, headers, attempts| ResponseValue { value, status, headers, attempts })
    }

    async fn send<O>(self, shape: impl FnOnce(T, StatusCode, HeaderMap, u32) -> O + Send) -> Result<O> {
        let Self { pipeline, pending, name, decode } = self;
        let mut pending = pending.map_err(|error| error.with_operation(name))?;
        let (idempotency, not_found_is_success) = (pending.operation.idempotency(), pending.not_found_is_success);
        let secrets = std::mem::take(&mut pending.secrets);
        let (response, attempts, span, gone, may_have_applied) = match execute(&pipeline.0, *pending, &secrets).await {
            Err((error, span)) if not_found_is_success && error.is_gone_after_doubt() => {
                let mut gone = Response::new(Body::empty());
                *gone.status_mut() = error.status().unwrap_or(StatusCode::NOT_FOUND);
                (gone, error.attempts(), span, true, true)
            }
            Err((error, span)) => {
                if let Some(span) = span {
                    span.failed(&error);
                }
                return Err(error);
            }
            Ok(Executed { response, attempts, span, may_have_applied }) => {
                (response, attempts, Some(span), false, may_have_applied)
            }
        };
        let whole = match decode {
            Decode::Whole(whole) => whole,
            Decode::Streamed(streamed) => {
                let (status, headers) = (response.status(), response.headers().clone());
                let value = streamed(response).map_err(|error| {
                    let told = super::retry::outcome(idempotency, error.stage(), may_have_applied);
                    error.with_status(status).decoded(name, attempts, told)
                });
                if let (Err(error), Some(span)) = (&value, span) {
                    span.failed(error);
                }
                return value.map(|value| shape(value, status, headers, attempts));
            }
        };
        let (parts, body) = response.into_parts();
        let decoded = match whole_body(body, pipeline.0.limits.response_bytes).await {
            Ok(body) => {
                let redactor = Redactor { pipeline: pipeline.clone(), secrets, attempts: 0 };
                let reply = BufferedResponse { status: parts.status, headers: parts.headers, body, gone, redactor };
                match whole(&reply) {
                    Ok(value) => Ok((value, reply.headers)),
                    Err(error) => {
                        let id = super::attempt::request_id(&reply.headers, pipeline.0.profile.request_id_headers);
                        Err(error.or_request_id(id, &reply.redactor.all()))
                    }
                }
            }
            Err(error) => Err(error.with_status(parts.status)),
        };
        match decoded {
            Ok((value, headers)) => Ok(shape(value, parts.status, headers, attempts)),
            Err(error) => {
                let told = super::retry::outcome(idempotency, error.stage(), may_have_applied);
                let error = error.decoded(name, attempts, told);
                if let Some(span) = span {
                    span.failed(&error);
                }
                Err(error)
            }
        }
    }
}

/// The bytes of a reply. They have been read already, unless a middleware replaced the body.
async fn whole_body(body: Body, limit: usize) -> Result<Bytes> {
    match body.into_bytes_or_stream() {
        Ok(bytes) => Ok(bytes),
        Err(mut stream) => {
            let mut collected = codec::bounded::Collected::default();
            let read = collected.read(&mut stream, limit).await;
            super::attempt::complete(Some(read), limit).map(|()| collected.into_bytes())
        }
    }
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send(|value, _, _, _| value))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.name).finish_non_exhaustive()
    }
}

/// A reply of success, and how it was come by.
struct Executed {
    response: Response,
    attempts: u32,
    span: Span,
    /// Whether a refusal that is told inside of it may come after some of it was done.
    may_have_applied: bool,
}

/// Runs a request through the pipeline.
async fn execute(
    pipeline: &PipelineInner,
    pending: PendingRequest,
    secrets: &[Secret],
) -> Result<Executed, (Error, Option<Span>)> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err((needs_runtime().with_operation(pending.operation.name()), None));
    }
    let PendingRequest {
        operation,
        method,
        mut address,
        base,
        headers,
        body,
        streamed,
        retries,
        call_timeout,
        attempt_timeout,
        response_timeout,
        other,
        required_permission,
        partial_effects,
        ..
    } = pending;
    let other = other.map(|Fallback { address: mut second, use_fallback }| {
        let prefers = use_fallback.load(Relaxed);
        if prefers {
            std::mem::swap(&mut address, &mut second);
        }
        FallbackTarget { address: second, use_fallback, is_other: !prefers }
    });
    let base = &pipeline.bases[base.0];
    let request = build(pipeline, &operation, method, base.uri(address), headers, body)
        .map_err(|error| (error.with_operation(operation.name()), None))?;
    // Nobody knows how long a file takes.
    let usual = if response_timeout.is_some() { None } else { pipeline.limits.call };
    let limit = call_timeout.or(usual);
    let call = CallState {
        pipeline,
        base,
        operation: &operation,
        secrets,
        deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
        retries,
        streamed,
        attempt_timeout: attempt_timeout.map_or(pipeline.limits.attempt, |limit| limit.max(pipeline.limits.attempt)),
        response_timeout,
        elsewhere: other.as_ref(),
        required_permission,
        partial_effects,
        progress: super::call_state::Progress::default(),
    };
    let span = Span::of_call(&operation);
    // Pinned where it stands: a future that is moved into its wrapper takes its room twice, at every level.
    let way = std::pin::pin!(async {
        if pipeline.per_call_middleware.is_empty() {
            call.run(request).await
        } else {
            Next { rest: &pipeline.per_call_middleware, end: Terminal::Call(&call) }.run(request).await
        }
    });
    let result = span.around(way).await;
    match result {
        Ok(response) => {
            let may_have_applied = partial_effects || call.progress.leaves_doubt();
            Ok(Executed { response, attempts: call.attempts_made(), span, may_have_applied })
        }
        Err(error) => Err((call.finish(error), Some(span))),
    }
}

fn build(
    pipeline: &PipelineInner,
    operation: &Operation,
    method: Method,
    uri: Result<Uri>,
    headers: HeaderMap,
    body: Body,
) -> Result<Request> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri?;
    *request.headers_mut() = headers;
    if pipeline.tells_operation {
        request.extensions_mut().insert(operation.clone());
    }
    Ok(request)
}
