//! The source of an upload: bytes, a file, a seekable source or a one-shot stream.

pub(crate) mod chunks;
pub(crate) mod one_shot;
pub(crate) mod seekable;

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::transfer::local::file::SourceFile;
use crate::transfer::source::chunks::{BoxStream, OpenAt};
use crate::transfer::source::one_shot::OneShot;
use crate::transfer::source::seekable::Seekable;
use crate::{BodyError, Error, Result};

/// The content of an upload.
///
/// Bytes, files and seekable sources are read in small chunks while they are sent, and read again if a part is retried.
/// A one-shot stream cannot be read again, so that each of its parts in flight is held in memory.
///
/// Text has no conversion, because it could be a path or content.
///
/// # Examples
///
/// ```
/// use mft_common::transfer::Source;
///
/// let file = Source::file("report.pdf");
/// let bytes = Source::from(vec![1, 2, 3]);
/// assert_eq!((file.size(), bytes.size()), (None, Some(3)));
/// ```
pub struct Source(Kind);

enum Kind {
    Bytes(Bytes),
    File(PathBuf),
    Reopen { size: u64, open: OpenAt },
    Stream { size: Option<u64>, stream: BoxStream },
}

impl Source {
    /// Returns a source that reads a file. The upload fails if the file changes while it is sent.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::File(path.into()))
    }

    /// Returns a source of bytes in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Bytes(bytes.into()))
    }

    /// Returns a source that `open` can open at any position, such as an object in another store. It must yield the same
    /// `size` bytes every time.
    pub fn seekable<F, S>(size: u64, open: impl Fn(u64) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<S, BodyError>> + Send + 'static,
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let open: OpenAt = Arc::new(move |position| {
            let opening = open(position);
            Box::pin(async move { Ok(Box::pin(opening.await?) as BoxStream) })
        });
        Self(Kind::Reopen { size, open })
    }

    /// Returns a source of a stream that can be read once, with its size in bytes if known. Peak memory is the part size
    /// times the parts in flight, limited by the upload's memory budget.
    pub fn stream<S, E>(stream: S, size: Option<u64>) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BodyError>,
    {
        Self(Kind::Stream { size, stream: Box::pin(ErrorAdapter(Box::pin(stream))) })
    }

    /// Returns the size in bytes, if it is known without file access.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(bytes.len() as u64),
            Kind::File(_) => None,
            Kind::Reopen { size, .. } => Some(*size),
            Kind::Stream { size, .. } => *size,
        }
    }

    pub(crate) async fn open(self) -> Result<OpenSource> {
        Ok(OpenSource::Seekable(match self.0 {
            Kind::Bytes(bytes) => Seekable::Bytes(bytes),
            Kind::File(path) => Seekable::File(SourceFile::open(path).await?),
            Kind::Reopen { size, open } => Seekable::Reopen { size, open },
            Kind::Stream { size, stream } => return Ok(OpenSource::OneShot(OneShot::new(stream, size))),
        }))
    }
}

macro_rules! source_from {
    ($($content:ty => $constructor:ident),+) => {$(
        impl From<$content> for Source {
            fn from(content: $content) -> Self {
                Self::$constructor(content)
            }
        }
    )+};
}

source_from!(Bytes => bytes, Vec<u8> => bytes, &'static [u8] => bytes, PathBuf => file, &Path => file);

impl<const N: usize> From<&'static [u8; N]> for Source {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self::bytes(bytes.as_slice())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bytes(bytes) => write!(f, "Source({} bytes)", bytes.len()),
            Kind::File(path) => write!(f, "Source({})", path.display()),
            Kind::Reopen { size, .. } => write!(f, "Source(seekable, {size} bytes)"),
            Kind::Stream { size: Some(size), .. } => write!(f, "Source(stream of {size} bytes)"),
            Kind::Stream { size: None, .. } => f.write_str("Source(stream)"),
        }
    }
}

/// A source that is ready to be read.
pub(crate) enum OpenSource {
    Seekable(Seekable),
    OneShot(OneShot),
}

impl OpenSource {
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::Seekable(source) => Some(source.size()),
            Self::OneShot(source) => source.size,
        }
    }

    pub(crate) fn seekable(&self) -> Option<Seekable> {
        match self {
            Self::Seekable(source) => Some(source.clone()),
            Self::OneShot(_) => None,
        }
    }
}

/// Converts the errors of a stream to [`BodyError`].
struct ErrorAdapter<S>(Pin<Box<S>>);

impl<S, E> Stream for ErrorAdapter<S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<BodyError>,
{
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|item| item.map(|chunk| chunk.map_err(Into::into)))
    }
}

/// Keeps the error of a source. The transport only reports that the request body broke.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceError(Arc<Mutex<Option<Error>>>);

impl SourceError {
    /// Keeps the first error.
    pub(crate) fn set(&self, error: Error) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    pub(crate) fn get(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
