//! A server that says what the input says, and the form in which an input says it.
//!
//! ```text
//! 200 stream            a status, and how the reply ends
//! content-type: …       headers
//!                       an empty line
//! {"id": 1}             the body
//! --                    between two replies, on a line of its own
//! refuse                no connection
//! ```
//!
//! Nothing of this can be wrong: what is no header is left out, and what is no status is 200.

use std::collections::VecDeque;
use std::io::{Error as IoError, ErrorKind as IoErrorKind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use mft_common::{Body, BodyError, Error, Request, Response, Result, Transport};

use crate::checks::OWN_SECRETS;

/// More replies are not read from an input.
const MAX_REPLIES: usize = 12;

/// The last reply is given again and again, until as many requests came. Whoever asks on gets no connection.
const MAX_REQUESTS: usize = 48;

/// Beyond those, as many requests are sensible: what is repeated ends after three attempts each.
const PATIENCE: usize = 48;

/// So much of a request's body is searched for secrets: files are longer, and hold none.
const LOOKED_AT: usize = 64 * 1024;

#[derive(Debug, Clone)]
pub struct Reply {
    pub ending: Ending,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The body comes as a whole, and its length is known.
    Whole,
    /// It comes in pieces, and nobody says how long it is.
    Stream,
    /// It breaks off.
    Cut,
    /// No connection.
    Refuse,
    /// The request was sent and nothing came back.
    Break,
}

impl Reply {
    fn parse(text: &[u8]) -> Self {
        let (head, body) = split(text, b"\n\n").unwrap_or((text, b""));
        let mut lines = head.split(|byte| *byte == b'\n');
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let ending = match first.split(' ').next_back() {
            Some("stream") => Ending::Stream,
            Some("cut") => Ending::Cut,
            Some("refuse") => Ending::Refuse,
            Some("break") => Ending::Break,
            _ => Ending::Whole,
        };
        let status = first.get(..3).and_then(|digits| digits.parse().ok());
        let mut headers = HeaderMap::new();
        for line in lines {
            let Some((name, value)) = split(line, b": ") else { continue };
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
        Self { ending, status: status.unwrap_or(StatusCode::OK), headers, body: Bytes::copy_from_slice(body) }
    }

    fn size(&self) -> usize {
        self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() + self.body.len()
    }
}

fn split<'t>(text: &'t [u8], at: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let place = text.windows(at.len()).position(|window| window == at)?;
    Some((&text[..place], &text[place + at.len()..]))
}

/// The replies of an input.
pub fn replies(mut text: &[u8]) -> Vec<Reply> {
    let mut replies = Vec::new();
    while let Some((reply, rest)) = split(text, b"\n--\n").filter(|_| replies.len() + 1 < MAX_REPLIES) {
        replies.push(Reply::parse(reply));
        text = rest;
    }
    replies.push(Reply::parse(text));
    replies
}

/// The transport of a client. Clones share what came.
#[derive(Clone)]
pub struct Server(Arc<State>);

struct State {
    replies: Vec<Reply>,
    requests: AtomicUsize,
    served: AtomicUsize,
    /// Which of the own secrets a request held.
    told: Mutex<Vec<&'static str>>,
    /// The hosts of the service itself. No other one is told a secret.
    hosts: &'static [&'static str],
}

impl Server {
    /// A server that gives these replies in turn, to requests for any host.
    pub fn new(replies: Vec<Reply>, hosts: &'static [&'static str]) -> Self {
        let (requests, served) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self(Arc::new(State { replies, requests, served, told: Mutex::default(), hosts }))
    }

    /// How many bytes of replies were sent.
    pub fn served(&self) -> usize {
        self.0.served.load(SeqCst)
    }

    /// The replies that were given, in their order, the last one perhaps several times.
    pub fn given(&self) -> impl Iterator<Item = &Reply> {
        let state = &*self.0;
        (0..state.requests.load(SeqCst)).filter_map(|index| state.replies.get(index).or_else(|| state.replies.last()))
    }

    /// The own secrets that it was told.
    pub fn told(&self) -> Vec<&'static str> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_secrets(&self, request: &http::request::Parts, body: &[u8]) {
        let uri = request.uri.to_string();
        let holds = |secret: &str| {
            let in_header = request.headers.values().any(|value| contains(value.as_bytes(), secret));
            in_header || contains(body, secret) || uri.contains(secret)
        };
        let told: Vec<_> = OWN_SECRETS.into_iter().filter(|secret| holds(secret)).collect();
        let host = request.uri.host().unwrap_or_default();
        // An address or a tag of the service's may hold what the service knows anyway.
        let is_repeated = |secret: &&str| {
            let in_headers = |reply: &Reply| reply.headers.values().any(|value| contains(value.as_bytes(), secret));
            self.given().any(|reply| contains(&reply.body, secret) || in_headers(reply))
        };
        let leaked = !self.0.hosts.contains(&host) && !told.iter().all(is_repeated);
        assert!(!leaked, "{told:?} was sent to {host}");
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
    }
}

fn contains(text: &[u8], what: &str) -> bool {
    text.windows(what.len()).any(|window| window == what.as_bytes())
}

impl Transport for Server {
    async fn send(&self, request: Request) -> Result<Response> {
        let (parts, mut body) = request.into_parts();
        let mut sent = Vec::new();
        while let Some(chunk) = body.chunk().await {
            let chunk = chunk.map_err(Error::interrupted)?;
            sent.extend_from_slice(&chunk[..chunk.len().min(LOOKED_AT.saturating_sub(sent.len()))]);
        }
        self.note_secrets(&parts, &sent);
        let index = self.0.requests.fetch_add(1, SeqCst);
        assert!(index < MAX_REQUESTS + PATIENCE, "it goes on and on: {}", parts.uri);
        let reply = self.0.replies.get(index).or_else(|| self.0.replies.last());
        let Some(reply) = reply.filter(|_| index < MAX_REQUESTS) else {
            return Err(Error::connect(IoError::from(IoErrorKind::ConnectionRefused)));
        };
        let body = match reply.ending {
            Ending::Refuse => return Err(Error::connect(IoError::from(IoErrorKind::ConnectionRefused))),
            Ending::Break => return Err(Error::interrupted(IoError::from(IoErrorKind::ConnectionReset))),
            Ending::Whole => Body::from(reply.body.clone()),
            Ending::Stream => Body::from_stream(Pieces::of(&reply.body, None), None),
            Ending::Cut => Body::from_stream(Pieces::of(&reply.body, Some("broken off")), None),
        };
        self.0.served.fetch_add(reply.size(), SeqCst);
        let mut response = Response::new(body);
        (*response.status_mut(), *response.headers_mut()) = (reply.status, reply.headers.clone());
        Ok(response)
    }
}

struct Pieces(VecDeque<Result<Bytes, BodyError>>);

impl Pieces {
    fn of(body: &Bytes, end: Option<&str>) -> Self {
        let step = (body.len() / 3).max(1);
        let pieces = (0..body.len()).step_by(step).map(|at| Ok(body.slice(at..body.len().min(at + step))));
        Self(pieces.chain(end.map(|end| Err(end.into()))).collect())
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front())
    }
}
