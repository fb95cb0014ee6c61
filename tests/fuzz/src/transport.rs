//! A transport with scripted responses, and the text format of the script.
//!
//! ```text
//! 200 stream            status, and how the response ends
//! content-type: …       headers
//!                       empty line
//! {"id": 1}             body
//! --                    separator between two responses, on its own line
//! refuse                connection refused
//! ```
//!
//! Every input is valid: invalid headers are ignored, and an invalid status becomes 200.

use std::collections::VecDeque;
use std::io::{Error as IoError, ErrorKind as IoErrorKind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use mft_common::transport::{Body, BodyError, Request, Response, Transport};
use mft_common::{Error, Result};

use crate::checks::OWN_SECRETS;

/// The maximum number of responses in an input.
const MAX_RESPONSES: usize = 12;

/// The last response is repeated up to this number of requests. Further requests get no connection.
const MAX_REQUESTS: usize = 48;

/// The number of further requests that are plausible: retries end after three attempts each.
const MAX_RETRIES: usize = 48;

/// The number of bytes of a request body that are searched for secrets. Files are longer and contain none.
const MAX_SEARCHED_BYTES: usize = 64 * 1024;

#[derive(Debug, Clone)]
pub struct ScriptedResponse {
    pub kind: BodyKind,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// A complete body of known length.
    Complete,
    /// A body in chunks, of unknown length.
    Stream,
    /// A truncated body.
    Truncated,
    /// The connection is refused.
    Refuse,
    /// The connection breaks after the request was sent.
    Break,
}

impl ScriptedResponse {
    fn parse(text: &[u8]) -> Self {
        let (head, body) = split(text, b"\n\n").unwrap_or((text, b""));
        let mut lines = head.split(|byte| *byte == b'\n');
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let kind = match first.split(' ').next_back() {
            Some("stream") => BodyKind::Stream,
            Some("cut") => BodyKind::Truncated,
            Some("refuse") => BodyKind::Refuse,
            Some("break") => BodyKind::Break,
            _ => BodyKind::Complete,
        };
        let status = first.get(..3).and_then(|digits| digits.parse().ok());
        let mut headers = HeaderMap::new();
        for line in lines {
            let Some((name, value)) = split(line, b": ") else { continue };
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
        Self { kind, status: status.unwrap_or(StatusCode::OK), headers, body: Bytes::copy_from_slice(body) }
    }

    fn size(&self) -> usize {
        self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() + self.body.len()
    }
}

fn split<'t>(text: &'t [u8], at: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let position = text.windows(at.len()).position(|window| window == at)?;
    Some((&text[..position], &text[position + at.len()..]))
}

/// Parses the responses of an input.
pub fn parse_responses(mut text: &[u8]) -> Vec<ScriptedResponse> {
    let mut responses = Vec::new();
    while let Some((response, remaining)) = split(text, b"\n--\n").filter(|_| responses.len() + 1 < MAX_RESPONSES) {
        responses.push(ScriptedResponse::parse(response));
        text = remaining;
    }
    responses.push(ScriptedResponse::parse(text));
    responses
}

/// The transport of a client. Clones share their state.
#[derive(Clone)]
pub struct ScriptedTransport(Arc<State>);

struct State {
    responses: Vec<ScriptedResponse>,
    requests: AtomicUsize,
    sent_bytes: AtomicUsize,
    /// The own secrets that requests contained.
    received_secrets: Mutex<Vec<&'static str>>,
    /// The hosts of the service. Other hosts must receive no secret.
    hosts: &'static [&'static str],
}

