//! A mock transport: no socket, and compatible with paused time.
//!
//! # Examples
//!
//! ```
//! use mft_common::testing::MockTransport;
//!
//! let transport = MockTransport::new()
//!     .reply(429, &[("retry-after", "7")], "")
//!     .reply(200, &[], "[]");
//! // A client built with `.transport(transport.clone())` waits seven seconds and returns an empty list.
//! // `transport.calls()` then contains both requests.
//! # assert!(transport.calls().is_empty());
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use tokio::time::Instant;

use crate::http::{Body, Request, Response, Transport};
use crate::pipeline::Operation;
use crate::{Error, Result};

/// A transport that sends scripted responses and records the requests. Clones share both.
#[derive(Clone, Default)]
pub struct MockTransport(Arc<Mutex<MockState>>);

#[derive(Default)]
struct MockState {
    steps: VecDeque<MockStep>,
    last: Option<MockStep>,
    calls: Vec<ScriptedCall>,
}

#[derive(Clone)]
enum MockStep {
    Reply { status: StatusCode, headers: HeaderMap, body: Bytes, delay: Duration },
    BrokenBody { status: StatusCode, body: Bytes },
    RefusedConnection,
    BrokenConnection,
    Silence,
}

/// A recorded request.
#[derive(Clone)]
#[non_exhaustive]
pub struct ScriptedCall {
    /// The operation of the request.
    pub operation: Option<Operation>,
    /// The method.
    pub method: Method,
    /// The URI.
    pub uri: Uri,
    /// The headers, including the credentials.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The time of the request.
    pub at: Instant,
}

partial_debug!(ScriptedCall, self => method: self.method, path: self.uri.path());

impl MockTransport {
    /// Creates a transport without responses. A request without a scripted step fails.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a response to the next request.
    ///
    /// # Panics
    ///
    /// Panics if the status or a header is invalid.
    #[must_use]
    pub fn reply(self, status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Self {
        self.reply_after(Duration::ZERO, status, headers, body)
    }

    /// Adds a delayed response to the next request.
    ///
    /// # Panics
    ///
    /// Panics if the status or a header is invalid.
    #[must_use]
    pub fn reply_after(self, delay: Duration, status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::try_from(*name).expect("the header name is valid");
                (name, HeaderValue::from_str(value).expect("the header value is valid"))
            })
            .collect();
        let status = StatusCode::from_u16(status).expect("the status is between 100 and 999");
        self.step(MockStep::Reply { status, headers, body: body.into(), delay })
    }

    /// Adds a response whose connection breaks after `body`.
    ///
    /// # Panics
    ///
    /// Panics if the status is invalid.
    #[must_use]
    pub fn truncated_body(self, status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).expect("the status is between 100 and 999");
        self.step(MockStep::BrokenBody { status, body: body.into() })
    }

    /// Adds a connection failure before the request is sent.
    #[must_use]
    pub fn refuse_connection(self) -> Self {
        self.step(MockStep::RefusedConnection)
    }

    /// Adds a connection failure after the request was sent.
    #[must_use]
    pub fn break_connection(self) -> Self {
        self.step(MockStep::BrokenConnection)
    }

    /// Adds a request that never gets a response.
    #[must_use]
    pub fn hang(self) -> Self {
        self.step(MockStep::Silence)
    }

    /// Repeats the last step for all further requests.
    #[must_use]
    pub fn repeat_last(self) -> Self {
        let last = self.state().steps.back().cloned();
        self.state().last = last;
        self
    }

    /// Returns the recorded requests.
    #[must_use]
    pub fn calls(&self) -> Vec<ScriptedCall> {
        self.state().calls.clone()
    }

    fn step(self, step: MockStep) -> Self {
        self.state().steps.push_back(step);
        self
    }

    fn state(&self) -> MutexGuard<'_, MockState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for MockTransport {
    async fn send(&self, request: Request) -> Result<Response> {
        let (parts, mut body) = request.into_parts();
        let mut contents = Vec::new();
        while let Some(chunk) = body.chunk().await {
            contents.extend_from_slice(&chunk.map_err(|cause| Error::interrupted(crate::http::body::Broke(cause)))?);
        }
        let step = {
            let mut state = self.state();
            state.calls.push(ScriptedCall {
                operation: parts.extensions.get().cloned(),
                method: parts.method,
                uri: parts.uri,
                headers: parts.headers,
                body: contents.into(),
                at: Instant::now(),
            });
            let next = state.steps.pop_front();
            next.or_else(|| state.last.clone())
        };
        match step {
            Some(MockStep::Reply { status, headers, body, delay }) => {
                if !delay.is_zero() {
                    tokio::time::sleep(delay).await;
                }
                let mut response = Response::new(Body::from(body));
                (*response.status_mut(), *response.headers_mut()) = (status, headers);
                Ok(response)
            }
            Some(MockStep::BrokenBody { status, body }) => {
                let stream =
                    MockChunks(VecDeque::from([Ok(body), Err("the connection was closed by the script".into())]));
                let mut response = Response::new(Body::from_stream(stream, None));
                *response.status_mut() = status;
                Ok(response)
            }
            Some(MockStep::RefusedConnection) => {
                Err(Error::connect(std::io::Error::from(std::io::ErrorKind::ConnectionRefused)))
            }
            Some(MockStep::BrokenConnection) => {
                Err(Error::interrupted(std::io::Error::from(std::io::ErrorKind::ConnectionReset)))
            }
            Some(MockStep::Silence) => std::future::pending().await,
            None => Err(Error::other("no scripted step is left for this request")),
        }
    }
}

struct MockChunks(VecDeque<Result<Bytes, crate::http::BodyError>>);

impl futures_core::Stream for MockChunks {
    type Item = Result<Bytes, crate::http::BodyError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop_front())
    }
}

impl fmt::Debug for MockTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MockTransport")
            .field("steps_left", &state.steps.len())
            .field("calls", &state.calls.len())
            .finish()
    }
}
