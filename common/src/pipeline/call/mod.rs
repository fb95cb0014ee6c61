//! One call: it is awaited and decoded.

pub(crate) mod builder;
mod execute;
mod pending;
pub(crate) mod raw;
pub(crate) mod response;

use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use self::execute::{Executed, execute};
use self::pending::PendingRequest;
use self::response::{BufferedResponse, ResponseValue};
use super::Pipeline;
use super::retry::outcome;
use crate::http::transport::BoxFuture;
use crate::http::{Body, Response};
use crate::{Error, Result, codec};

type Decoder<T> = Box<dyn FnOnce(&BufferedResponse) -> Result<T> + Send + Sync>;

enum Decode<T> {
    Whole(Decoder<T>),
    Streamed(fn(Response) -> Result<T>),
}

/// One call, ready to be awaited.
///
/// It owns its data, so that it can be stored, spawned, or dropped without being sent. `.await` returns the value. If the
/// input is invalid, the await returns the error before a request is sent.
///
/// # Errors
///
/// The await fails with [`Error`]. All operations map statuses to [`ErrorKind`](crate::ErrorKind) in the same way. The
/// page of an operation lists its additional errors.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T> {
    pipeline: Pipeline,
    pending: Result<Box<PendingRequest>>,
    name: &'static str,
    decode: Decode<T>,
}

impl<T: Send + 'static> Call<T> {
    /// Sets the timeout of the whole call, including retries and delays. A `Retry-After` that exceeds the remaining time
    /// ends the call at once. Default: the call timeout of the client.
    pub fn call_timeout(self, timeout: Duration) -> Self {
        self.change(|pending| pending.call_timeout = Some(timeout))
    }

    /// Disables retries. If the operation has a fallback path, the fallback is still tried.
    pub fn no_retry(self) -> Self {
        self.change(|pending| pending.retries = false)
    }

    fn change(mut self, change: impl FnOnce(&mut PendingRequest)) -> Self {
        if let Ok(pending) = &mut self.pending {
            change(pending);
        }
        self
    }

    /// Sends the call and returns the value with status, headers and number of attempts.
    pub fn with_response(self) -> impl Future<Output = Result<ResponseValue<T>>> + Send + 'static {
        self.send(|value, status, headers, attempts| ResponseValue { value, status, headers, attempts })
    }

    async fn send<O>(self, shape: impl FnOnce(T, StatusCode, HeaderMap, u32) -> O + Send) -> Result<O> {
        let Self { pipeline, pending, name, decode } = self;
        let mut pending = pending.map_err(|error| error.with_operation(name))?;
        let (idempotency, not_found_is_success) = (pending.operation.idempotency(), pending.not_found_is_success);
        let secrets = std::mem::take(&mut pending.secrets);
        let (response, attempts, span, already_gone, may_have_applied) =
            match execute(pipeline.inner(), *pending, &secrets).await {
                Err((error, span)) if not_found_is_success && error.is_gone_after_retry() => {
                    let mut response = Response::new(Body::empty());
                    *response.status_mut() = error.status().unwrap_or(StatusCode::NOT_FOUND);
                    (response, error.attempts(), span, true, true)
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
        let finished = |error: Error| {
            let outcome = outcome(idempotency, error.stage(), may_have_applied);
            let error = error.decoded(name, attempts, outcome);
            if let Some(span) = &span {
                span.failed(&error);
            }
            error
        };
        let decode = match decode {
            Decode::Whole(decode) => decode,
            Decode::Streamed(decode) => {
                let (status, headers) = (response.status(), response.headers().clone());
                return match decode(response) {
                    Ok(value) => Ok(shape(value, status, headers, attempts)),
                    Err(error) => Err(finished(error.with_status(status))),
                };
            }
        };
        let (parts, body) = response.into_parts();
        let status = parts.status;
        let result = match whole_body(body, pipeline.inner().limits.response_bytes).await {
            Ok(body) => {
                let response = BufferedResponse::new(pipeline.clone(), secrets, parts, body, already_gone);
                match decode(&response) {
                    Ok(value) => Ok((value, response.headers)),
                    Err(error) => Err(response.with_request_id(error)),
                }
            }
            Err(error) => Err(error.with_status(status)),
        };
        match result {
            Ok((value, headers)) => Ok(shape(value, status, headers, attempts)),
            Err(error) => Err(finished(error)),
        }
    }
}

/// Returns the bytes of a response. They were already read, unless a middleware replaced the body.
async fn whole_body(body: Body, max_bytes: usize) -> Result<Bytes> {
    match body.into_bytes_or_stream() {
        Ok(bytes) => Ok(bytes),
        Err(mut stream) => {
            let mut collected = codec::bounded::Collected::default();
            let read = collected.read(&mut stream, max_bytes).await;
            super::attempt::complete(Some(read), max_bytes).map(|()| collected.into_bytes())
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

partial_debug!(Call<T>, self => operation: self.name);
