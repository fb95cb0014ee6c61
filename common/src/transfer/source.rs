//! Where the bytes of an upload come from.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use serde::{Deserialize, Serialize};

use super::chunks::{ByteChunks, CHUNK, Chunks, FileChunks, Reopened};
use super::file::{LocalFile, blocking};
use crate::http::transport::BoxFuture;
use crate::{BodyError, Error, ErrorKind, Result};

pub(super) type BoxStream = Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>;
pub(super) type Open = Arc<dyn Fn(u64) -> BoxFuture<'static, Result<BoxStream, BodyError>> + Send + Sync>;

/// Where the bytes of an upload come from.
///
/// Whatever can be read twice is read in small pieces as it is sent, and read again where a part has to be sent again. A
/// stream that cannot be read twice is held in memory one part at a time for each part in flight.
///
/// # Examples
///
/// ```
/// use mft_common::transfer::Source;
///
/// let file = Source::file("report.pdf");
/// let text = Source::from("hello");
/// assert_eq!(text.size(), Some(5));
/// # let _ = file;
/// ```
pub struct Source(Kind);

enum Kind {
    Bytes(Bytes),
    File(PathBuf),
    Reopen { size: u64, open: Open },
    Stream { size: Option<u64>, stream: BoxStream },
}

impl Source {
    /// A file. It is read by position while it is sent; if it changes meanwhile the upload fails and stores nothing.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::File(path.into()))
    }

    /// Bytes in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Bytes(bytes.into()))
    }

    /// Something that can be opened anew at any position and then yields the same `size` bytes every time, such as an
    /// object in another store.
    pub fn seekable<F, S>(size: u64, open: impl Fn(u64) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<S, BodyError>> + Send + 'static,
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let open: Open = Arc::new(move |position| {
            let opening = open(position);
            Box::pin(async move { Ok(Box::pin(opening.await?) as BoxStream) })
        });
        Self(Kind::Reopen { size, open })
    }

    /// A stream that can be read once, with its length where it is known. Peak memory is the size of a part times the
    /// parts in flight, within the upload's memory budget.
    pub fn stream<S, E>(stream: S, size: Option<u64>) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BodyError>,
    {
        Self(Kind::Stream { size, stream: Box::pin(Converted(Box::pin(stream))) })
    }

    /// The number of bytes, where it is known without looking at a file.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(bytes.len() as u64),
            Kind::File(_) => None,
            Kind::Reopen { size, .. } => Some(*size),
            Kind::Stream { size, .. } => *size,
        }
    }

    pub(super) async fn open(self) -> Result<Opened> {
        Ok(match self.0 {
            Kind::Bytes(bytes) => Opened::Seekable(Seekable::Bytes(bytes)),
            Kind::File(path) => Opened::Seekable(Seekable::File(LocalFile::open(path).await?)),
            Kind::Reopen { size, open } => Opened::Seekable(Seekable::Reopen { size, open }),
            Kind::Stream { size, stream } => {
                Opened::Once(Once { stream, size, read: 0, rest: Bytes::new(), ended: false })
            }
        })
    }
}

impl From<Bytes> for Source {
    fn from(bytes: Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl From<&'static str> for Source {
    fn from(text: &'static str) -> Self {
        Self::bytes(text)
    }
}

impl From<String> for Source {
    fn from(text: String) -> Self {
        Self::bytes(text)
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::file(path)
    }
}

impl From<&std::path::Path> for Source {
    fn from(path: &std::path::Path) -> Self {
        Self::file(path)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bytes(bytes) => write!(f, "Source({} bytes)", bytes.len()),
            Kind::File(path) => write!(f, "Source({})", path.display()),
            Kind::Reopen { size, .. } => write!(f, "Source(reopened, {size} bytes)"),
            Kind::Stream { size: Some(size), .. } => write!(f, "Source(stream of {size} bytes)"),
            Kind::Stream { size: None, .. } => f.write_str("Source(stream)"),
        }
    }
}

pub(super) enum Opened {
    Seekable(Seekable),
    Once(Once),
}

impl Opened {
    pub(super) fn seekable(&self) -> Option<Seekable> {
        match self {
            Self::Seekable(source) => Some(source.clone()),
            Self::Once(_) => None,
        }
    }
}

/// A source whose parts can be read in any order and again.
#[derive(Clone)]
pub(super) enum Seekable {
    Bytes(Bytes),
    File(Arc<LocalFile>),
    Reopen { size: u64, open: Open },
}

/// What tells one source from another when an upload is resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    pub(super) size: u64,
    /// Of a file, in nanoseconds since 1970.
    modified: Option<u128>,
    /// Of the first and the last bytes.
    ends: Option<u32>,
}

const SAMPLE: u64 = 64 * 1024;

