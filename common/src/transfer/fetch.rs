//! Fetching a range of a file until it is there.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::content_range::parse_content_range;
use super::progress::Meter;
use super::service::{DynDownloadService, DynWholeDownloadService, FileMetadata};
use super::signed::SignedUrl;
use super::source::clamp;
use super::storage::{Failed, Shared, Storage, Then, plain_bytes};
use crate::error::FailureStage;
use crate::http::Response;
use crate::pipeline::Pipeline;
use crate::{Body, Error, ErrorKind, Result};

/// How often an address may be renewed without a byte coming through.
const MAX_RENEWALS: u32 = 2;

/// What the first reply said of the file. All others must say the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// In bytes; unknown only where neither service nor storage names it.
    pub(super) total: Option<u64>,
    /// A strong tag.
    pub(super) tag: Option<String>,
    modified: Option<String>,
}

impl Version {
    /// Whether ranges can be bound to it. Without that, pieces of two versions could be joined.
    pub(super) fn is_bound(&self) -> bool {
        self.tag.is_some() || self.modified.is_some()
    }
}

/// Where a file is fetched from.
pub(super) enum Origin<F> {
    /// A storage, by signed addresses that the service hands out.
    Storage(Arc<dyn DynDownloadService<F>>, Storage),
    /// The service itself, which sends the file in one reply.
    Service(Arc<dyn DynWholeDownloadService<F>>),
}

enum Way<F> {
    Storage { service: Arc<dyn DynDownloadService<F>>, storage: Storage, address: Shared<SignedUrl> },
    Service { service: Arc<dyn DynWholeDownloadService<F>>, first: Mutex<Option<Response>> },
}

/// Fetches ranges of one file.
pub(super) struct Fetch<F> {
    pipeline: Pipeline,
    way: Way<F>,
    first: Arc<F>,
    pub(super) facts: FileMetadata,
    version: OnceLock<Version>,
    pub(super) meter: Meter,
}

/// A body that begins where it was asked to.
pub(super) struct Begun {
    body: Body,
    /// Bytes before the place that was asked for.
    skip: u64,
    /// Where the body ends in the file, as far as the reply says so.
    end: Option<u64>,
    /// Whether the whole file came, whatever was asked for.
    whole: bool,
}

/// What became of a chunk.
pub(super) enum Taken {
    Chunk(Bytes),
    /// The range is complete.
    End,
}

