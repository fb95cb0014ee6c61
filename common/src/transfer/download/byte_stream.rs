//! A download as a stream of bytes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::http::transport::BoxFuture;
use crate::transfer::checksum::ChecksumHasher;
use crate::transfer::download::range_fetcher::RangeFetcher;
use crate::transfer::download::range_reader::RangeReader;
use crate::transfer::progress::ProgressWatch;
use crate::{Outcome, Result};

/// The bytes of a file in order. If a connection breaks, the download continues with another one.
///
/// A stream that ends without an error has returned all bytes of the file. Dropping it cancels the download.
#[must_use = "a stream has no effect until it is polled"]
pub struct ByteStream<F> {
    operation: &'static str,
    fetcher: Arc<RangeFetcher<F>>,
    state: ReadState<F>,
    received: u64,
    hasher: ChecksumHasher,
    watch: ProgressWatch,
}

/// The reader comes back with each chunk.
type NextChunk<F> = (Box<RangeReader<F>>, Result<Option<Bytes>>);

enum ReadState<F> {
    Idle(Box<RangeReader<F>>),
    Reading(BoxFuture<'static, NextChunk<F>>),
    Ended,
}

impl<F: Send + Sync + 'static> ByteStream<F> {
    pub(crate) fn new(
        operation: &'static str,
        fetcher: Arc<RangeFetcher<F>>,
        reader: RangeReader<F>,
        verify: bool,
        watch: ProgressWatch,
    ) -> Self {
        let hasher = if verify { ChecksumHasher::for_cheapest(&fetcher.metadata) } else { ChecksumHasher::default() };
        Self { operation, fetcher, state: ReadState::Idle(Box::new(reader)), received: 0, hasher, watch }
    }

    /// Returns the description of the file that the service returned when the download started.
    #[must_use]
    pub fn file(&self) -> Arc<F> {
        self.fetcher.file()
    }

    /// Returns the size of the file in bytes, if the service or the storage reports it.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.fetcher.version().and_then(|version| version.total)
    }

    /// Returns the number of bytes that the stream has returned.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Returns a watch of the progress.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.watch.clone()
    }

    /// Returns the next bytes, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails with the error of the download, and then ends. Fails with [`Integrity`](crate::ErrorKind::Integrity) after the
    /// last byte if the checksum of the file differs.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await.transpose()
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let mut reading = match std::mem::replace(&mut self.state, ReadState::Ended) {
            ReadState::Ended => return Poll::Ready(None),
            ReadState::Reading(reading) => reading,
            ReadState::Idle(mut reader) => Box::pin(async move {
                let result = reader.next().await;
                (reader, result)
            }),
        };
        let Poll::Ready((reader, result)) = reading.as_mut().poll(context) else {
            self.state = ReadState::Reading(reading);
            return Poll::Pending;
        };
        let result = match result {
            Ok(Some(chunk)) => {
                self.state = ReadState::Idle(reader);
                self.received += chunk.len() as u64;
                self.hasher.update(&chunk);
                Ok(Some(chunk))
            }
            Ok(None) => std::mem::take(&mut self.hasher).finish().verify(&self.fetcher.metadata).map(|_| None),
            Err(error) => Err(error),
        };
        Poll::Ready(result.map_err(|error| error.within(self.operation, Outcome::NotDone)).transpose())
    }
}

impl<F: Send + Sync + 'static> Stream for ByteStream<F> {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(context)
    }
}

partial_debug!(ByteStream<F>, self => received: self.received);
