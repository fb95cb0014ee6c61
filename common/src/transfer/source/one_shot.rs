//! Sources that can be read once.

use bytes::{Bytes, BytesMut};

use crate::transfer::local::file::to_usize;
use crate::transfer::source::chunks::{BoxStream, CHUNK, read_error};
use crate::{Error, ErrorKind, Result};

/// A stream that can be read once.
pub(crate) struct OneShot {
    stream: BoxStream,
    pub(crate) size: Option<u64>,
    read: u64,
    /// Bytes that were read beyond the previous part.
    rest: Bytes,
    ended: bool,
}

/// After this many consecutive empty chunks the reader yields to other tasks.
const EMPTY_CHUNKS: u32 = 32;

impl OneShot {
    pub(crate) fn new(stream: BoxStream, size: Option<u64>) -> Self {
        Self { stream, size, read: 0, rest: Bytes::new(), ended: false }
    }

    /// Reads the next part: `size` bytes, or fewer at the end of the stream.
    pub(crate) async fn read_part(&mut self, size: u64) -> Result<Vec<Bytes>> {
        let mut chunks = Vec::new();
        let mut small = BytesMut::new();
        let mut remaining = size;
        while remaining > 0 {
            let Some(mut chunk) = self.next_chunk().await? else { break };
            if chunk.len() as u64 > remaining {
                self.rest = chunk.split_off(to_usize(remaining));
            }
            remaining -= chunk.len() as u64;
            // Small chunks are merged, because each costs more memory than its content.
            if chunk.len() < CHUNK / 16 || !small.is_empty() {
                small.extend_from_slice(&chunk);
                if small.len() >= CHUNK {
                    chunks.push(small.split().freeze());
                }
            } else {
                chunks.push(chunk);
            }
        }
        if !small.is_empty() {
            chunks.push(small.freeze());
        }
        Ok(chunks)
    }

    /// Returns the next bytes, or `None` at the end. Fails if the stream has not the announced length.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        match self.next_chunk().await? {
            Some(chunk) => Ok(Some(chunk)),
            None => self.is_at_end().await.map(|_| None),
        }
    }

    /// Returns the rest of the last chunk, or the next chunk that is not empty.
    async fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        let mut empty = 0;
        loop {
            let chunk = std::mem::take(&mut self.rest);
            if !chunk.is_empty() || self.ended {
                return Ok(Some(chunk).filter(|chunk| !chunk.is_empty()));
            }
            match std::future::poll_fn(|context| self.stream.as_mut().poll_next(context)).await {
                // A stream may panic if it is polled after its end.
                None => self.ended = true,
                Some(Err(error)) => return Err(read_error(error)),
                Some(Ok(chunk)) => self.rest = chunk,
            }
            self.read += self.rest.len() as u64;
            if self.size.is_some_and(|size| self.read > size) {
                return Err(wrong_length(self.size, "more"));
            }
            if self.rest.is_empty() {
                empty += 1;
                if empty % EMPTY_CHUNKS == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Returns whether no bytes are left. Reads ahead.
    pub(crate) async fn is_at_end(&mut self) -> Result<bool> {
        if let Some(chunk) = self.next_chunk().await? {
            self.rest = chunk;
            return Ok(false);
        }
        if self.size.is_some_and(|size| self.read < size) {
            return Err(wrong_length(self.size, "fewer"));
        }
        Ok(true)
    }
}

fn wrong_length(size: Option<u64>, more_or_fewer: &str) -> Error {
    let size = size.unwrap_or_default();
    let problem = format_args!("the source yields {more_or_fewer} than the {size} bytes that were announced");
    Error::local(ErrorKind::Integrity, problem)
}