impl Seekable {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(file) => file.size,
            Self::Reopen { size, .. } => *size,
        }
    }

    pub(super) async fn fingerprint(&self) -> Result<Fingerprint> {
        let size = self.size();
        let mut hasher = crc32fast::Hasher::new();
        let (head, tail) = (0..SAMPLE.min(size), size.saturating_sub(SAMPLE)..size);
        match self {
            Self::Bytes(bytes) => {
                hasher.update(&bytes[..clamp(head.end)]);
                hasher.update(&bytes[clamp(tail.start)..]);
                Ok(Fingerprint { size, modified: None, ends: Some(hasher.finalize()) })
            }
            Self::File(file) => {
                let file = Arc::clone(file);
                let modified = file.modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
                let ends = blocking(move || {
                    for range in [head, tail] {
                        let mut sample = vec![0; clamp(range.end - range.start)];
                        file.read_at(&mut sample, range.start)?;
                        hasher.update(&sample);
                    }
                    Ok::<_, Error>(hasher.finalize())
                });
                Ok(Fingerprint { size, modified: modified.as_ref().map(Duration::as_nanos), ends: Some(ends.await??) })
            }
            Self::Reopen { .. } => Ok(Fingerprint { size, modified: None, ends: None }),
        }
    }

    /// The bytes of a part, from the beginning of the range to its end.
    pub(super) fn chunks(&self, range: Range<u64>) -> Chunks {
        match self {
            Self::Bytes(bytes) => Chunks::Bytes(ByteChunks::new(bytes.slice(clamp(range.start)..clamp(range.end)))),
            Self::File(file) => Chunks::File(FileChunks::new(Arc::clone(file), range)),
            Self::Reopen { open, .. } => Chunks::Reopened(Reopened::new(open, range)),
        }
    }

    pub(super) async fn check_unchanged(&self) -> Result<()> {
        match self {
            Self::File(file) => {
                let file = Arc::clone(file);
                blocking(move || file.check_unchanged()).await?
            }
            _ => Ok(()),
        }
    }
}

/// Only for lengths that are in memory already.
pub(super) fn clamp(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// A source that can be read once.
pub(super) struct Once {
    stream: BoxStream,
    pub(super) size: Option<u64>,
    read: u64,
    /// What was read beyond the part before.
    rest: Bytes,
    ended: bool,
}

/// So many empty chunks in a row are followed by a moment for others.
const EMPTY_CHUNKS: u32 = 32;

impl Once {
    /// Reads the next part: as many bytes as asked for, or what is left.
    pub(super) async fn fill(&mut self, size: u64) -> Result<Vec<Bytes>> {
        let mut chunks = Vec::new();
        let mut small = BytesMut::new();
        let mut left = size;
        while left > 0 {
            let Some(mut chunk) = self.next_chunk().await? else { break };
            if chunk.len() as u64 > left {
                self.rest = chunk.split_off(clamp(left));
            }
            left -= chunk.len() as u64;
            // Tiny chunks would cost more for their keeping than for their content.
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

    /// The next bytes, or `None` where the source has ended as it was announced.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>> {
        match self.next_chunk().await? {
            Some(chunk) => Ok(Some(chunk)),
            None => self.is_at_end().await.map(|_| None),
        }
    }

    /// The rest of the last chunk, or the next one that is not empty. `None` at the end, as often as it is asked.
    async fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        let mut empty = 0;
        loop {
            let chunk = std::mem::take(&mut self.rest);
            if !chunk.is_empty() || self.ended {
                return Ok(Some(chunk).filter(|chunk| !chunk.is_empty()));
            }
            match std::future::poll_fn(|context| self.stream.as_mut().poll_next(context)).await {
                // Streams may panic when they are asked again after their end.
                None => self.ended = true,
                Some(Err(error)) => return Err(read_failed(error)),
                Some(Ok(read)) => self.rest = read,
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

    /// Whether nothing is left; reads ahead to know it.
    pub(super) async fn is_at_end(&mut self) -> Result<bool> {
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

pub(super) fn read_failed(error: BodyError) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) => {
            Error::local(ErrorKind::Io, format_args!("the source cannot be read: {error}")).with_source(error)
        }
    }
}

fn wrong_length(size: Option<u64>, more_or_fewer: &str) -> Error {
    let size = size.unwrap_or_default();
    let problem = format_args!("the source yields {more_or_fewer} than the {size} bytes it was announced with");
    Error::local(ErrorKind::Integrity, problem)
}

/// Any error as the family's body error.
struct Converted<S>(Pin<Box<S>>);

impl<S, E> Stream for Converted<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<BodyError>,
{
    type Item = Result<Bytes, BodyError>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|item| item.map(|chunk| chunk.map_err(Into::into)))
    }
}

/// Where a failure of the source waits while the transport tells that a body broke off.
#[derive(Debug, Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    pub(super) fn put(&self, error: Error) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    pub(super) fn get(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