impl<F: Send + Sync + 'static> Fetch<F> {
    pub(super) async fn begin(pipeline: Pipeline, origin: Origin<F>, meter: Meter) -> Result<Self> {
        let (way, file, facts) = match origin {
            Origin::Storage(service, storage) => {
                let (url, file) = service.target().await?;
                let facts = service.facts(&file);
                (Way::Storage { service, storage, address: Shared::new(url) }, file, facts)
            }
            Origin::Service(service) => {
                let (response, file) = service.open().await?;
                (Way::Service { service, first: Mutex::new(Some(response)) }, file, FileMetadata::default())
            }
        };
        meter.change(|progress| progress.total = facts.size);
        Ok(Self { pipeline, way, first: Arc::new(file), facts, version: OnceLock::new(), meter })
    }

    /// What the service said of the file at the beginning.
    pub(super) fn first_file(&self) -> Arc<F> {
        Arc::clone(&self.first)
    }

    /// Whether a download broke off that cannot be gone on with, because nothing binds the rest to the same version.
    pub(super) fn ended_unbound(&self, error: &Error) -> bool {
        let broke_off = matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Timeout);
        broke_off && self.version().is_some_and(|version| !version.is_bound())
    }

    /// What is known of the file, once the first reply has come.
    pub(super) fn version(&self) -> Option<&Version> {
        self.version.get()
    }

    /// A reader of a range; without an end, of the rest of the file.
    pub(super) fn range(self: &Arc<Self>, start: u64, end: Option<u64>) -> Ranged<F> {
        Ranged { fetch: Arc::clone(self), at: start, end, begun: None, failures: 0, renewals: 0, attempts: 0 }
    }

    async fn request(&self, at: u64, end: Option<u64>, attempt: u32) -> Result<Begun, (u64, Failed)> {
        let (service, storage, shared) = match &self.way {
            Way::Storage { service, storage, address } => (service, storage, address),
            Way::Service { service, first } => {
                let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
                let response = match first {
                    Some(response) => response,
                    None => service.open().await.map_err(|error| (0, Failed::stop(error)))?.0,
                };
                return self.begun(response, at, end).map_err(|failed| (0, failed));
            }
        };
        let (mut generation, mut address) = shared.get();
        if !storage.is_fresh(&address) && attempt > 1 {
            let renewed = shared.renew(generation, ask(service)).await;
            (generation, address) = renewed.map_err(|error| (generation, Failed::stop(error)))?;
        }
        let mut headers = HeaderMap::new();
        plain_bytes(&mut headers);
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        let last = end.map(|end| (end - 1).to_string()).unwrap_or_default();
        if at > 0 || end.is_some() {
            set(&mut headers, header::RANGE, &format!("bytes={at}-{last}"));
            match self.version() {
                Some(Version { tag: Some(tag), .. }) => set(&mut headers, header::IF_MATCH, tag),
                Some(Version { modified: Some(moment), .. }) => set(&mut headers, header::IF_UNMODIFIED_SINCE, moment),
                _ => {}
            }
        }
        let sent = storage.send(&address, Method::GET, headers, Body::empty(), attempt).await;
        let response = sent.map_err(|failed| (generation, changed_meanwhile(failed)))?;
        self.begun(response, at, end).map_err(|failed| (generation, failed))
    }

    /// Checks that a reply holds what was asked for, of the version that it was asked of.
    fn begun(&self, response: Response, at: u64, end: Option<u64>) -> Result<Begun, Failed> {
        let (parts, body) = response.into_parts();
        let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let wrong = |problem: &str| {
            let said = format!("the storage {problem}");
            Failed::stop(Error::protocol(said).with_status(parts.status))
        };
        if let (Way::Service { .. }, Some(coding)) = (&self.way, text(header::CONTENT_ENCODING))
            && !coding.eq_ignore_ascii_case("identity")
        {
            // Nobody asked for it, so that it is not the file's own either.
            return Err(wrong("sent the file in another coding than its own"));
        }
        let (skip, until, total) = match parts.status {
            StatusCode::OK => (at, body.len(), body.len()),
            StatusCode::PARTIAL_CONTENT => {
                let range = text(header::CONTENT_RANGE).and_then(parse_content_range);
                let (range, total) = range.ok_or_else(|| wrong("sent a part of the file and does not say which"))?;
                if range.start != at || end.is_some_and(|end| range.end > end) {
                    return Err(wrong("sent another part of the file than it was asked for"));
                }
                if body.len().is_some_and(|length| length != range.end - range.start) {
                    return Err(wrong("sent a part of the file of another length than it says"));
                }
                (0, Some(range.end), total)
            }
            _ => return Err(wrong("answered with neither a file nor a part of one")),
        };
        let seen = Version {
            total: total.or(self.facts.size),
            tag: text(header::ETAG).filter(|tag| !tag.starts_with("W/") && !tag.is_empty()).map(str::to_owned),
            modified: text(header::LAST_MODIFIED).map(str::to_owned),
        };
        if let (Some(total), Some(size)) = (total, self.facts.size)
            && total != size
        {
            let said = format_args!("the storage has {total} bytes of a file of {size}");
            return Err(Failed::stop(Error::local(ErrorKind::Integrity, said)));
        }
        let shows_its_end = parts.status == StatusCode::OK && parts.headers.contains_key(header::TRANSFER_ENCODING);
        if seen.total.is_none() && !shows_its_end {
            return Err(wrong("does not say how long the file is, so that a loss could not be seen"));
        }
        let version = self.version.get_or_init(|| seen.clone());
        let same = version.tag == seen.tag
            && (version.tag.is_some() || version.modified == seen.modified)
            && (version.total == seen.total);
        if !same {
            return Err(Failed::stop(changed()));
        }
        Ok(Begun { body, skip, end: until, whole: parts.status == StatusCode::OK })
    }
}

