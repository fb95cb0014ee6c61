//! Sending one part.

use std::fmt::Write as _;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, StatusCode, header};
use md5::{Digest, Md5};

use super::chunks::{Chunks, Sum};
use super::multipart;
use super::progress::{Attempted, Meter, Tally};
use super::service::{DynUploadService, FieldLocation, PartEncoding, PartField, PartTarget};
use super::source::{Failure, Seekable};
use super::storage::{Failed, Storage, Then, check_inside};
use crate::error::{FailureStage, MAX_ERROR_BODY};
use crate::http::Response;
use crate::{Body, BodyError, Error, ErrorKind, Result};

/// The bytes of one part, to be sent as often as needed.
#[derive(Clone)]
pub(super) enum PartData {
    Range(Seekable, Range<u64>),
    Held(Vec<Bytes>),
}

impl PartData {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Range(_, range) => range.end - range.start,
            Self::Held(chunks) => chunks.iter().map(|chunk| chunk.len() as u64).sum(),
        }
    }

    pub(super) fn chunks(&self) -> Chunks {
        match self {
            Self::Range(source, range) => source.chunks(range.clone()),
            Self::Held(chunks) => Chunks::Held(chunks.clone().into_iter()),
        }
    }
}

/// How often a part's address may be renewed without a byte getting through.
const MAX_RENEWALS: u32 = 2;

/// What sending parts needs to know, shared by all of them.
pub(super) struct Sender {
    pub(super) storage: Storage,
    pub(super) content_type: String,
    pub(super) verifies: bool,
    /// Whether this storage answers with the MD5 of what it got. Until it is known nobody computes one.
    pub(super) names_md5: AtomicBool,
}

impl Sender {
    /// Sends a part once and checks what the storage says it got.
    pub(super) async fn put(
        &self,
        target: &PartTarget,
        data: &PartData,
        attempt: u32,
        meter: &Meter,
    ) -> Result<(), Failed> {
        let wants_sum = self.verifies && self.names_md5.load(Relaxed);
        let attempted = Attempted::new(meter);
        self.exchange(target, data, attempt, wants_sum, attempted.tally()).await?;
        attempted.counts();
        Ok(())
    }

    async fn exchange(
        &self,
        target: &PartTarget,
        data: &PartData,
        attempt: u32,
        wants_sum: bool,
        tally: &Tally,
    ) -> Result<(), Failed> {
        let size = data.size();
        let mut headers = target.headers.clone();
        let mut fields = Vec::new();
        for (piece, place) in &target.pieces {
            let value = match piece {
                PartField::Size => size.to_string(),
                PartField::ContentType => self.content_type.clone(),
            };
            match place {
                // Its exact value is put on by whoever sends the body.
                FieldLocation::Header(name) if *name == header::CONTENT_LENGTH => {}
                FieldLocation::Header(name) => {
                    let value = HeaderValue::try_from(value)
                        .map_err(|_| Failed::stop(Error::invalid_input("content_type", "cannot stand in a header")))?;
                    headers.insert(name, value);
                }
                FieldLocation::Field(name) => fields.push((name.clone(), value)),
            }
        }
        let frame = match &target.encoding {
            PartEncoding::Body => multipart::Frame::default(),
            PartEncoding::Form { fields: before, data } => {
                let frame = multipart::Frame::new(before.iter().chain(&fields), data, &self.content_type);
                if let Some(content_type) = frame.content_type() {
                    headers.insert(header::CONTENT_TYPE, content_type);
                }
                frame
            }
        };
        let length = size + frame.len();
        let (sum, failure) = (Arc::new(Mutex::new(None)), Failure::default());
        let body = PartBody {
            before: frame.before,
            chunks: Some(data.chunks()),
            after: frame.after,
            size,
            sum: wants_sum.then(Md5::new),
            done: Arc::clone(&sum),
            failure: failure.clone(),
            tally: tally.clone(),
        };
        let body = if length == 0 { Body::empty() } else { Body::from_stream(body, Some(length)) };
        let sent = self.storage.send(&target.url, target.method.clone(), headers, body, attempt).await;
        // The transport only knows that a body broke off; the source knows why.
        if let Some(error) = failure.take() {
            return Err(Failed::stop(error));
        }
        let sent = sent?;
        if tally.moved() < size {
            let error = Error::interrupted("the storage answered before it had been sent the whole part");
            return Err(Failed { error, then: Then::Again(None) });
        }
        let sum = sum.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.check(sent, target, data, sum).await
    }

