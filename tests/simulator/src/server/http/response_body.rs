use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::data::{Content, Reader};

/// The body of a response: bytes in memory, or stored content that is read while it is sent.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Bytes(Bytes),
    Stored(Content),
}

impl Payload {
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stored(content) => content.length(),
        }
    }

    /// Returns the first bytes.
    pub(crate) fn first(&self, length: u64) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(
                bytes.slice(..usize::try_from(length).map_or(bytes.len(), |length| length.min(bytes.len()))),
            ),
            Self::Stored(content) => Self::Stored(content.slice(0, length)),
        }
    }

    /// Flips one bit in the middle.
    pub(crate) fn corrupted(self) -> Self {
        match self {
            Self::Bytes(bytes) => {
                let mut changed = bytes.to_vec();
                let middle = changed.len() / 2;
                if let Some(byte) = changed.get_mut(middle) {
                    *byte ^= 1;
                }
                Self::Bytes(changed.into())
            }
            Self::Stored(content) => Self::Stored(content.corrupted()),
        }
    }

    pub(crate) fn into_body(self) -> ResponseBody {
        let remaining = self.length();
        let state = match self {
            Self::Bytes(bytes) => BodyState::Whole(bytes),
            Self::Stored(content) => BodyState::Ready(content.reader()),
        };
        ResponseBody { remaining, state, sized: true }
    }
}

type PendingRead = Pin<Box<dyn Future<Output = io::Result<Option<(Bytes, Reader)>>> + Send>>;

/// A [`Payload`] that is being sent.
pub(crate) struct ResponseBody {
    remaining: u64,
    state: BodyState,
    sized: bool,
}

enum BodyState {
    Whole(Bytes),
    Ready(Reader),
    Reading(PendingRead),
    Ended,
}

impl ResponseBody {
    pub(crate) fn remaining(&self) -> u64 {
        self.remaining
    }

    /// Hides the length, so that hyper uses chunked encoding.
    pub(crate) fn unsized_if(mut self, chunked: bool) -> Self {
        self.sized = !chunked;
        self
    }

    /// Returns the next bytes, for scripts.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        if self.remaining == 0 {
            return Poll::Ready(Ok(None));
        }
        loop {
            match std::mem::replace(&mut self.state, BodyState::Ended) {
                BodyState::Whole(bytes) => {
                    self.remaining = 0;
                    return Poll::Ready(Ok(Some(bytes)));
                }
                BodyState::Ready(reader) => self.state = BodyState::Reading(Box::pin(reader.next())),
                BodyState::Reading(mut reading) => match reading.as_mut().poll(cx) {
                    Poll::Pending => {
                        self.state = BodyState::Reading(reading);
                        return Poll::Pending;
                    }
                    Poll::Ready(read) => {
                        let Some((bytes, reader)) = read? else {
                            return Poll::Ready(Ok(None));
                        };
                        self.remaining = self.remaining.saturating_sub(bytes.len() as u64);
                        self.state = BodyState::Ready(reader);
                        return Poll::Ready(Ok(Some(bytes)));
                    }
                },
                BodyState::Ended => return Poll::Ready(Ok(None)),
            }
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let next = ready!(self.poll_next(cx));
        Poll::Ready(next.map(|bytes| bytes.map(Frame::data)).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.sized { SizeHint::with_exact(self.remaining) } else { SizeHint::new() }
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").field("remaining", &self.remaining).finish_non_exhaustive()
    }
}
