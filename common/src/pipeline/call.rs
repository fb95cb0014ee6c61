//! One call: awaited, decoded.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::builder::Draft;
use super::call_state::CallState;
use super::middleware::{End, Next};
use super::trace::Span;
use super::{Core, CoreParts, Operation, needs_runtime};
use crate::error::Reach;
use crate::http::transport::BoxFuture;
use crate::http::{Body, Request, Response};
use crate::{Error, ErrorKind, Result, codec};

/// A reply whose body has been read.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether the object was gone when a delete was repeated.
    pub gone: bool,
}

impl Reply {
    /// Decodes the body as JSON.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] with the path in the document, and what came instead.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        codec::json::decode(&self.body, content_type).map_err(|problem| self.undecodable(&problem))
    }

    /// An error for a body that is not what the contract says; `problem` must not quote it.
    #[must_use]
    pub fn undecodable(&self, problem: &str) -> Error {
        Error::new(ErrorKind::Decode, Reach::Undecodable)
            .with_status(self.status)
            .with_message(problem, &[])
            .with_body(self.body.clone())
    }
}

type Decoder<T> = Box<dyn FnOnce(&Reply) -> Result<T> + Send + Sync>;

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
    pub(super) core: Core,
    pub(super) draft: Result<Box<Draft>>,
    pub(super) name: &'static str,
    pub(super) decode: Decode<T>,
}

/// A value and the reply that it came in.
#[non_exhaustive]
pub struct WithResponse<T> {
    /// The decoded value.
    pub value: T,
    /// The status of the reply.
    pub status: StatusCode,
    /// The headers of the reply.
    pub headers: HeaderMap,
    /// How many attempts were made.
    pub attempts: u32,
}

impl<T: fmt::Debug> fmt::Debug for WithResponse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of headers may be secret; their names are not.
        f.debug_struct("WithResponse")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("attempts", &self.attempts)
            .finish()
    }
}

impl<T: Send + 'static> Call<T> {
    /// Limits the whole call, its retries and waits included. A `Retry-After` that does not fit ends the call at once.
    pub fn time_limit(self, limit: Duration) -> Self {
        self.change(|draft| draft.time_limit = Some(limit))
    }

    /// Makes one attempt and no more.
    pub fn no_retry(self) -> Self {
        self.change(|draft| draft.retries = false)
    }

    fn change(mut self, change: impl FnOnce(&mut Draft)) -> Self {
        if let Ok(draft) = &mut self.draft {
            change(draft);
        }
        self
    }

    /// Makes the call and returns status, headers and the number of attempts beside the value.
    pub fn with_response(self) -> impl Future<Output = Result<WithResponse<T>>> + Send + 'static {
        self.send(|value, status, headers, attempts| WithResponse { value, status, headers, attempts })
    }

    async fn send<O>(self, shape: impl FnOnce(T, StatusCode, HeaderMap, u32) -> O + Send) -> Result<O> {
        let Self { core, draft, name, decode } = self;
        let draft = draft.map_err(|error| error.with_operation(name))?;
        let (repeatability, gone_is_done) = (draft.operation.repeatability(), draft.gone_is_done);
        let (response, attempts, span, gone) = match execute(&core.0, *draft).await {
            Err((error, span)) if gone_is_done && error.is_gone_after_doubt() => {
                let mut gone = Response::new(Body::empty());
                *gone.status_mut() = error.status().unwrap_or(StatusCode::NOT_FOUND);
                (gone, error.attempts(), span, true)
            }
            Err((error, span)) => {
                if let Some(span) = span {
                    span.failed(&error);
                }
                return Err(error);
            }
            Ok((response, attempts, span)) => (response, attempts, Some(span), false),
        };
        let whole = match decode {
            Decode::Whole(whole) => whole,
            Decode::Streamed(streamed) => {
                let (status, headers) = (response.status(), response.headers().clone());
                let value = streamed(response).map_err(|error| {
                    let told = super::retry::outcome(repeatability, error.reach(), false);
                    error.with_status(status).decoded(name, attempts, told)
                });
                if let (Err(error), Some(span)) = (&value, span) {
                    span.failed(error);
                }
                return value.map(|value| shape(value, status, headers, attempts));
            }
        };
        let (parts, body) = response.into_parts();
        let decoded = match whole_body(body, core.0.limits.reply_bytes).await {
            Ok(body) => {
                let reply = Reply { status: parts.status, headers: parts.headers, body, gone };
                match whole(&reply) {
                    Ok(value) => Ok((value, reply.headers)),
                    Err(error) => {
                        let id = super::attempt::request_id(&reply.headers, core.0.profile.request_id_headers);
                        Err(error.or_request_id(id, &core.0.auth.secrets()))
                    }
                }
            }
            Err(error) => Err(error.with_status(parts.status)),
        };
        match decoded {
            Ok((value, headers)) => Ok(shape(value, parts.status, headers, attempts)),
            Err(error) => {
                let told = super::retry::outcome(repeatability, error.reach(), false);
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
            super::attempt::complete(Ok(read), limit).map(|()| collected.into_bytes())
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

/// Runs a request through the pipeline.
async fn execute(core: &CoreParts, draft: Draft) -> Result<(Response, u32, Span), (Error, Option<Span>)> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err((needs_runtime().with_operation(draft.operation.name()), None));
    }
    let Draft {
        operation, method, address, headers, body, secrets, streamed, retries, time_limit, attempt_limit, ..
    } = draft;
    let request = build(core, &operation, method, address, headers, body)
        .map_err(|error| (error.with_operation(operation.name()), None))?;
    let limit = time_limit.or(core.limits.call);
    let call = CallState {
        core,
        operation: &operation,
        secrets: &secrets,
        deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
        retries,
        streamed,
        attempt_limit: attempt_limit.map_or(core.limits.attempt, |limit| limit.max(core.limits.attempt)),
        progress: super::call_state::Progress::default(),
    };
    let span = Span::of_call(&operation);
    // Pinned where it stands: a future that is moved into its wrapper takes its room twice, at every level.
    let way = std::pin::pin!(async {
        if core.around_calls.is_empty() {
            call.run(request).await
        } else {
            Next { rest: &core.around_calls, end: End::Call(&call) }.run(request).await
        }
    });
    let result = span.around(way).await;
    match result {
        Ok(response) => Ok((response, call.attempts_made(), span)),
        Err(error) => Err((call.finish(error), Some(span))),
    }
}

fn build(
    core: &CoreParts,
    operation: &Operation,
    method: Method,
    address: String,
    headers: HeaderMap,
    body: Body,
) -> Result<Request> {
    let uri = Uri::from_maybe_shared(Bytes::from(address))
        .map_err(|_| Error::invalid_input("path", "does not make a URL, or a too long one"))?;
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    if core.tells_operation {
        request.extensions_mut().insert(operation.clone());
    }
    Ok(request)
}
