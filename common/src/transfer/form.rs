//! Files on their way as one form.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, header};
use tokio::sync::Notify;

use super::chunks::Chunks;
use super::multipart::Multipart;
use super::progress::Meter;
use super::source::{Failure, Once, Opened, Seekable, Source};
use crate::http::transport::BoxFuture;
use crate::pipeline::call::builder::CallBuilder;
use crate::{Body, BodyError, Error, Idempotency, Result};

/// A file in a form.
#[derive(Debug)]
pub struct FormFile {
    field: String,
    file_name: String,
    content_type: String,
    source: Source,
}

impl FormFile {
    /// A file under the name of a field, with the name that the service is told.
    pub fn new(field: impl Into<String>, file_name: impl Into<String>, source: Source) -> Self {
        let content_type = "application/octet-stream".to_owned();
        Self { field: field.into(), file_name: file_name.into(), content_type, source }
    }

    /// The media type. Default `application/octet-stream`.
    #[must_use]
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = media_type.into();
        self
    }
}

/// A form that is ready to be sent, for a call: see [`CallBuilder::form`].
pub struct FormBody {
    body: Body,
    content_type: HeaderValue,
    response_timeout: Duration,
    idempotency: Idempotency,
}

impl CallBuilder {
    /// Sends a form with files. The call may be repeated where the files can be read again; it takes as long as it takes,
    /// as long as it moves.
    pub fn form(self, form: FormBody) -> Self {
        let content_type = form.content_type.to_str().unwrap_or("multipart/form-data").to_owned();
        self.body(form.body)
            .header(header::CONTENT_TYPE, &content_type)
            .response_timeout(form.response_timeout)
            .idempotency(form.idempotency)
    }
}

impl fmt::Debug for FormBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormBody").field("body", &self.body).finish_non_exhaustive()
    }
}

/// How far a form has got, and why it went no further.
#[derive(Debug, Default)]
pub(super) struct Journey {
    begun: AtomicBool,
    /// How often the form was opened. The body of an attempt that was given up may still be taken from for a moment.
    opened: AtomicU64,
    /// Whether the end of the form was handed over.
    complete: AtomicBool,
    /// Bytes of files that were handed over in this attempt.
    moved: AtomicU64,
    failure: Failure,
    failed: Notify,
}

impl Journey {
    /// Whether the service may have got anything.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Relaxed)
    }

    /// Whether all of the form was handed over.
    pub(super) fn is_complete(&self) -> bool {
        self.complete.load(Relaxed)
    }

    /// Why a source could not be read to its end.
    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.get()
    }

    /// Resolves when a source has failed. The transport would only say that a body broke off.
    pub(super) async fn failed(&self) -> Error {
        loop {
            let notified = self.failed.notified();
            if let Some(error) = self.failure.get() {
                return error;
            }
            notified.await;
        }
    }
}

/// The files and what stands around them.
pub(super) struct Form {
    multipart: Multipart,
    files: Vec<Opened>,
    /// What stands before each file, and behind the last one.
    texts: Vec<Bytes>,
    /// Bytes of all files.
    pub(super) size: Option<u64>,
}

impl Form {
    /// Opens the files; nothing is read of them.
    pub(super) async fn open(files: Vec<FormFile>, fields: &[(String, String)]) -> Result<Self> {
        let multipart = Multipart::new();
        let (mut opened, mut texts, mut text, mut size) = (Vec::new(), Vec::new(), String::new(), Some(0_u64));
        for FormFile { field, file_name, content_type, source } in files {
            multipart.file(&mut text, &field, &file_name, &content_type);
            texts.push(Bytes::from(std::mem::replace(&mut text, String::from("\r\n"))));
            let source = source.open().await?;
            let length = match &source {
                Opened::Seekable(source) => Some(source.size()),
                Opened::Once(source) => source.size,
            };
            size = size.zip(length).and_then(|(size, length)| size.checked_add(length));
            opened.push(source);
        }
        for (name, value) in fields {
            multipart.field(&mut text, name, value);
        }
        multipart.end(&mut text);
        texts.push(text.into());
        Ok(Self { multipart, files: opened, texts, size })
    }

    /// How many files there are.
    pub(super) fn files(&self) -> u32 {
        u32::try_from(self.files.len()).unwrap_or(u32::MAX)
    }

