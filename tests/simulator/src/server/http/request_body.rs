use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::sleep;

use crate::server::Engine;

/// A streamed request body. Bytes that are not read stay with the client.
///
/// The journal entry gets the number of bytes and the checksum on [`report`](Self::report), at the latest on drop.
#[derive(Debug)]
pub(crate) struct RequestBody {
    body: Incoming,
    engine: Arc<Engine>,
    sequence: u64,
    received: u64,
    sum: Option<crc32fast::Hasher>,
    pace: Option<(u32, Duration)>,
    broken: bool,
    ended: bool,
}

/// The client disconnected before the request was complete.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disconnected;

impl RequestBody {
    pub(crate) fn new(body: Incoming, engine: Arc<Engine>, sequence: u64, records_checksums: bool) -> Self {
        let sum = records_checksums.then(crc32fast::Hasher::new);
        Self { body, engine, sequence, received: 0, sum, pace: None, broken: false, ended: false }
    }

    /// Limits reading to `size` bytes per `interval`.
    pub(crate) fn set_pace(&mut self, size: u32, interval: Duration) {
        self.pace = Some((size.max(1), interval));
    }

    /// Returns the next bytes, or `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Disconnected> {
        while let Some(frame) = self.body.frame().await {
            let Ok(frame) = frame else {
                self.broken = true;
                return Err(Disconnected);
            };
            // Frames without data are trailers, which no service uses.
            if let Ok(bytes) = frame.into_data() {
                self.received += bytes.len() as u64;
                if let Some(sum) = &mut self.sum {
                    sum.update(&bytes);
                }
                if let Some((size, interval)) = self.pace {
                    sleep(interval.mul_f64(share(bytes.len(), size))).await;
                }
                return Ok(Some(bytes));
            }
        }
        self.ended = true;
        Ok(None)
    }

    /// Reads and discards until `until` bytes have arrived, or the body ends.
    pub(crate) async fn discard(&mut self, until: u64) -> Result<(), Disconnected> {
        while self.received < until && self.next().await?.is_some() {}
        Ok(())
    }

    pub(crate) fn is_complete(&self) -> bool {
        // The end of a body without `Content-Length` is known only after it was read.
        !self.broken && (self.ended || self.body.is_end_stream())
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    pub(crate) fn report(&self) {
        self.engine.journal.update(self.sequence, |exchange| {
            exchange.body_bytes = self.received;
            exchange.body_crc32 = self.sum.clone().map(crc32fast::Hasher::finalize);
        });
    }
}

/// Returns the chunk's length as a multiple of `size`.
fn share(chunk: usize, size: u32) -> f64 {
    // Chunks are never large enough to saturate.
    f64::from(u32::try_from(chunk).unwrap_or(u32::MAX)) / f64::from(size)
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.report();
    }
}
