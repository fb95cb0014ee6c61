//! Reads a range to its end, with as many requests as that needs.

use std::sync::Arc;

use bytes::Bytes;

use crate::error::FailureStage;
use crate::http::body::Broke;
use crate::transfer::download::range_fetcher::{OpenBody, RangeFetcher, Version};
use crate::transfer::local::file::to_usize;
use crate::transfer::storage::client::{Recovery, StorageError};
use crate::{Error, ErrorKind, Result};

/// How often a presigned URL may be renewed before a byte arrives.
const MAX_RENEWALS: u32 = 2;

/// Reads a range. After a failure it continues at the position that it has reached.
pub(crate) struct RangeReader<F> {
    fetcher: Arc<RangeFetcher<F>>,
    /// The position of the next byte in the file.
    position: u64,
    end: Option<u64>,
    open: Option<OpenBody>,
    /// Failures since the last byte arrived.
    failures: u32,
    renewals: u32,
    attempts: u32,
}

impl<F: Send + Sync + 'static> RangeReader<F> {
    /// Returns a reader of a range. Without an end, it reads the rest of the file.
    pub(crate) fn new(fetcher: &Arc<RangeFetcher<F>>, start: u64, end: Option<u64>) -> Self {
        let fetcher = Arc::clone(fetcher);
        Self { fetcher, position: start, end, open: None, failures: 0, renewals: 0, attempts: 0 }
    }

    /// Makes the first request without reading its body.
    pub(crate) async fn open(&mut self) -> Result<()> {
        while self.open.is_none() {
            self.attempts += 1;
            match self.fetcher.request(self.position, self.end, self.attempts).await {
                Ok(open) => self.open = Some(open),
                Err((generation, failed)) => self.recover(failed, generation).await?,
            }
        }
        Ok(())
    }

    /// Returns whether the storage sends the whole file in response to a range request. Then all of it is read.
    pub(crate) fn accept_whole(&mut self) -> bool {
        let is_whole = self.open.as_ref().is_some_and(|open| open.is_whole);
        if is_whole {
            self.end = None;
        }
        is_whole
    }

    /// Returns the size of a range from `start`, if it has an end.
    pub(crate) fn size_from(&self, start: u64) -> Option<u64> {
        self.end?.checked_sub(start)
    }

    /// Drops the response, so that the next request asks for the rest.
    pub(crate) fn restart_request(&mut self) {
        self.open = None;
        self.fetcher.meter.retry(0);
    }

    /// Returns the end of the range or of the file, if known.
    fn known_end(&self) -> Option<u64> {
        let total = self.fetcher.version().and_then(|version| version.total);
        match (self.end, total) {
            (Some(end), Some(total)) => Some(end.min(total)),
            (end, total) => end.or(total),
        }
    }

    /// Returns the next bytes of the range, or `None` at its end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        let result = self.read().await;
        result.map_err(|error| error.tried(self.attempts))
    }

    async fn read(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.fetcher.version().is_some() && self.known_end() == Some(self.position) && self.attempts > 0 {
                return self.finish().await;
            }
            self.open().await?;
            let known_end = self.known_end();
            let Some(open) = &mut self.open else { continue };
            let (message, cause) = match open.body.chunk().await {
                Some(Ok(mut chunk)) => {
                    let skipped = open.skip.min(chunk.len() as u64);
                    open.skip -= skipped;
                    chunk = chunk.slice(to_usize(skipped)..);
                    if chunk.is_empty() {
                        continue;
                    }
                    if let Some(expected) = known_end.map(|end| end - self.position)
                        && chunk.len() as u64 > expected
                    {
                        // More bytes are valid only if the whole file came in response to a range request.
                        if open.end.is_none_or(|end| Some(end) == known_end) {
                            return Err(too_long());
                        }
                        chunk.truncate(to_usize(expected));
                    }
                    self.position += chunk.len() as u64;
                    // A whole file starts anew with each request, so that a byte is no progress.
                    if !self.fetcher.sends_whole_files() {
                        (self.failures, self.renewals) = (0, 0);
                    }
                    self.fetcher.meter.add(chunk.len() as u64);
                    return Ok(Some(chunk));
                }
                Some(Err(cause)) => (format!("the download broke after {} bytes", self.position), Some(cause)),
                None => {
                    self.open = None;
                    match known_end {
                        // The chunked coding has an end marker, and no other length is known.
                        None => return Ok(None),
                        Some(end) if self.position < end => {
                            (format!("the download ended after {} of {end} bytes", self.position), None)
                        }
                        Some(_) => continue,
                    }
                }
            };
            self.open = None;
            let mut error =
                Error::new(ErrorKind::Interrupted, FailureStage::BrokenResponse).with_message(&message, &[]);
            if let Some(cause) = cause {
                error = error.with_source(Broke(cause));
            }
            self.recover(StorageError::retry(error), 0).await?;
        }
    }

    /// Checks that the body ends here.
    async fn finish(&mut self) -> Result<Option<Bytes>> {
        let known_end = self.known_end();
        if let Some(mut open) = self.open.take()
            && open.end.is_none_or(|end| Some(end) == known_end)
            && let Some(Ok(more)) = open.body.chunk().await
            && !more.is_empty()
        {
            return Err(too_long());
        }
        Ok(None)
    }

    /// Waits for a retry, or renews the presigned URL. Fails if neither can help.
    async fn recover(&mut self, failed: StorageError, generation: u64) -> Result<()> {
        let StorageError { error, recovery } = failed;
        let error = error.tried(self.attempts);
        self.fetcher.meter.retry(0);
        // The rest could belong to another version.
        if self.position > 0 && !self.fetcher.version().is_some_and(Version::has_validator) {
            return Err(error);
        }
        match recovery {
            Recovery::RenewUrl if self.renewals < MAX_RENEWALS => {
                self.renewals += 1;
                self.fetcher.renew_url(generation).await
            }
            Recovery::Retry(wait) => {
                self.failures += 1;
                let backoff = &self.fetcher.pipeline.inner().backoff;
                backoff.wait(self.failures, wait).await.map_err(|_| error)
            }
            _ => Err(error),
        }
    }
}

fn too_long() -> Error {
    Error::local(ErrorKind::Integrity, "the storage sent more bytes than the file has")
}
