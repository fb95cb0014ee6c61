//! A multipart upload from its start to the verified file.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::transfer::checksum::{ChecksumHasher, Checksums};
use crate::transfer::service::FileMetadata;
use crate::transfer::source::one_shot::OneShot;
use crate::transfer::source::seekable::Seekable;
use crate::transfer::source::{OpenSource, Source};
use crate::transfer::upload::context::UploadContext;
use crate::transfer::upload::part_reader::{PartData, PartReader};
use crate::transfer::upload::plan::Plan;
use crate::transfer::upload::resume_token::ResumeToken;
use crate::transfer::upload::scheduler::UploadScheduler;
use crate::{Error, ErrorKind, Outcome, Result};

const FIRST_POLL_INTERVAL: Duration = Duration::from_millis(250);
const MAX_POLL_INTERVAL: Duration = Duration::from_secs(5);

/// A multipart upload.
pub(crate) struct UploadTask<F> {
    pub(crate) destination: String,
    pub(crate) context: UploadContext<F>,
}

/// The content that was sent, to be compared with the file at the service.
enum SentContent {
    Seekable(Seekable),
    OneShot { size: u64, crc32: u32 },
}

impl SentContent {
    fn size(&self) -> u64 {
        match self {
            Self::Seekable(source) => source.size(),
            Self::OneShot { size, .. } => *size,
        }
    }

    /// Compares checksums. Returns whether the service reports one that can be compared. Reads a seekable source again,
    /// but only if it does.
    async fn verify(&self, reported: &FileMetadata) -> Result<bool> {
        let computed = match self {
            Self::OneShot { crc32, .. } => Checksums { crc32: Some(*crc32), md5: None },
            Self::Seekable(_) if reported.crc32.is_none() && reported.md5.is_none() => return Ok(false),
            Self::Seekable(source) => {
                source.chunks(0..source.size()).checksums(ChecksumHasher::for_all(reported)).await?
            }
        };
        computed.verify(reported)
    }
}