impl ScriptedTransport {
    /// Creates a transport with these responses in order, for any host.
    pub fn new(responses: Vec<ScriptedResponse>, hosts: &'static [&'static str]) -> Self {
        let (requests, sent_bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self(Arc::new(State { responses, requests, sent_bytes, received_secrets: Mutex::default(), hosts }))
    }

    /// Returns the number of sent response bytes.
    pub fn sent_bytes(&self) -> usize {
        self.0.sent_bytes.load(SeqCst)
    }

    /// Returns the responses in the order in which they were sent. The last one may be repeated.
    pub fn responses(&self) -> impl Iterator<Item = &ScriptedResponse> {
        let state = &*self.0;
        (0..state.requests.load(SeqCst))
            .filter_map(|index| state.responses.get(index).or_else(|| state.responses.last()))
    }

    /// Returns the own secrets that requests contained.
    pub fn received_secrets(&self) -> Vec<&'static str> {
        self.0.received_secrets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record_secrets(&self, request: &http::request::Parts, body: &[u8]) {
        let uri = request.uri.to_string();
        let holds = |secret: &str| {
            let in_header = request.headers.values().any(|value| contains(value.as_bytes(), secret));
            in_header || contains(body, secret) || uri.contains(secret)
        };
        let received_secrets: Vec<_> = OWN_SECRETS.into_iter().filter(|secret| holds(secret)).collect();
        let host = request.uri.host().unwrap_or_default();
        // A URL or an `ETag` of the service may contain values that the service already has.
        let is_known_to_service = |secret: &&str| {
            let in_headers =
                |response: &ScriptedResponse| response.headers.values().any(|value| contains(value.as_bytes(), secret));
            self.responses().any(|response| contains(&response.body, secret) || in_headers(response))
        };
        let leaked = !self.0.hosts.contains(&host) && !received_secrets.iter().all(is_known_to_service);
        assert!(!leaked, "{received_secrets:?} was sent to {host}");
        self.0.received_secrets.lock().unwrap_or_else(PoisonError::into_inner).extend(received_secrets);
    }
}

fn contains(text: &[u8], secret: &str) -> bool {
    text.windows(secret.len()).any(|window| window == secret.as_bytes())
}

impl Transport for ScriptedTransport {
    async fn send(&self, request: Request) -> Result<Response> {
        let (parts, mut body) = request.into_parts();
        let mut request_body = Vec::new();
        while let Some(chunk) = body.chunk().await {
            let chunk = chunk.map_err(Error::interrupted)?;
            request_body
                .extend_from_slice(&chunk[..chunk.len().min(MAX_SEARCHED_BYTES.saturating_sub(request_body.len()))]);
        }
        self.record_secrets(&parts, &request_body);
        let index = self.0.requests.fetch_add(1, SeqCst);
        assert!(index < MAX_REQUESTS + MAX_RETRIES, "too many requests: {}", parts.uri);
        let response = self.0.responses.get(index).or_else(|| self.0.responses.last());
        let Some(response) = response.filter(|_| index < MAX_REQUESTS) else {
            return Err(Error::connect(IoError::from(IoErrorKind::ConnectionRefused)));
        };
        let body = match response.kind {
            BodyKind::Refuse => return Err(Error::connect(IoError::from(IoErrorKind::ConnectionRefused))),
            BodyKind::Break => return Err(Error::interrupted(IoError::from(IoErrorKind::ConnectionReset))),
            BodyKind::Complete => Body::from(response.body.clone()),
            BodyKind::Stream => Body::from_stream(Chunks::of(&response.body, None), None),
            BodyKind::Truncated => Body::from_stream(Chunks::of(&response.body, Some("truncated")), None),
        };
        self.0.sent_bytes.fetch_add(response.size(), SeqCst);
        let mut http_response = Response::new(body);
        (*http_response.status_mut(), *http_response.headers_mut()) = (response.status, response.headers.clone());
        Ok(http_response)
    }
}

struct Chunks(VecDeque<Result<Bytes, BodyError>>);

impl Chunks {
    fn of(body: &Bytes, end: Option<&str>) -> Self {
        let step = (body.len() / 3).max(1);
        let chunks = (0..body.len()).step_by(step).map(|at| Ok(body.slice(at..body.len().min(at + step))));
        Self(chunks.chain(end.map(|end| Err(end.into()))).collect())
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front())
    }
}
