//! One upload from its beginning to its end.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use md5::Digest;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::flow::{Filling, Flow};
use super::plan::Plan;
use super::progress::Meter;
use super::put::{PartData, hex};
use super::resume::{Ledger, ResumeToken};
use super::service::{DynUploadService, FileMetadata};
use super::source::{Once, Opened, Seekable, Source};
use super::storage::{Held, Storage};
use crate::{Error, ErrorKind, Outcome, Result};

/// What the caller chose.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) part_size: Option<u64>,
    pub(super) parallel: usize,
    pub(super) memory_budget: u64,
    pub(super) verifies: bool,
    pub(super) verify_timeout: Option<Duration>,
    pub(super) content_type: String,
    pub(super) hedges: bool,
    /// Shared with other transfers of one tree.
    pub(super) slots: Option<Arc<Semaphore>>,
    /// Held by whatever still works for the upload.
    pub(super) held: Option<Held>,
}

pub(super) struct Run<F> {
    pub(super) operation: &'static str,
    pub(super) destination: String,
    pub(super) service: Arc<dyn DynUploadService<F>>,
    pub(super) storage: Storage,
    pub(super) options: Options,
    pub(super) meter: Meter,
    pub(super) ledger: Ledger,
}

impl<F: Send + 'static> Run<F> {
    /// Moves the file. An error says in its outcome whether the file may be there.
    pub(super) async fn run(self, source: Source, resume: Option<ResumeToken>) -> Result<F> {
        let sent = self.send_parts(source, resume).await;
        let within = |error: Error| error.within(self.operation, Outcome::NotDone);
        let (reference, sums) = match sent {
            Ok(sent) => sent,
            Err(error) => return Err(within(error)),
        };
        self.ledger.completes();
        let file = match self.service.complete(&reference).await {
            Ok(file) => file,
            Err(error) => self.confirmed(error, &sums).await?,
        };
        self.ledger.close();
        match self.verified(file, &sums).await {
            Ok(file) => Ok(file),
            Err(error) => Err(error.within(self.operation, Outcome::Done)),
        }
    }

    /// Looks whether a completion happened of which no answer came.
    async fn confirmed(&self, error: Error, sums: &Sums) -> Result<F> {
        let outcome = error.outcome();
        if outcome != Outcome::NotDone
            && let Ok(Some(file)) = self.service.confirm(sums.size).await
            // One with other sums is an older file, or somebody else's.
            && sums.agree(&self.service.facts(&file)).await.is_ok()
        {
            return Ok(file);
        }
        Err(error.within(self.operation, outcome))
    }

    async fn send_parts(&self, source: Source, resume: Option<ResumeToken>) -> Result<(String, Sums)> {
        let opened = source.open().await?;
        match opened {
            Opened::Seekable(source) => self.send_seekable(source, resume).await,
            Opened::Once(_) if resume.is_some() => {
                Err(Error::invalid_input("source", "is a stream that can be read once, which cannot be resumed"))
            }
            Opened::Once(source) => self.send_once(source).await,
        }
    }

    async fn send_seekable(&self, source: Seekable, resume: Option<ResumeToken>) -> Result<(String, Sums)> {
        let size = source.size();
        let fingerprint = source.fingerprint().await?;
        let (reference, plan, first, parallel) = if let Some(token) = resume {
            token.check(self.operation, &self.destination, &fingerprint)?;
            let begun = (token.reference.clone(), token.plan(), None, self.options.parallel);
            self.ledger.begin(token);
            begun
        } else {
            // Refused here rather than after the service was asked to prepare for it.
            Plan::new(Some(size), &self.service.limits(), self.options.part_size, None)?;
            let open = self.service.open().await?;
            let plan = Plan::new(Some(size), &open.limits, self.options.part_size, None)?;
            let token = ResumeToken::new(self.operation, &self.destination, &open.reference, &plan, fingerprint);
            self.ledger.begin(token);
            (open.reference, plan, Some(open.first), if open.parallel { self.options.parallel } else { 1 })
        };
        let parts = plan.parts().unwrap_or(1);
        let token = self.ledger.token();
        let done = |part: &u32| token.as_ref().is_some_and(|token| token.is_done(*part));
        let resumed: u64 =
            (1..=parts).filter(done).map(|part| plan.range(part)).map(|range| range.end - range.start).sum();
        self.meter.change(|progress| {
            progress.total = Some(size);
            progress.parts_total = Some(parts);
            progress.parts = token.as_ref().map_or(0, ResumeToken::parts_done);
        });
        self.meter.resumed(resumed);
        let waiting = (1..=parts).filter(|part| !done(part));
        let waiting = waiting.map(|part| (part, PartData::Range(source.clone(), plan.range(part)))).collect();
        let mut flow = Flow::new(self, &reference, parallel, waiting);
        flow.expect_target(first)?;
        flow.run(None).await?;
        source.check_unchanged().await?;
        Ok((reference, Sums { size, of: Of::Source(source) }))
    }

    async fn send_once(&self, source: Once) -> Result<(String, Sums)> {
        let Options { part_size, memory_budget, .. } = self.options;
        let ceiling = Some(memory_budget);
        Plan::new(source.size, &self.service.limits(), part_size, ceiling)?;
        let open = self.service.open().await?;
        let plan = Plan::new(source.size, &open.limits, part_size, ceiling)?;
        self.meter.change(|progress| (progress.total, progress.parts_total) = (plan.size(), plan.parts()));
        let parallel = if open.parallel { self.options.parallel } else { 1 };
        let mut flow = Flow::new(self, &open.reference, parallel, VecDeque::new());
        let sent = match flow.expect_target(Some(open.first)) {
            Ok(()) => flow.run(Some(Filling::new(source, plan, memory_budget))).await,
            Err(error) => Err(error),
        };
        match sent {
            Ok((size, crc)) => Ok((open.reference, Sums { size, of: Of::Crc(crc) })),
            Err(error) => {
                // Nobody can go on with it: its source is spent.
                let _ = self.service.abandon(&open.reference).await;
                Err(error)
            }
        }
    }

    /// Compares what the service says of the file with what was sent, as far as it says anything.
    async fn verified(&self, mut file: F, sums: &Sums) -> Result<F> {
        let deadline = self.options.verify_timeout.map(|limit| Instant::now() + limit);
        let mut pause = Duration::from_millis(250);
        loop {
            let facts = self.service.facts(&file);
            if facts.size.is_some_and(|size| size != sums.size) {
                let problem = format_args!("the service has {} bytes of {}", facts.size.unwrap_or(0), sums.size);
                return Err(Error::local(ErrorKind::Integrity, problem));
            }
            if !self.options.verifies || sums.agree(&facts).await? {
                return Ok(file);
            }
            let Some(deadline) = deadline else { return Ok(file) };
            if Instant::now() + pause > deadline {
                return Err(Error::timeout("the service named no checksum of the file in time"));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
            file = self.service.refresh(&file).await?;
        }
    }
}

