//! A part as a stream of pieces, read as they are needed.

use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use md5::{Digest, Md5};
use tokio::task::JoinHandle;

use super::file::LocalFile;
use super::source::{BoxStream, Open, clamp, read_failed};
use crate::http::transport::BoxFuture;
use crate::{BodyError, Error, ErrorKind, Result};

/// How much is read and handed over at once.
pub(super) const CHUNK: usize = 256 * 1024;

/// A part as a stream of pieces.
pub(super) enum Chunks {
    Bytes(ByteChunks),
    File(FileChunks),
    Reopened(Reopened),
    Held(std::vec::IntoIter<Bytes>),
}

/// The sum of a part, computed while it is read.
pub(super) type Sum = Option<Md5>;

impl Chunks {
    /// The next piece. A sum that is given takes it in, in the thread that reads where that is another one.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>, sum: &mut Sum) -> Poll<Option<Result<Bytes>>> {
        let piece = match self {
            Self::File(file) => return file.poll_next(context, sum),
            Self::Bytes(bytes) => bytes.next().map(Ok),
            Self::Held(chunks) => chunks.next().map(Ok),
            Self::Reopened(stream) => ready!(stream.poll_next(context)),
        };
        if let (Some(Ok(piece)), Some(sum)) = (&piece, sum) {
            sum.update(piece);
        }
        Poll::Ready(piece)
    }

    /// Reads all of it for its sums.
    pub(super) async fn sums(mut self) -> Result<(Md5, crc32fast::Hasher)> {
        let (mut sum, mut crc) = (Some(Md5::new()), crc32fast::Hasher::new());
        while let Some(piece) = std::future::poll_fn(|context| self.poll_next(context, &mut sum)).await {
            crc.update(&piece?);
        }
        Ok((sum.unwrap_or_default(), crc))
    }
}

/// Bytes in pieces: one large piece would look like a transfer that does not move.
pub(super) struct ByteChunks(Bytes);

impl ByteChunks {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    fn next(&mut self) -> Option<Bytes> {
        (!self.0.is_empty()).then(|| self.0.split_to(self.0.len().min(CHUNK)))
    }
}

type Read = (Result<BytesMut>, Sum);

/// A range of a file, read one piece ahead.
pub(super) struct FileChunks {
    file: Arc<LocalFile>,
    left: Range<u64>,
    reading: Option<JoinHandle<Read>>,
    /// Pieces that were handed over. Those that nobody holds any more are filled again.
    used: VecDeque<Bytes>,
}

/// More pieces than this are never between us and the socket.
const MAX_USED: usize = 4;

impl FileChunks {
    pub(super) fn new(file: Arc<LocalFile>, range: Range<u64>) -> Self {
        Self { file, left: range, reading: None, used: VecDeque::new() }
    }

    fn poll_next(&mut self, context: &mut Context<'_>, sum: &mut Sum) -> Poll<Option<Result<Bytes>>> {
        if self.reading.is_none() {
            self.read_on(sum);
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let (read, back) = match ready!(Pin::new(reading).poll(context)) {
            Ok(read) => read,
            Err(_) => (Err(Error::other("the runtime shut down during a file operation")), None),
        };
        self.reading = None;
        *sum = back;
        let piece = match read {
            Ok(piece) => piece.freeze(),
            Err(error) => {
                self.left = 0..0;
                return Poll::Ready(Some(Err(error)));
            }
        };
        if self.used.len() < MAX_USED {
            self.used.push_back(piece.clone());
        }
        self.read_on(sum);
        Poll::Ready(Some(Ok(piece)))
    }

    /// Begins to read the next piece. The sum travels along.
    fn read_on(&mut self, sum: &mut Sum) {
        let size = clamp(self.left.end - self.left.start).min(CHUNK);
        if size == 0 {
            return;
        }
        let position = self.left.start;
        self.left.start += size as u64;
        let mut buffer = self.buffer();
        buffer.resize(size, 0);
        let (file, mut sum) = (Arc::clone(&self.file), sum.take());
        self.reading = Some(tokio::task::spawn_blocking(move || {
            let read = file.read_at(&mut buffer, position);
            if let Some(sum) = &mut sum {
                sum.update(&buffer);
            }
            (read.map(|()| buffer), sum)
        }));
    }

    fn buffer(&mut self) -> BytesMut {
        for _ in 0..self.used.len() {
            if let Some(piece) = self.used.pop_front() {
                match piece.try_into_mut() {
                    Ok(free) => return free,
                    Err(piece) => self.used.push_back(piece),
                }
            }
        }
        BytesMut::with_capacity(CHUNK)
    }
}

/// A source that was opened at the part's beginning.
pub(super) struct Reopened {
    state: Reopening,
    left: u64,
}

enum Reopening {
    Opening(BoxFuture<'static, Result<BoxStream, BodyError>>),
    Open(BoxStream),
}

impl Reopened {
    pub(super) fn new(open: &Open, range: Range<u64>) -> Self {
        Self { state: Reopening::Opening(open(range.start)), left: range.end - range.start }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            if self.left == 0 {
                return Poll::Ready(None);
            }
            match &mut self.state {
                Reopening::Opening(opening) => match ready!(opening.as_mut().poll(context)) {
                    Ok(stream) => self.state = Reopening::Open(stream),
                    Err(error) => {
                        self.left = 0;
                        return Poll::Ready(Some(Err(read_failed(error))));
                    }
                },
                Reopening::Open(stream) => {
                    let mut piece = match ready!(Stream::poll_next(stream.as_mut(), context)) {
                        None => {
                            let left = std::mem::take(&mut self.left);
                            let problem = format_args!("the source ended {left} bytes before the end of a part");
                            return Poll::Ready(Some(Err(Error::local(ErrorKind::Integrity, problem))));
                        }
                        Some(Err(error)) => {
                            self.left = 0;
                            return Poll::Ready(Some(Err(read_failed(error))));
                        }
                        Some(Ok(piece)) => piece,
                    };
                    // The stream may go on to the end of the whole source.
                    piece.truncate(clamp(self.left).min(piece.len()));
                    self.left -= piece.len() as u64;
                    if !piece.is_empty() {
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
            }
        }
    }
}
