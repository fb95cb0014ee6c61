//! The content of parts, and the reader that splits a one-shot source into parts.

use std::ops::Range;

use bytes::Bytes;

use crate::transfer::source::chunks::Chunks;
use crate::transfer::source::one_shot::OneShot;
use crate::transfer::source::seekable::Seekable;
use crate::transfer::upload::plan::Plan;
use crate::{Error, Result};

/// The content of a part, which can be sent more than once.
#[derive(Clone)]
pub(crate) enum PartData {
    Range(Seekable, Range<u64>),
    Buffered(Vec<Bytes>),
}

impl PartData {
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Range(_, range) => range.end - range.start,
            Self::Buffered(chunks) => chunks.iter().map(|chunk| chunk.len() as u64).sum(),
        }
    }

    pub(crate) fn chunks(&self) -> Chunks {
        match self {
            Self::Range(source, range) => source.chunks(range.clone()),
            Self::Buffered(chunks) => Chunks::Buffered(chunks.clone().into_iter()),
        }
    }
}

/// Reads the parts of a one-shot source into memory, within the memory budget.
pub(crate) struct PartReader {
    /// `None` during a read and after the end.
    source: Option<OneShot>,
    plan: Plan,
    memory_budget: u64,
    /// The number of the next part.
    next: u32,
    /// Bytes that are reserved or buffered.
    buffered: u64,
    /// Bytes read so far.
    size: u64,
    crc32: crc32fast::Hasher,
}

/// A part that was read, and the source for the next one.
pub(crate) struct ReadPart {
    source: OneShot,
    chunks: Vec<Bytes>,
    crc32: crc32fast::Hasher,
    is_last: bool,
}

impl ReadPart {
    pub(crate) async fn read(mut source: OneShot, size: u64) -> Result<Self> {
        let chunks = source.read_part(size).await?;
        let mut crc32 = crc32fast::Hasher::new();
        for chunk in &chunks {
            crc32.update(chunk);
        }
        let is_last = source.is_at_end().await?;
        Ok(Self { source, chunks, crc32, is_last })
    }
}

impl PartReader {
    pub(crate) fn new(source: OneShot, plan: Plan, memory_budget: u64) -> Self {
        let crc32 = crc32fast::Hasher::new();
        Self { source: Some(source), plan, memory_budget, next: 1, buffered: 0, size: 0, crc32 }
    }

    /// Reserves memory for the next part. Returns the source and the size of the part, or `None` if the memory budget is
    /// used up, a read is in progress, or the source has ended.
    pub(crate) fn reserve(&mut self) -> Option<(OneShot, u64)> {
        let size = self.plan.part_size(self.next);
        let fits = self.buffered == 0 || self.buffered + size <= self.memory_budget;
        let source = if fits { self.source.take()? } else { return None };
        self.buffered += size;
        Some((source, size))
    }

    /// Accepts a part that was read. Returns its number and content.
    pub(crate) fn accept(&mut self, read: ReadPart) -> Result<(u32, PartData)> {
        let part = self.next;
        let data = PartData::Buffered(read.chunks);
        // The last part may be shorter than the reservation.
        self.buffered -= self.plan.part_size(part) - data.size();
        self.size += data.size();
        self.crc32.combine(&read.crc32);
        self.next += 1;
        if !read.is_last {
            if self.next > self.plan.max_parts() {
                let problem = "is longer than the maximum number of parts; raise `memory_budget` or `part_size`";
                return Err(Error::invalid_input("source", problem));
            }
            self.source = Some(read.source);
        }
        Ok((part, data))
    }

    /// Releases the memory of a part that was sent.
    pub(crate) fn release(&mut self, size: u64) {
        self.buffered -= size;
    }

    /// Returns the size and the CRC32 of the content.
    pub(crate) fn finish(self) -> (u64, u32) {
        (self.size, self.crc32.finalize())
    }
}