/// What is known of the bytes that were sent.
struct Sums {
    size: u64,
    of: Of,
}

enum Of {
    Source(Seekable),
    Crc(crc32fast::Hasher),
}

impl Sums {
    /// Whether the service named a sum; one that differs is an error.
    async fn agree(&self, facts: &FileMetadata) -> Result<bool> {
        let differs = |what| Error::local(ErrorKind::Integrity, format_args!("the service names another {what}"));
        match (&self.of, &facts.crc32, &facts.md5) {
            (Of::Crc(crc), Some(named), _) => {
                if same_crc(named, crc.clone().finalize()) {
                    Ok(true)
                } else {
                    Err(differs("CRC32"))
                }
            }
            (Of::Source(_), None, None) | (Of::Crc(_), None, _) => Ok(false),
            (Of::Source(source), crc32, md5) => {
                // Read once more only where there is something to compare with.
                let (sum, crc) = source.chunks(0..self.size).sums().await?;
                if crc32.as_ref().is_some_and(|named| !same_crc(named, crc.finalize())) {
                    return Err(differs("CRC32"));
                }
                if md5.as_ref().is_some_and(|named| !named.eq_ignore_ascii_case(&hex(&sum.finalize()))) {
                    return Err(differs("MD5"));
                }
                Ok(true)
            }
        }
    }
}

/// Leading zeros are often missing.
pub(super) fn same_crc(named: &str, sum: u32) -> bool {
    u32::from_str_radix(named.trim(), 16) == Ok(sum)
}
