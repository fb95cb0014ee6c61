//! A download as a stream of bytes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use md5::{Digest, Md5};

use super::fetch::{Fetch, Ranged, Taken};
use super::progress::ProgressWatch;
use super::put::hex;
use super::run::same_crc;
use crate::http::transport::BoxFuture;
use crate::{Error, ErrorKind, Outcome, Result};

/// The bytes of a file in order. A connection that breaks is replaced by another one that goes on where it stopped.
///
/// A stream that ends without an error had all bytes of the file. Dropping it ends the download.
#[must_use = "a stream does nothing until it is polled"]
pub struct ByteStream<F> {
    operation: &'static str,
    fetch: Arc<Fetch<F>>,
    state: Reading<F>,
    received: u64,
    md5: Option<Md5>,
    crc32: Option<crc32fast::Hasher>,
    watch: ProgressWatch,
}

enum Reading<F> {
    Idle(Box<Ranged<F>>),
    Busy(BoxFuture<'static, (Box<Ranged<F>>, Result<Taken>)>),
    Ended,
}

impl<F: Send + Sync + 'static> ByteStream<F> {
    pub(super) fn new(
        operation: &'static str,
        fetch: Arc<Fetch<F>>,
        ranged: Ranged<F>,
        verifies: bool,
        watch: ProgressWatch,
    ) -> Self {
        // The cheaper sum is enough where there are two.
        let crc32 = (verifies && fetch.facts.crc32.is_some()).then(crc32fast::Hasher::new);
        let md5 = (verifies && crc32.is_none() && fetch.facts.md5.is_some()).then(Md5::new);
        Self { operation, fetch, state: Reading::Idle(Box::new(ranged)), received: 0, md5, crc32, watch }
    }

    /// What the service said of the file when the download began.
    #[must_use]
    pub fn file(&self) -> Arc<F> {
        self.fetch.first_file()
    }

    /// The size of the file in bytes, where service or storage name it.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.fetch.version().and_then(|version| version.total)
    }

    /// How many bytes have been handed out.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Watches the progress.
    #[must_use]
    pub fn progress(&self) -> ProgressWatch {
        self.watch.clone()
    }

    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    ///
    /// What the download ended in; the stream is at its end then. [`Integrity`](ErrorKind::Integrity) at the very end
    /// means that the checksum of what was handed out is not the one that the service names.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await.transpose()
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            match std::mem::replace(&mut self.state, Reading::Ended) {
                Reading::Ended => return Poll::Ready(None),
                Reading::Idle(mut ranged) => {
                    self.state = Reading::Busy(Box::pin(async move {
                        let taken = ranged.next().await;
                        (ranged, taken)
                    }));
                }
                Reading::Busy(mut reading) => {
                    let Poll::Ready((ranged, taken)) = reading.as_mut().poll(context) else {
                        self.state = Reading::Busy(reading);
                        return Poll::Pending;
                    };
                    return Poll::Ready(match taken {
                        Ok(Taken::Chunk(chunk)) => {
                            self.state = Reading::Idle(ranged);
                            self.take(&chunk);
                            Some(Ok(chunk))
                        }
                        Ok(Taken::End) => self.verified().err().map(Err),
                        Err(error) => Some(Err(error.within(self.operation, Outcome::NotDone))),
                    });
                }
            }
        }
    }

    fn take(&mut self, chunk: &Bytes) {
        self.received += chunk.len() as u64;
        if let Some(sum) = &mut self.crc32 {
            sum.update(chunk);
        }
        if let Some(sum) = &mut self.md5 {
            sum.update(chunk);
        }
    }

    fn verified(&mut self) -> Result<()> {
        let facts = &self.fetch.facts;
        let crc32 = self.crc32.take().zip(facts.crc32.as_ref());
        let md5 = self.md5.take().zip(facts.md5.as_ref());
        let what = if crc32.is_some_and(|(sum, named)| !same_crc(named, sum.finalize())) {
            "CRC32"
        } else if md5.is_some_and(|(sum, named)| !named.eq_ignore_ascii_case(&hex(&sum.finalize()))) {
            "MD5"
        } else {
            return Ok(());
        };
        let said = format_args!("what was downloaded has another {what} than the service names");
        Err(Error::local(ErrorKind::Integrity, said).within(self.operation, Outcome::NotDone))
    }
}

impl<F: Send + Sync + 'static> Stream for ByteStream<F> {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.poll_chunk(context));
        Poll::Ready(item)
    }
}

impl<F> fmt::Debug for ByteStream<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").field("received", &self.received).finish_non_exhaustive()
    }
}
