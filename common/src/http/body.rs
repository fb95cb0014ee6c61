//! Bodies of requests and responses.

use std::any::Any;
use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep};

/// The error of a body.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

type BoxStream = Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>;
type Open = Arc<dyn Fn() -> BoxStream + Send + Sync>;

/// The body of a request or response: empty, bytes, or a stream.
///
/// It implements `Stream` with chunks as items.
#[derive(Default)]
pub struct Body {
    inner: Inner,
    /// Kept alive until a streamed response ends: its permit and its span.
    guard: Option<Box<dyn Any + Send + Sync>>,
}

#[derive(Default)]
enum Inner {
    #[default]
    Empty,
    Bytes(Bytes),
    /// Opened at the first poll.
    Replayable {
        open: Open,
        length: Option<u64>,
    },
    // The mutex is never locked. It makes a `Send` stream `Sync`.
    Stream {
        stream: Mutex<BoxStream>,
        length: Option<u64>,
        sent: u64,
    },
}

impl Body {
    /// Returns an empty body.
    #[must_use]
    pub const fn empty() -> Self {
        Self { inner: Inner::Empty, guard: None }
    }

    /// Returns a body from a stream of exactly `length` bytes, or of unknown length.
    ///
    /// A request body with a length is sent with `Content-Length`. If the stream yields fewer or more bytes, the request
    /// fails. A stream can be sent only once, so its call makes one attempt.
    pub fn from_stream<S>(stream: S, length: Option<u64>) -> Self
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        Self { inner: Inner::Stream { stream: Mutex::new(Box::pin(stream)), length, sent: 0 }, guard: None }
    }

    /// Returns a body from a stream that can be reopened and then yields the same bytes. Its call can be retried.
    pub fn replayable<S>(open: impl Fn() -> S + Send + Sync + 'static, length: Option<u64>) -> Self
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let open: Open = Arc::new(move || Box::pin(open()));
        Self { inner: Inner::Replayable { open, length }, guard: None }
    }

    /// Returns the number of remaining bytes, if known.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match &self.inner {
            Inner::Empty => Some(0),
            Inner::Bytes(bytes) => Some(bytes.len() as u64),
            Inner::Replayable { length, .. } => *length,
            Inner::Stream { length, sent, .. } => length.map(|length| length.saturating_sub(*sent)),
        }
    }

    /// Returns whether no bytes remain.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// Returns the bytes if the body is not a stream.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.inner {
            Inner::Empty => Some(&[]),
            Inner::Bytes(bytes) => Some(bytes),
            Inner::Replayable { .. } | Inner::Stream { .. } => None,
        }
    }

    /// Returns the bytes, or the body itself if it is a stream.
    pub(crate) fn into_bytes_or_stream(self) -> Result<Bytes, Self> {
        match self.inner {
            Inner::Empty => Ok(Bytes::new()),
            Inner::Bytes(bytes) => Ok(bytes),
            Inner::Replayable { .. } | Inner::Stream { .. } => Err(self),
        }
    }

    /// Returns a copy of the body, or `None` if it can be sent only once.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        let inner = match &self.inner {
            Inner::Empty => Inner::Empty,
            Inner::Bytes(bytes) => Inner::Bytes(bytes.clone()),
            Inner::Replayable { open, length } => Inner::Replayable { open: Arc::clone(open), length: *length },
            Inner::Stream { .. } => return None,
        };
        Some(Self { inner, guard: None })
    }

    pub(crate) fn with_guard(mut self, guard: impl Any + Send + Sync) -> Self {
        self.guard = Some(Box::new(guard));
        self
    }

    /// Returns the next chunk, or `None` at the end.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, BodyError>> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        if let Inner::Replayable { open, length } = &self.inner {
            self.inner = Inner::Stream { stream: Mutex::new(open()), length: *length, sent: 0 };
        }
        let item = match &mut self.inner {
            Inner::Empty | Inner::Replayable { .. } => None,
            Inner::Bytes(_) => match std::mem::take(&mut self.inner) {
                Inner::Bytes(bytes) if !bytes.is_empty() => Some(Ok(bytes)),
                _ => None,
            },
            Inner::Stream { stream, length, sent } => {
                let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                let item = ready!(stream.as_mut().poll_next(context));
                check_length(item, *length, sent)
            }
        };
        if !matches!(item, Some(Ok(_))) {
            self.inner = Inner::Empty;
            self.guard = None;
        }
        Poll::Ready(item)
    }
}

fn check_length(
    item: Option<Result<Bytes, BodyError>>,
    length: Option<u64>,
    sent: &mut u64,
) -> Option<Result<Bytes, BodyError>> {
    match (item, length) {
        (Some(Ok(chunk)), _) => {
            *sent += chunk.len() as u64;
            match length {
                Some(length) if *sent > length => Some(Err(format!("more than the expected {length} bytes").into())),
                _ => Some(Ok(chunk)),
            }
        }
        (None, Some(length)) if *sent < length => Some(Err(format!("ended after {sent} of {length} bytes").into())),
        (end, _) => end,
    }
}

/// Applies an idle timeout to a body. The timeout runs only while a chunk is awaited.
pub(crate) fn idle_limited(body: Body, limit: Duration) -> Body {
    let length = body.len();
    Body::from_stream(IdleLimited { body, limit, timer: None, waiting_since: None }, length)
}

struct IdleLimited {
    body: Body,
    limit: Duration,
    /// One timer for the whole body. It is reset if it fires early, which costs less than a timer per chunk.
    timer: Option<Pin<Box<Sleep>>>,
    waiting_since: Option<Instant>,
}

impl Stream for IdleLimited {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(item) = self.body.poll_chunk(context) {
            self.waiting_since = None;
            return Poll::Ready(item);
        }
        let limit = self.limit;
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        loop {
            ready!(timer.as_mut().poll(context));
            match since.checked_add(limit) {
                Some(end) if end <= Instant::now() => break,
                Some(end) => timer.as_mut().reset(end),
                // The timeout exceeds the range of the clock.
                None => return Poll::Pending,
            }
        }
        self.body = Body::empty();
        Poll::Ready(Some(Err(format!("no data for {limit:?}").into())))
    }
}

/// The failure of a body as source of an [`Error`](crate::Error).
#[derive(Debug)]
pub(crate) struct Broke(pub(crate) BodyError);

impl fmt::Display for Broke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body broke off")
    }
}

impl std::error::Error for Broke {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

impl Stream for Body {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(context)
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
        self.poll_chunk(context).map(|item| item.map(|chunk| chunk.map(http_body::Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.inner, Inner::Empty)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.len().map_or_else(http_body::SizeHint::default, http_body::SizeHint::with_exact)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self { inner: if bytes.is_empty() { Inner::Empty } else { Inner::Bytes(bytes) }, guard: None }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            Some(length) => write!(f, "Body({length} bytes)"),
            None => f.write_str("Body(stream)"),
        }
    }
}
