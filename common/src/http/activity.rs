//! What ends a request that takes as long as it takes: silence.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::Instant;

use crate::{Body, BodyError, Error};

/// When a request last moved.
#[derive(Debug)]
pub(crate) struct Activity {
    started: Instant,
    /// Milliseconds since the start.
    last: AtomicU64,
    finished: AtomicBool,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), last: AtomicU64::new(0), finished: AtomicBool::new(false) }
    }

    fn touch(&self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Relaxed);
    }

    /// Resolves when nothing has moved for too long. One timer for the whole request, not one for each piece.
    pub(crate) async fn silence(&self, idle: Duration, response_timeout: Duration) -> Error {
        loop {
            let finished = self.finished.load(Relaxed);
            let limit = if finished { response_timeout } else { idle };
            let last = self.started + Duration::from_millis(self.last.load(Relaxed));
            let until = last.checked_add(limit).unwrap_or(last + Duration::from_secs(86_400));
            if Instant::now() >= until {
                return Error::timeout(if finished {
                    "no answer came after everything had been sent"
                } else {
                    "the connection stood still"
                });
            }
            // The limit may shrink or grow when the last byte is handed over, so that half of it is slept at most.
            let soon = Instant::now().checked_add(limit.min(idle) / 2).unwrap_or(until);
            tokio::time::sleep_until(until.min(soon)).await;
        }
    }
}

/// A body that notes when it moves.
pub(crate) struct Watched {
    body: Body,
    activity: Arc<Activity>,
}

impl Watched {
    /// Watches a body. One that is empty is finished from the beginning.
    pub(crate) fn body(body: Body, activity: &Arc<Activity>) -> Body {
        match body.len() {
            Some(0) => {
                activity.finished.store(true, Relaxed);
                body
            }
            length => Body::from_stream(Self { body, activity: Arc::clone(activity) }, length),
        }
    }
}

impl Stream for Watched {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(Pin::new(&mut self.body).poll_next(context));
        self.activity.touch();
        // With a known length nobody asks for the end.
        if item.is_none() || self.body.is_empty() {
            self.activity.finished.store(true, Relaxed);
        }
        Poll::Ready(item)
    }
}

/// What the first of two to end ends in.
pub(crate) async fn first_of<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (std::pin::pin!(one), std::pin::pin!(other));
    std::future::poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Pending => other.as_mut().poll(context),
        ready @ Poll::Ready(_) => ready,
    })
    .await
}
