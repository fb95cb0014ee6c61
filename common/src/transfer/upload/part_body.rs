//! The request body of one attempt to send a part.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::transfer::checksum::{ChecksumHasher, Checksums};
use crate::transfer::form::multipart::Frame;
use crate::transfer::progress::ByteCounter;
use crate::transfer::source::SourceError;
use crate::transfer::source::chunks::Chunks;
use crate::{Body, BodyError, Error, Result};

/// The results of a body that the transport has consumed.
#[derive(Debug, Clone, Default)]
pub(crate) struct BodyResults {
    checksums: Arc<Mutex<Option<Checksums>>>,
    pub(crate) error: SourceError,
}

impl BodyResults {
    /// Returns the checksums of the part, if the whole part was read and they were computed.
    pub(crate) fn checksums(&self) -> Option<Checksums> {
        self.checksums.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

pub(crate) struct PartBody {
    before: Option<Bytes>,
    chunks: Option<Chunks>,
    after: Option<Bytes>,
    size: u64,
    hasher: ChecksumHasher,
    results: BodyResults,
    counter: ByteCounter,
}

impl PartBody {
    /// Returns a body of `size` bytes within a frame.
    pub(crate) fn body(
        frame: Frame,
        chunks: Chunks,
        size: u64,
        hasher: ChecksumHasher,
        counter: &ByteCounter,
    ) -> (Body, BodyResults) {
        let length = size + frame.len();
        let results = BodyResults::default();
        let body = Self {
            before: frame.before,
            chunks: Some(chunks),
            after: frame.after,
            size,
            hasher,
            results: results.clone(),
            counter: counter.clone(),
        };
        (if length == 0 { Body::empty() } else { Body::from_stream(body, Some(length)) }, results)
    }
}

impl Stream for PartBody {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(before) = this.before.take() {
            return Poll::Ready(Some(Ok(before)));
        }
        if let Some(chunks) = &mut this.chunks {
            // A panic in a task of the transport would only look like a broken connection.
            let polled = catch_unwind(AssertUnwindSafe(|| chunks.poll_next(context, &mut this.hasher)));
            match ready!(polled.unwrap_or_else(|_| Poll::Ready(Some(Err(Error::other("the source panicked")))))) {
                Some(Ok(chunk)) => {
                    if this.counter.add(chunk.len() as u64) == this.size {
                        // The transport does not poll for the end of a body of known length.
                        let checksums = std::mem::take(&mut this.hasher).finish();
                        *this.results.checksums.lock().unwrap_or_else(PoisonError::into_inner) = Some(checksums);
                    }
                    return Poll::Ready(Some(Ok(chunk)));
                }
                Some(Err(error)) => {
                    this.chunks = None;
                    this.after = None;
                    this.results.error.set(error);
                    return Poll::Ready(Some(Err("cannot read the source".into())));
                }
                None => this.chunks = None,
            }
        }
        Poll::Ready(this.after.take().map(Ok))
    }
}
