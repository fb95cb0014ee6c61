//! Idle timeouts of requests that have no overall timeout.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::Instant;

use crate::{Body, BodyError, Error};

/// Detects that the body of a request no longer moves.
#[derive(Debug)]
pub(crate) struct IdleWatchdog {
    started: Instant,
    /// When the body last moved, in milliseconds since `started`.
    last: AtomicU64,
    finished: AtomicBool,
}

impl IdleWatchdog {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), last: AtomicU64::new(0), finished: AtomicBool::new(false) }
    }

    fn touch(&self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Relaxed);
    }

    /// Resolves when the request has stalled. One timer serves the whole request, not one per chunk.
    pub(crate) async fn stalled(&self, idle: Duration, response_timeout: Duration) -> Error {
        loop {
            let finished = self.finished.load(Relaxed);
            let limit = if finished { response_timeout } else { idle };
            let last = self.started + Duration::from_millis(self.last.load(Relaxed));
            let until = last.checked_add(limit).unwrap_or(last + Duration::from_secs(86_400));
            if Instant::now() >= until {
                return Error::timeout(if finished {
                    "no response after the whole body was sent"
                } else {
                    "the connection was idle for longer than idle_timeout"
                });
            }
            // The limit changes when the last byte is sent, so it sleeps for at most half of the shorter one.
            let soon = Instant::now().checked_add(limit.min(idle) / 2).unwrap_or(until);
            tokio::time::sleep_until(until.min(soon)).await;
        }
    }
}

/// A body that reports each movement to a watchdog.
pub(crate) struct TrackedBody {
    body: Body,
    watchdog: Arc<IdleWatchdog>,
}

impl TrackedBody {
    /// Wraps a body. An empty body counts as finished from the start.
    #[expect(clippy::new_ret_no_self, reason = "the stream is only useful as a body")]
    pub(crate) fn new(body: Body, watchdog: &Arc<IdleWatchdog>) -> Body {
        match body.len() {
            Some(0) => {
                watchdog.finished.store(true, Relaxed);
                body
            }
            length => Body::from_stream(Self { body, watchdog: Arc::clone(watchdog) }, length),
        }
    }
}

impl Stream for TrackedBody {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(Pin::new(&mut self.body).poll_next(context));
        self.watchdog.touch();
        // A body of known length is not polled for its end.
        if item.is_none() || self.body.is_empty() {
            self.watchdog.finished.store(true, Relaxed);
        }
        Poll::Ready(item)
    }
}

/// Returns the result of the future that completes first.
pub(crate) async fn race<T>(first: impl Future<Output = T>, second: impl Future<Output = T>) -> T {
    let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
    std::future::poll_fn(|context| match first.as_mut().poll(context) {
        Poll::Pending => second.as_mut().poll(context),
        ready @ Poll::Ready(_) => ready,
    })
    .await
}
