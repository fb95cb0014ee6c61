//! The request body of a form upload: files and fields as one stream.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::Notify;

use crate::error::FailureStage;
use crate::http::transport::BoxFuture;
use crate::pipeline::AttemptProgress;
use crate::transfer::checksum::ChecksumHasher;
use crate::transfer::progress::ProgressMeter;
use crate::transfer::source::chunks::Chunks;
use crate::transfer::source::one_shot::OneShot;
use crate::transfer::source::seekable::Seekable;
use crate::transfer::source::{OpenSource, SourceError};
use crate::{BodyError, Error, Outcome, Result};

/// How far a form was sent, and why it failed.
#[derive(Debug)]
pub(crate) struct FormProgress {
    meter: ProgressMeter,
    attempt: AttemptProgress,
    /// How often the body was opened. The transport may poll the body of a cancelled attempt for a moment.
    generation: AtomicU64,
    /// Whether the end of the form was handed to the transport.
    complete: AtomicBool,
    /// Bytes of files that were handed to the transport in this attempt.
    bytes: AtomicU64,
    error: SourceError,
    failed: Notify,
}

impl FormProgress {
    pub(crate) fn new(meter: ProgressMeter) -> Self {
        Self {
            meter,
            attempt: AttemptProgress::default(),
            generation: AtomicU64::default(),
            complete: AtomicBool::default(),
            bytes: AtomicU64::default(),
            error: SourceError::default(),
            failed: Notify::new(),
        }
    }

    /// Returns the outcome of an upload that stops at this moment. A service should not store a truncated form, but none
    /// documents that it does not.
    pub(crate) fn outcome(&self) -> Outcome {
        self.attempt.stage().outcome()
    }

    /// Returns whether the whole form was handed to the transport.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete.load(Relaxed)
    }

    /// Returns the error of a source.
    pub(crate) fn error(&self) -> Option<Error> {
        self.error.get()
    }

    /// Resolves once a source has failed. The transport only reports that the body broke.
    pub(crate) async fn source_failure(&self) -> Error {
        loop {
            let notified = self.failed.notified();
            if let Some(error) = self.error.get() {
                return error;
            }
            notified.await;
        }
    }

    /// Starts an attempt. Discards the progress of the previous one.
    pub(crate) fn start_attempt(&self) {
        let earlier = self.generation.fetch_add(1, Relaxed);
        self.complete.store(false, Relaxed);
        let discarded = self.bytes.swap(0, Relaxed);
        if earlier > 0 {
            self.meter.retry(discarded);
        }
    }
}

/// A file that is read when it is its turn.
pub(crate) enum FileReader {
    Seekable(Seekable, Option<Chunks>),
    OneShot(OneShot),
}

impl From<OpenSource> for FileReader {
    fn from(source: OpenSource) -> Self {
        match source {
            OpenSource::Seekable(source) => Self::Seekable(source, None),
            OpenSource::OneShot(source) => Self::OneShot(source),
        }
    }
}

impl FileReader {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        match self {
            Self::OneShot(source) => source.next().await,
            Self::Seekable(source, chunks) => {
                let chunks = chunks.get_or_insert_with(|| source.chunks(0..source.size()));
                let mut no_hasher = ChecksumHasher::default();
                let chunk =
                    std::future::poll_fn(|context| chunks.poll_next(context, &mut no_hasher)).await.transpose()?;
                if chunk.is_none() {
                    // Before the end of the form, so that the service never receives a complete form with mixed content.
                    source.check_unchanged().await?;
                }
                Ok(chunk)
            }
        }
    }
}

enum Segment {
    Text(Bytes),
    File(FileReader),
}

/// The segments that are not sent yet.
struct Segments {
    remaining: VecDeque<Segment>,
    progress: Arc<FormProgress>,
    generation: u64,
}

impl Segments {
    fn is_current(&self) -> bool {
        self.progress.generation.load(Relaxed) == self.generation
    }

    async fn next(&mut self) -> Option<Result<Bytes>> {
        loop {
            match self.remaining.front_mut()? {
                Segment::Text(text) => {
                    let text = std::mem::take(text);
                    self.remaining.pop_front();
                    if self.remaining.is_empty() && self.is_current() {
                        self.progress.complete.store(true, Relaxed);
                    }
                    return Some(Ok(text));
                }
                Segment::File(reader) => match reader.next().await {
                    Ok(Some(_)) if !self.is_current() => return None,
                    Ok(Some(chunk)) => {
                        let length = chunk.len() as u64;
                        self.progress.meter.add(length);
                        self.progress.bytes.fetch_add(length, Relaxed);
                        return Some(Ok(chunk));
                    }
                    Ok(None) => {
                        self.progress.meter.change(|progress| progress.parts += 1);
                        self.remaining.pop_front();
                    }
                    Err(error) => return Some(Err(error)),
                },
            }
        }
    }
}

type FormStep = (Box<Segments>, Option<Result<Bytes>>);

/// The bytes of a form in order.
pub(crate) struct FormStream {
    state: FormState,
    progress: Arc<FormProgress>,
}

enum FormState {
    Idle(Box<Segments>),
    Reading(BoxFuture<'static, FormStep>),
    Ended,
}

impl FormStream {
    /// Returns a stream of the texts with the files between them.
    pub(crate) fn new(
        texts: impl Iterator<Item = Bytes>,
        files: impl Iterator<Item = FileReader>,
        progress: &Arc<FormProgress>,
    ) -> Self {
        let mut files = files.map(Segment::File);
        let remaining = texts.flat_map(|text| [Some(Segment::Text(text)), files.next()]).flatten().collect();
        progress.meter.change(|progress| progress.parts = 0);
        let generation = progress.generation.load(Relaxed);
        let segments = Segments { remaining, progress: Arc::clone(progress), generation };
        Self { state: FormState::Idle(Box::new(segments)), progress: Arc::clone(progress) }
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<Bytes, BodyError>>> {
        self.progress.error.set(error);
        self.progress.failed.notify_one();
        Poll::Ready(Some(Err("cannot read the source".into())))
    }
}

impl Stream for FormStream {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.progress.attempt.set(FailureStage::Interrupted);
        let mut step = match std::mem::replace(&mut self.state, FormState::Ended) {
            FormState::Ended => return Poll::Ready(None),
            FormState::Reading(step) => step,
            FormState::Idle(mut segments) => Box::pin(async move {
                let chunk = segments.next().await;
                (segments, chunk)
            }),
        };
        // A panic in a task of the transport would only look like a broken connection.
        match catch_unwind(AssertUnwindSafe(|| step.as_mut().poll(context))) {
            Err(_) => self.fail(Error::other("the source panicked")),
            Ok(Poll::Pending) => {
                self.state = FormState::Reading(step);
                Poll::Pending
            }
            Ok(Poll::Ready((_, None))) => Poll::Ready(None),
            Ok(Poll::Ready((_, Some(Err(error))))) => self.fail(error),
            Ok(Poll::Ready((segments, Some(Ok(chunk))))) => {
                self.state = FormState::Idle(segments);
                Poll::Ready(Some(Ok(chunk)))
            }
        }
    }
}
