//! A minimal provider without a service.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use mft_common::provider::{Auth, CallBuilder, ErrorDetails, Pipeline, ServiceInfo, Settings};
use mft_common::testing::MockTransport;
use mft_common::transport::{Body, BodyError, Request, Response, Transport};
use mft_common::{Error, Result, RetryPolicy, Secret};

pub(crate) const BASE: &str = "https://api.example.com/v1";
pub(crate) const KEY: &str = "k3y-material";

pub(crate) const SERVICE: ServiceInfo = ServiceInfo {
    name: "parcels",
    user_agent: "parcels/0.1",
    request_id_headers: &["x-request-id", "x-trace"],
    parse_error,
};

/// Every status outside 2xx is an error, and so is a 2xx whose body contains `"error"`. The message is the body.
fn parse_error(status: StatusCode, _: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    let text = String::from_utf8_lossy(body);
    let message = (!text.is_empty()).then(|| text.clone().into_owned());
    match (status.is_success(), text.contains(r#""error""#)) {
        (true, false) => None,
        (true, true) => {
            Some(ErrorDetails { kind: Some(mft_common::ErrorKind::Server), message, ..ErrorDetails::default() })
        }
        (false, _) => Some(ErrorDetails { code: Some("refused".to_owned()), message, ..ErrorDetails::default() }),
    }
}

pub(crate) fn settings(transport: impl Transport) -> Settings {
    let mut settings = Settings::default();
    settings.transport(transport);
    // The first jitter of this seed is not zero, so that a delay is observable.
    settings.retry(RetryPolicy::new().seed(1));
    settings
}

pub(crate) fn build(settings: Settings) -> Pipeline {
    build_with(settings, |bases| Auth::bearer("api_key", Secret::new(KEY), vec![bases.origin().clone()])).unwrap()
}

pub(crate) fn build_with(
    settings: Settings,
    auth: impl FnOnce(&mft_common::provider::BaseUrl) -> Result<Auth>,
) -> Result<Pipeline> {
    settings.pipeline(SERVICE, &[BASE], |bases| auth(&bases[0]))
}

/// Returns a client with a mock transport.
pub(crate) fn client(script: &MockTransport) -> Pipeline {
    build(settings(script.clone()))
}

pub(crate) fn call(pipeline: &Pipeline) -> CallBuilder {
    pipeline.call("parcels.send", Method::POST, "/parcels", &[])
}

/// A body of the given chunks. `Err` ends it.
pub(crate) struct Chunks(pub(crate) VecDeque<Result<Bytes, BodyError>>);

impl Chunks {
    pub(crate) fn of(chunks: &[&'static str]) -> Body {
        Body::from_stream(Self(chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect()), None)
    }
}

impl futures_core::Stream for Chunks {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front())
    }
}

/// An endless body. Counts the chunks.
#[derive(Clone, Default)]
pub(crate) struct Endless(pub(crate) Arc<Mutex<usize>>);

impl futures_core::Stream for Endless {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        const CHUNK: &[u8] = &[b'x'; 8 * 1024];
        *self.0.lock().unwrap() += CHUNK.len();
        Poll::Ready(Some(Ok(Bytes::from_static(CHUNK))))
    }
}

/// A transport from a function, for responses that the mock transport cannot send.
pub(crate) struct Answer<F>(pub(crate) F);

impl<F: Fn(&Request) -> Response + Send + Sync + 'static> Transport for Answer<F> {
    async fn send(&self, request: Request) -> Result<Response> {
        Ok((self.0)(&request))
    }
}

pub(crate) fn reply(status: u16, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// Returns all text that an error can print.
pub(crate) fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, " {cause} {cause:?}");
        source = cause.source();
    }
    text
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