    async fn check(
        &self,
        response: Response,
        target: &PartTarget,
        data: &PartData,
        sum: Option<Md5>,
    ) -> Result<(), Failed> {
        let (parts, mut body) = response.into_parts();
        let said = self.storage.read(&mut body, MAX_ERROR_BODY).await;
        check_inside(parts.status, &said, &target.url)?;
        if matches!(parts.status, StatusCode::ACCEPTED | StatusCode::PARTIAL_CONTENT) {
            return Err(Failed::stop(unexpected(parts.status)));
        }
        let tag = parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).and_then(md5_of_tag);
        let Some(tag) = tag.filter(|_| self.verifies) else { return Ok(()) };
        self.names_md5.store(true, Relaxed);
        let sum = match sum {
            Some(sum) => sum,
            None => data.chunks().sums().await.map_err(Failed::stop)?.0,
        };
        if hex(&sum.finalize()) == tag {
            return Ok(());
        }
        let problem = format_args!("the storage names another MD5 than that of part {}", target.number);
        let error = Error::local(ErrorKind::Integrity, problem).with_status(parts.status);
        Err(Failed { error, then: Then::Again(None) })
    }
}

/// Sends one part until it has arrived or cannot.
pub(super) async fn send_part<F>(
    service: &dyn DynUploadService<F>,
    sender: &Sender,
    reference: &str,
    first: PartTarget,
    data: &PartData,
    meter: &Meter,
) -> Result<()> {
    let part = first.number;
    let pipeline = sender.storage.pipeline.inner();
    let mut target = Some(first).filter(|target| sender.storage.is_fresh(&target.url));
    let (mut attempts, mut renewals, mut mismatches) = (0, 0, 0);
    loop {
        let current = if let Some(current) = target.take() {
            current
        } else {
            let renewed = service.part_target(reference, part).await?;
            check_number(part, &renewed)?;
            renewed
        };
        attempts += 1;
        let failed = match sender.put(&current, data, attempts, meter).await {
            Ok(()) => return Ok(()),
            Err(failed) => failed,
        };
        let error = failed.error.tried(attempts + renewals);
        match failed.then {
            Then::Renew if renewals < MAX_RENEWALS => {
                renewals += 1;
                attempts -= 1;
            }
            Then::Again(_) if error.kind() == ErrorKind::Integrity && mismatches > 0 => return Err(error),
            Then::Again(wait) => {
                mismatches += u32::from(error.kind() == ErrorKind::Integrity);
                if pipeline.backoff.wait(attempts, wait).await.is_err() {
                    return Err(error);
                }
                target = Some(current).filter(|target| sender.storage.is_fresh(&target.url));
            }
            _ => return Err(error),
        }
    }
}

pub(super) fn check_number(asked: u32, target: &PartTarget) -> Result<()> {
    if target.number == asked {
        return Ok(());
    }
    Err(Error::protocol(format_args!("part {asked} was asked for and the address of part {} came", target.number)))
}

fn unexpected(status: StatusCode) -> Error {
    Error::new(ErrorKind::UnexpectedStatus, FailureStage::Undecodable)
        .with_status(status)
        .with_message("the storage does not say that it has the part", &[])
}

/// The MD5 in an `ETag`, where it is one: a tag with a dash or of another length is something else.
fn md5_of_tag(tag: &str) -> Option<String> {
    let tag = tag.trim().trim_matches('"');
    let is_md5 = tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_md5.then(|| tag.to_ascii_lowercase())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The body of one attempt.
struct PartBody {
    before: Option<Bytes>,
    chunks: Option<Chunks>,
    after: Option<Bytes>,
    size: u64,
    sum: Sum,
    done: Arc<Mutex<Option<Md5>>>,
    failure: Failure,
    tally: Tally,
}

impl Stream for PartBody {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(before) = this.before.take() {
            return Poll::Ready(Some(Ok(before)));
        }
        if let Some(chunks) = &mut this.chunks {
            // In a task of the transport, which would only say that a connection was lost.
            let polled = catch_unwind(AssertUnwindSafe(|| chunks.poll_next(context, &mut this.sum)));
            match ready!(polled.unwrap_or_else(|_| Poll::Ready(Some(Err(Error::other("the source panicked")))))) {
                Some(Ok(piece)) => {
                    let length = piece.len() as u64;
                    if this.tally.count(length) == this.size {
                        // A body with a known length is not asked for its end.
                        *this.done.lock().unwrap_or_else(PoisonError::into_inner) = this.sum.take();
                    }
                    return Poll::Ready(Some(Ok(piece)));
                }
                Some(Err(error)) => {
                    this.chunks = None;
                    this.after = None;
                    this.failure.put(error);
                    return Poll::Ready(Some(Err("the source could not be read".into())));
                }
                None => this.chunks = None,
            }
        }
        Poll::Ready(this.after.take().map(Ok))
    }
}
