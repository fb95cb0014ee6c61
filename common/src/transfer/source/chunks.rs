//! The chunks of a part, read as they are sent.

use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::task::JoinHandle;

use crate::http::transport::BoxFuture;
use crate::transfer::checksum::{ChecksumHasher, Checksums};
use crate::transfer::local::file::{SourceFile, runtime_shut_down, to_usize};
use crate::{BodyError, Error, ErrorKind, Result};

/// The maximum size of a chunk in bytes.
pub(crate) const CHUNK: usize = 256 * 1024;

pub(crate) type BoxStream = Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>;

/// Opens a source at a position.
pub(crate) type OpenAt = Arc<dyn Fn(u64) -> BoxFuture<'static, Result<BoxStream, BodyError>> + Send + Sync>;

/// The chunks of a part.
pub(crate) enum Chunks {
    Bytes(ByteChunks),
    File(FileChunks),
    Reopened(ReopenedChunks),
    Buffered(std::vec::IntoIter<Bytes>),
}

impl Chunks {
    /// Polls for the next chunk, and adds it to the hasher. A file is hashed on the thread that reads it.
    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        hasher: &mut ChecksumHasher,
    ) -> Poll<Option<Result<Bytes>>> {
        let chunk = match self {
            Self::File(file) => return file.poll_next(context, hasher),
            Self::Bytes(bytes) => bytes.next().map(Ok),
            Self::Buffered(chunks) => chunks.next().map(Ok),
            Self::Reopened(stream) => ready!(stream.poll_next(context)),
        };
        if let Some(Ok(chunk)) = &chunk {
            hasher.update(chunk);
        }
        Poll::Ready(chunk)
    }

    /// Reads all chunks, and returns their checksums.
    pub(crate) async fn checksums(mut self, mut hasher: ChecksumHasher) -> Result<Checksums> {
        while let Some(chunk) = std::future::poll_fn(|context| self.poll_next(context, &mut hasher)).await {
            chunk?;
        }
        Ok(hasher.finish())
    }
}

/// Bytes in memory. They are split into chunks because a single large one would look like a stalled transfer.
pub(crate) struct ByteChunks(Bytes);

impl ByteChunks {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    fn next(&mut self) -> Option<Bytes> {
        (!self.0.is_empty()).then(|| self.0.split_to(self.0.len().min(CHUNK)))
    }
}

/// The result of a read, and the hasher that was lent to the reading thread.
type Read = (Result<BytesMut>, ChecksumHasher);

/// A range of a file, with a read-ahead of one chunk.
pub(crate) struct FileChunks {
    file: Arc<SourceFile>,
    remaining: Range<u64>,
    reading: Option<JoinHandle<Read>>,
    /// Returned chunks, whose buffers are reused once their readers have dropped them.
    buffers: VecDeque<Bytes>,
}

/// At most this many chunks are between the file and the socket.
const MAX_BUFFERS: usize = 4;

impl FileChunks {
    pub(crate) fn new(file: Arc<SourceFile>, range: Range<u64>) -> Self {
        Self { file, remaining: range, reading: None, buffers: VecDeque::new() }
    }

    fn poll_next(&mut self, context: &mut Context<'_>, hasher: &mut ChecksumHasher) -> Poll<Option<Result<Bytes>>> {
        if self.reading.is_none() {
            self.read_ahead(hasher);
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let read = match ready!(Pin::new(reading).poll(context)) {
            Ok((read, returned)) => {
                *hasher = returned;
                read
            }
            Err(_) => Err(runtime_shut_down()),
        };
        self.reading = None;
        let chunk = match read {
            Ok(chunk) => chunk.freeze(),
            Err(error) => {
                self.remaining = 0..0;
                return Poll::Ready(Some(Err(error)));
            }
        };
        if self.buffers.len() < MAX_BUFFERS {
            self.buffers.push_back(chunk.clone());
        }
        self.read_ahead(hasher);
        Poll::Ready(Some(Ok(chunk)))
    }

    /// Starts to read the next chunk, and lends the hasher to the reading thread.
    fn read_ahead(&mut self, hasher: &mut ChecksumHasher) {
        let size = to_usize(self.remaining.end - self.remaining.start).min(CHUNK);
        if size == 0 {
            return;
        }
        let position = self.remaining.start;
        self.remaining.start += size as u64;
        let mut buffer = self.buffer();
        buffer.resize(size, 0);
        let (file, mut hasher) = (Arc::clone(&self.file), std::mem::take(hasher));
        self.reading = Some(tokio::task::spawn_blocking(move || {
            let read = file.read_at(&mut buffer, position);
            hasher.update(&buffer);
            (read.map(|()| buffer), hasher)
        }));
    }

    fn buffer(&mut self) -> BytesMut {
        for _ in 0..self.buffers.len() {
            if let Some(chunk) = self.buffers.pop_front() {
                match chunk.try_into_mut() {
                    Ok(unused) => return unused,
                    Err(chunk) => self.buffers.push_back(chunk),
                }
            }
        }
        BytesMut::with_capacity(CHUNK)
    }
}

/// A source that was opened at the start of the part.
pub(crate) struct ReopenedChunks {
    state: ReopenState,
    remaining: u64,
}

enum ReopenState {
    Opening(BoxFuture<'static, Result<BoxStream, BodyError>>),
    Open(BoxStream),
}

impl ReopenedChunks {
    pub(crate) fn new(open: &OpenAt, range: Range<u64>) -> Self {
        Self { state: ReopenState::Opening(open(range.start)), remaining: range.end - range.start }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            if self.remaining == 0 {
                return Poll::Ready(None);
            }
            let polled = match &mut self.state {
                ReopenState::Opening(opening) => match ready!(opening.as_mut().poll(context)) {
                    Ok(stream) => {
                        self.state = ReopenState::Open(stream);
                        continue;
                    }
                    Err(error) => Some(Err(error)),
                },
                ReopenState::Open(stream) => ready!(Stream::poll_next(stream.as_mut(), context)),
            };
            match polled {
                // The stream may continue to the end of the whole source.
                Some(Ok(mut chunk)) => {
                    chunk.truncate(to_usize(self.remaining).min(chunk.len()));
                    self.remaining -= chunk.len() as u64;
                    if !chunk.is_empty() {
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                }
                Some(Err(error)) => {
                    self.remaining = 0;
                    return Poll::Ready(Some(Err(read_error(error))));
                }
                None => {
                    let missing = std::mem::take(&mut self.remaining);
                    let problem = format_args!("the source ended {missing} bytes before the end of a part");
                    return Poll::Ready(Some(Err(Error::local(ErrorKind::Integrity, problem))));
                }
            }
        }
    }
}

/// Converts an error of a source's stream.
pub(crate) fn read_error(error: BodyError) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) => Error::local(ErrorKind::Io, format_args!("cannot read the source: {error}")).with_source(error),
    }
}