async fn ask<F>(service: &Arc<dyn DynDownloadService<F>>) -> Result<SignedUrl> {
    service.target().await.map(|(url, _)| url)
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn changed() -> Error {
    Error::local(ErrorKind::Integrity, "the file was changed on the server while it was being downloaded")
}

/// 412 is the storage's word that the version is gone.
fn changed_meanwhile(failed: Failed) -> Failed {
    match failed.error.status() {
        Some(StatusCode::PRECONDITION_FAILED) => Failed::stop(changed().with_status(StatusCode::PRECONDITION_FAILED)),
        Some(StatusCode::RANGE_NOT_SATISFIABLE) => {
            let said = "the storage has no such part of the file: it is shorter than it was";
            Failed::stop(Error::local(ErrorKind::Integrity, said).with_status(StatusCode::RANGE_NOT_SATISFIABLE))
        }
        _ => failed,
    }
}

/// A range that is read until it is complete, over as many requests as that takes.
pub(super) struct Ranged<F> {
    fetch: Arc<Fetch<F>>,
    /// The place of the next byte.
    at: u64,
    end: Option<u64>,
    begun: Option<Begun>,
    /// Failures since the last byte came.
    failures: u32,
    renewals: u32,
    attempts: u32,
}

impl<F: Send + Sync + 'static> Ranged<F> {
    /// Makes the first request without reading of its body.
    pub(super) async fn open(&mut self) -> Result<()> {
        while self.begun.is_none() {
            self.attempts += 1;
            match self.fetch.request(self.at, self.end, self.attempts).await {
                Ok(begun) => self.begun = Some(begun),
                Err((generation, failed)) => self.failed(failed, generation).await?,
            }
        }
        Ok(())
    }

    /// Whether the storage sends the whole file although a part was asked for; it is then all read.
    pub(super) fn takes_whole(&mut self) -> bool {
        let whole = self.begun.as_ref().is_some_and(|begun| begun.whole);
        if whole {
            self.end = None;
        }
        whole
    }

    /// How long a range is that begins there, where it has an end.
    pub(super) fn size_from(&self, start: u64) -> Option<u64> {
        self.end?.checked_sub(start)
    }

    /// Lets go of a reply, so that the next request asks for what has not come yet.
    pub(super) fn ask_anew(&mut self) {
        self.begun = None;
        self.fetch.meter.lost(0);
    }

    /// Where the range ends: as asked for, or at the end of the file.
    fn goal(&self) -> Option<u64> {
        let total = self.fetch.version().and_then(|version| version.total);
        match (self.end, total) {
            (Some(end), Some(total)) => Some(end.min(total)),
            (end, total) => end.or(total),
        }
    }

    /// The next bytes of the range. After a failure it goes on where it stopped.
    pub(super) async fn next(&mut self) -> Result<Taken> {
        let taken = self.take().await;
        taken.map_err(|error| error.tried(self.attempts))
    }

    async fn take(&mut self) -> Result<Taken> {
        loop {
            if self.fetch.version().is_some() && self.goal() == Some(self.at) && self.attempts > 0 {
                // What comes beyond the end is looked at, because it would be a lie about the length.
                return self.finish().await;
            }
            self.open().await?;
            let goal = self.goal();
            let Some(begun) = &mut self.begun else { continue };
            match begun.body.chunk().await {
                Some(Ok(mut chunk)) => {
                    let skipped = begun.skip.min(chunk.len() as u64);
                    begun.skip -= skipped;
                    let chunk_start = clamp(skipped);
                    chunk = chunk.slice(chunk_start..);
                    if chunk.is_empty() {
                        continue;
                    }
                    let room = goal.map(|goal| goal - self.at);
                    if let Some(room) = room
                        && chunk.len() as u64 > room
                    {
                        // The rest of a whole file is no lie where only a part was asked for.
                        if begun.end.is_none_or(|end| Some(end) == goal) {
                            return Err(longer());
                        }
                        chunk.truncate(clamp(room));
                    }
                    self.at += chunk.len() as u64;
                    if let Way::Storage { .. } = self.fetch.way {
                        (self.failures, self.renewals) = (0, 0);
                    }
                    self.fetch.meter.moved(chunk.len() as u64);
                    return Ok(Taken::Chunk(chunk));
                }
                Some(Err(cause)) => {
                    self.begun = None;
                    let error = Error::new(ErrorKind::Interrupted, FailureStage::BrokenResponse)
                        .with_message(&format!("the download stopped after {} bytes", self.at), &[])
                        .with_source(crate::http::body::Broke(cause));
                    self.failed(Failed { error, then: Then::Again(None) }, 0).await?;
                }
                None => {
                    self.begun = None;
                    match goal {
                        // Chunked to its end, which is the only length that was ever told.
                        None => return Ok(Taken::End),
                        Some(goal) if self.at < goal => {
                            let said = format!("the download ended after {} of {goal} bytes", self.at);
                            let error = Error::new(ErrorKind::Interrupted, FailureStage::BrokenResponse)
                                .with_message(&said, &[]);
                            self.failed(Failed { error, then: Then::Again(None) }, 0).await?;
                        }
                        Some(_) => {}
                    }
                }
            }
        }
    }

    async fn finish(&mut self) -> Result<Taken> {
        let goal = self.goal();
        if let Some(mut begun) = self.begun.take()
            && begun.end.is_none_or(|end| Some(end) == goal)
            && let Some(Ok(more)) = begun.body.chunk().await
            && !more.is_empty()
        {
            return Err(longer());
        }
        Ok(Taken::End)
    }

    /// Waits, or renews the address, or gives up.
    async fn failed(&mut self, failed: Failed, generation: u64) -> Result<()> {
        let Failed { error, then } = failed;
        let error = error.tried(self.attempts);
        let pipeline = self.fetch.pipeline.inner();
        self.fetch.meter.lost(0);
        let bound = self.at == 0 || self.fetch.version().is_some_and(Version::is_bound);
        if !bound && then != Then::Stop {
            // The rest could be of another version, and nothing would tell.
            return Err(error);
        }
        match then {
            Then::Renew if self.renewals < MAX_RENEWALS => {
                self.renewals += 1;
                if let Way::Storage { service, address, .. } = &self.fetch.way {
                    address.renew(generation, ask(service)).await?;
                }
                Ok(())
            }
            Then::Again(wait) => {
                self.failures += 1;
                pipeline.backoff.wait(self.failures, wait).await.map_err(|_| error)
            }
            _ => Err(error),
        }
    }
}

fn longer() -> Error {
    Error::local(ErrorKind::Integrity, "the storage sends more bytes than the file has")
}