    /// The form as a body. One whose files can all be read again can be sent again.
    pub(super) fn body(self, journey: &Arc<Journey>, meter: &Meter, response_timeout: Duration) -> FormBody {
        let content_type = self.multipart.content_type();
        let around: u64 = self.texts.iter().map(|text| text.len() as u64).sum();
        let length = self.size.and_then(|size| size.checked_add(around));
        let seekable: Option<Vec<Seekable>> = self.files.iter().map(Opened::seekable).collect();
        let (journey, meter) = (Arc::clone(journey), meter.clone());
        let (body, idempotency) = if let Some(files) = seekable {
            let texts = self.texts;
            let open = move || {
                let opened = journey.opened.fetch_add(1, Relaxed);
                journey.complete.store(false, Relaxed);
                let moved = journey.moved.swap(0, Relaxed);
                if opened > 0 {
                    meter.lost(moved);
                }
                let files = files.iter().map(|file| Reader::Again(file.clone(), None));
                FormStream::new(texts.iter().cloned(), files, &journey, &meter)
            };
            (Body::replayable(open, length), Idempotency::Idempotent)
        } else {
            let files = self.files.into_iter().map(|file| match file {
                Opened::Seekable(file) => Reader::Again(file, None),
                Opened::Once(file) => Reader::Once(file),
            });
            let stream = FormStream::new(self.texts.into_iter(), files, &journey, &meter);
            (Body::from_stream(stream, length), Idempotency::NonIdempotent)
        };
        FormBody { body, content_type, response_timeout, idempotency }
    }
}

enum Reader {
    /// Opened when it is its turn.
    Again(Seekable, Option<Chunks>),
    Once(Once),
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        match self {
            Self::Once(source) => source.next().await,
            Self::Again(source, chunks) => {
                let chunks = chunks.get_or_insert_with(|| source.chunks(0..source.size()));
                let piece = std::future::poll_fn(|context| chunks.poll_next(context, &mut None)).await.transpose()?;
                if piece.is_none() {
                    // Before the form is complete, so that the service never has a whole one with half of a change.
                    source.check_unchanged().await?;
                }
                Ok(piece)
            }
        }
    }
}

enum Segment {
    Text(Bytes),
    File(Reader),
}

/// The segments that are left, and whom to tell.
struct Segments {
    left: VecDeque<Segment>,
    journey: Arc<Journey>,
    /// Which opening of the form this is.
    opened: u64,
    meter: Meter,
}

impl Segments {
    fn is_current(&self) -> bool {
        self.journey.opened.load(Relaxed) == self.opened
    }

    async fn next(&mut self) -> Option<Result<Bytes>> {
        loop {
            match self.left.front_mut()? {
                Segment::Text(text) => {
                    let text = std::mem::take(text);
                    self.left.pop_front();
                    if self.left.is_empty() && self.is_current() {
                        self.journey.complete.store(true, Relaxed);
                    }
                    return Some(Ok(text));
                }
                Segment::File(reader) => match reader.next().await {
                    Ok(Some(_)) if !self.is_current() => return None,
                    Ok(Some(piece)) => {
                        let length = piece.len() as u64;
                        self.meter.moved(length);
                        self.journey.moved.fetch_add(length, Relaxed);
                        return Some(Ok(piece));
                    }
                    Ok(None) => {
                        self.meter.change(|progress| progress.parts += 1);
                        self.left.pop_front();
                    }
                    Err(error) => return Some(Err(error)),
                },
            }
        }
    }
}

type Step = (Box<Segments>, Option<Result<Bytes>>);

/// The bytes of a form in order.
struct FormStream {
    state: State,
    journey: Arc<Journey>,
}

enum State {
    Idle(Box<Segments>),
    Busy(BoxFuture<'static, Step>),
    Ended,
}

impl FormStream {
    fn new(
        texts: impl Iterator<Item = Bytes>,
        files: impl Iterator<Item = Reader>,
        journey: &Arc<Journey>,
        meter: &Meter,
    ) -> Self {
        let mut files = files.map(Segment::File);
        let left = texts.flat_map(|text| [Some(Segment::Text(text)), files.next()]).flatten().collect();
        meter.change(|progress| progress.parts = 0);
        let opened = journey.opened.load(Relaxed);
        let segments = Segments { left, journey: Arc::clone(journey), opened, meter: meter.clone() };
        Self { state: State::Idle(Box::new(segments)), journey: Arc::clone(journey) }
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<Bytes, BodyError>>> {
        self.journey.failure.put(error);
        self.journey.failed.notify_one();
        Poll::Ready(Some(Err("the source could not be read".into())))
    }
}

impl Stream for FormStream {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.journey.begun.store(true, Relaxed);
        let mut step = match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => return Poll::Ready(None),
            State::Busy(step) => step,
            State::Idle(mut segments) => Box::pin(async move {
                let piece = segments.next().await;
                (segments, piece)
            }),
        };
        // In a task of the transport, which would only say that a connection was lost.
        match catch_unwind(AssertUnwindSafe(|| step.as_mut().poll(context))) {
            Err(_) => self.fail(Error::other("the source panicked")),
            Ok(Poll::Pending) => {
                self.state = State::Busy(step);
                Poll::Pending
            }
            Ok(Poll::Ready((_, None))) => Poll::Ready(None),
            Ok(Poll::Ready((_, Some(Err(error))))) => self.fail(error),
            Ok(Poll::Ready((segments, Some(Ok(piece))))) => {
                self.state = State::Idle(segments);
                Poll::Ready(Some(Ok(piece)))
            }
        }
    }
}