impl<F: Send + 'static> UploadTask<F> {
    /// Runs the upload. The outcome of an error is `Done` or `Unknown` if the file may exist.
    pub(crate) async fn run(self, source: Source, resume: Option<ResumeToken>) -> Result<F> {
        let UploadContext { service, checkpoint, .. } = &self.context;
        let operation = self.context.request.operation;
        let (reference, content) = match self.send_parts(source, resume).await {
            Ok(sent) => sent,
            Err(error) => return Err(error.within(operation, Outcome::NotDone)),
        };
        checkpoint.start_completion();
        let file = match service.complete(&reference).await {
            Ok(file) => file,
            Err(error) => self.confirm_completion(error, &content).await?,
        };
        checkpoint.close();
        self.verify(file, &content).await.map_err(|error| error.within(operation, Outcome::Done))
    }

    /// Looks for the file after an ambiguous failure of the completion.
    async fn confirm_completion(&self, error: Error, content: &SentContent) -> Result<F> {
        let service = &self.context.service;
        let outcome = error.outcome();
        if outcome != Outcome::NotDone
            && let Ok(Some(file)) = service.confirm(content.size()).await
            // A file with other checksums is an older one, or another writer's.
            && content.verify(&service.metadata(&file)).await.is_ok()
        {
            return Ok(file);
        }
        Err(error.within(self.context.request.operation, outcome))
    }

    async fn send_parts(&self, source: Source, resume: Option<ResumeToken>) -> Result<(String, SentContent)> {
        match source.open().await? {
            OpenSource::Seekable(source) => self.send_seekable(source, resume).await,
            OpenSource::OneShot(_) if resume.is_some() => {
                Err(Error::invalid_input("source", "is a one-shot stream, which cannot be resumed"))
            }
            OpenSource::OneShot(source) => self.send_one_shot(source).await,
        }
    }

    async fn send_seekable(&self, source: Seekable, resume: Option<ResumeToken>) -> Result<(String, SentContent)> {
        let UploadContext { request, options, service, checkpoint, .. } = &self.context;
        let size = source.size();
        let fingerprint = source.fingerprint().await?;
        let (reference, plan, first, parallel) = if let Some(token) = resume {
            token.check(request.operation, &self.destination, &fingerprint)?;
            let resumed = (token.reference().to_owned(), token.plan(), None, request.parallel);
            checkpoint.begin(token);
            resumed
        } else {
            // Fails early, before the service opens an upload session.
            Plan::new(Some(size), &service.limits(), options.part_size, None)?;
            let session = service.open().await?;
            let plan = Plan::new(Some(size), &session.limits, options.part_size, None)?;
            let token = ResumeToken::new(request.operation, &self.destination, &session.reference, &plan, fingerprint);
            checkpoint.begin(token);
            let parallel = if session.parallel { request.parallel } else { 1 };
            (session.reference, plan, Some(session.first), parallel)
        };
        let parts = plan.parts().unwrap_or(1);
        let token = checkpoint.token();
        let is_done = |part: &u32| token.as_ref().is_some_and(|token| token.is_done(*part));
        let resumed = (1..=parts).filter(is_done).map(|part| plan.range(part)).map(|range| range.end - range.start);
        request.meter.change(|progress| {
            progress.total = Some(size);
            progress.parts_total = Some(parts);
            progress.parts = token.as_ref().map_or(0, ResumeToken::parts_done);
        });
        request.meter.add_resumed(resumed.sum());
        let missing = (1..=parts).filter(|part| !is_done(part));
        let queue = missing.map(|part| (part, PartData::Range(source.clone(), plan.range(part)))).collect();
        let mut scheduler = UploadScheduler::new(&self.context, &reference, parallel, queue);
        scheduler.set_first_target(first)?;
        scheduler.run(None).await?;
        source.check_unchanged().await?;
        Ok((reference, SentContent::Seekable(source)))
    }

    async fn send_one_shot(&self, source: OneShot) -> Result<(String, SentContent)> {
        let UploadContext { request, options, service, .. } = &self.context;
        let max_part_size = Some(options.memory_budget);
        Plan::new(source.size, &service.limits(), options.part_size, max_part_size)?;
        let session = service.open().await?;
        let plan = Plan::new(source.size, &session.limits, options.part_size, max_part_size)?;
        request.meter.change(|progress| (progress.total, progress.parts_total) = (plan.size(), plan.parts()));
        let parallel = if session.parallel { request.parallel } else { 1 };
        let mut scheduler = UploadScheduler::new(&self.context, &session.reference, parallel, VecDeque::new());
        let totals = match scheduler.set_first_target(Some(session.first)) {
            Ok(()) => scheduler.run(Some(PartReader::new(source, plan, options.memory_budget))).await,
            Err(error) => Err(error),
        };
        match totals {
            Ok((size, crc32)) => Ok((session.reference, SentContent::OneShot { size, crc32 })),
            Err(error) => {
                // It cannot be resumed, because the source is consumed.
                let _ = service.abort(&session.reference).await;
                Err(error)
            }
        }
    }

    /// Compares size and checksums with those that the service reports.
    async fn verify(&self, mut file: F, content: &SentContent) -> Result<F> {
        let UploadContext { request, options, service, .. } = &self.context;
        let deadline = options.verify_timeout.map(|timeout| Instant::now() + timeout);
        let mut interval = FIRST_POLL_INTERVAL;
        loop {
            let reported = service.metadata(&file);
            if let Some(size) = reported.size.filter(|size| *size != content.size()) {
                let problem = format_args!("the service reports {size} bytes, but {} were sent", content.size());
                return Err(Error::local(ErrorKind::Integrity, problem));
            }
            if !request.verify || content.verify(&reported).await? {
                return Ok(file);
            }
            let Some(deadline) = deadline else { return Ok(file) };
            if Instant::now() + interval > deadline {
                return Err(Error::timeout("the service reported no checksum within verify_timeout"));
            }
            tokio::time::sleep(interval).await;
            interval = (interval * 2).min(MAX_POLL_INTERVAL);
            file = service.refresh(&file).await?;
        }
    }
}
