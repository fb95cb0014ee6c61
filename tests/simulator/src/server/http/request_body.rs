use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::sleep;

use crate::server::Engine;

/// The body of a request on its way in. What nobody takes stays with the caller.
///
/// The journal learns how much arrived when this is dropped, at the latest.
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

/// The caller left in the middle of its request, which therefore never was one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disconnected;

impl RequestBody {
    pub(crate) fn new(body: Incoming, engine: Arc<Engine>, sequence: u64, records_checksums: bool) -> Self {
        let sum = records_checksums.then(crc32fast::Hasher::new);
        Self { body, engine, sequence, received: 0, sum, pace: None, broken: false, ended: false }
    }

    /// Takes no more than so many bytes per time.
    pub(crate) fn set_pace(&mut self, size: u32, interval: Duration) {
        self.pace = Some((size.max(1), interval));
    }

    /// The next bytes, `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Disconnected> {
        while let Some(frame) = self.body.frame().await {
            let Ok(frame) = frame else {
                self.broken = true;
                return Err(Disconnected);
            };
            // Frames without data are trailers, which no service here knows.
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

    /// Takes what comes until so many bytes have arrived, or all.
    pub(crate) async fn discard(&mut self, until: u64) -> Result<(), Disconnected> {
        while self.received < until && self.next().await?.is_some() {}
        Ok(())
    }

    pub(crate) fn is_complete(&self) -> bool {
        // A body of unsaid length ends when it says so.
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

/// How many times `size` fits into a chunk.
fn share(chunk: usize, size: u32) -> f64 {
    // Chunks are never so large that this would matter.
    f64::from(u32::try_from(chunk).unwrap_or(u32::MAX)) / f64::from(size)
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.report();
    }
}
