//! A download into a file: ranges in parallel, and a rename at the end.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::http::idle::race;
use crate::transfer::checksum::{ChecksumHasher, Checksums};
use crate::transfer::download::file_writer::FileWriter;
use crate::transfer::download::range_fetcher::RangeFetcher;
use crate::transfer::download::range_reader::RangeReader;
use crate::transfer::handle::TaskGuard;
use crate::transfer::hedge::Hedge;
use crate::transfer::local::file::{blocking, runtime_shut_down};
use crate::transfer::local::manifest::PartialManifest;
use crate::transfer::local::partial_file::PartialFile;
use crate::transfer::request::TransferRequest;
use crate::transfer::source::chunks::CHUNK;
use crate::{Error, ErrorKind, Result};

/// Settings of a download into a file beside those of every transfer.
#[derive(Debug, Clone)]
pub(crate) struct FileOptions {
    pub(crate) range_size: u64,
    pub(crate) keep_partial: bool,
    pub(crate) overwrite: bool,
    pub(crate) sync: bool,
}

/// A download into a file.
pub(crate) struct FileDownload<'d, F> {
    pub(crate) fetcher: Arc<RangeFetcher<F>>,
    /// Identifies the file at the service in a manifest.
    pub(crate) origin: &'d str,
    pub(crate) request: &'d TransferRequest,
    pub(crate) options: &'d FileOptions,
}

/// A range that was downloaded.
struct FetchedRange {
    size: u64,
    crc32: Option<u32>,
}

/// The ranges of a file by their index.
type Ranges = BTreeMap<u64, FetchedRange>;

impl<F: Send + Sync + 'static> FileDownload<'_, F> {
    /// Downloads the file, and returns its size.
    pub(crate) async fn run(&self, target: PathBuf, guard: TaskGuard) -> Result<u64> {
        let keep = self.options.keep_partial;
        let partial = Arc::new(blocking(move || PartialFile::open(&target, keep, guard)).await??);
        let (writer, thread) = FileWriter::start(&partial);
        let fetched = self.fetch(&partial, writer).await;
        // The writer is dropped, so that the thread ends after the waiting writes.
        let write_result = thread.await.unwrap_or_else(|_| Err(runtime_shut_down()));
        let result = match (write_result, fetched) {
            // A write error is the cause of the fetch error.
            (Err(error), _) | (Ok(()), Err(error)) => Err(error),
            (Ok(()), Ok((size, ranges))) => self.finish(&partial, size, &ranges).await,
        };
        if let Err(error) = &result
            && error.kind() == ErrorKind::Integrity
        {
            partial.discard();
        }
        result
    }

    /// Fetches the missing ranges. Returns the size of the file, and all its ranges.
    async fn fetch(&self, partial: &Arc<PartialFile>, writer: FileWriter) -> Result<(u64, Ranges)> {
        let (fetcher, range_size) = (&self.fetcher, self.options.range_size);
        let needs_crc32 = self.request.verify && fetcher.metadata.crc32.is_some();
        // A file of one range is requested as a whole, which every storage supports.
        let size_in_ranges = fetcher.metadata.size.filter(|size| *size > range_size);
        // The first request is for a missing range of an earlier download, if the version turns out to be the same.
        let mut first_index = match size_in_ranges {
            Some(size) => {
                let partial = Arc::clone(partial);
                blocking(move || partial.first_missing(size, range_size)).await?
            }
            None => 0,
        };
        let start = first_index * range_size;
        let mut first = RangeReader::new(fetcher, start, size_in_ranges.map(|size| (start + range_size).min(size)));
        first.open().await?;
        let version = fetcher.version().cloned().unwrap_or_default();
        let is_whole = first.accept_whole() || size_in_ranges.is_none();
        let Some(total) = version.total else {
            let range = write_range(&mut first, &writer, 0, needs_crc32, None).await?;
            return Ok((range.size, BTreeMap::from([(0, range)])));
        };
        fetcher.meter.change(|progress| progress.total = Some(total));
        let use_ranges = !is_whole && version.has_validator();
        if !use_ranges && size_in_ranges.is_some() && (!is_whole || first_index > 0) {
            // The whole file in one response: the storage ignores ranges, or no validator pins them to this version.
            (first, first_index) = (RangeReader::new(fetcher, 0, None), 0);
        }
        let range_size = if use_ranges { range_size } else { total.max(1) };
        let tag = version.tag.filter(|_| use_ranges);
        let manifest = tag.map(|tag| PartialManifest::new(self.origin, tag, total, range_size));
        let bounds = |index: u64| index * range_size..((index + 1) * range_size).min(total);
        let count = total.div_ceil(range_size).max(1);
        let mut ranges = resume(partial, manifest, needs_crc32, count, bounds).await?;
        fetcher.meter.change(|progress| {
            progress.parts_total = Some(u32::try_from(count).unwrap_or(u32::MAX));
            progress.parts = u32::try_from(ranges.len()).unwrap_or(u32::MAX);
        });
        fetcher.meter.add_resumed(ranges.values().map(|range| range.size).sum());

        let mut missing = (0..count).filter(|index| !ranges.contains_key(index)).collect::<Vec<_>>().into_iter();
        let mut first = (!ranges.contains_key(&first_index)).then_some(first);
        let mut tasks: JoinSet<Result<(u64, FetchedRange)>> = JoinSet::new();
        let hedge = (self.request.hedge && use_ranges).then(Hedge::default);
        loop {
            while tasks.len() < self.request.parallel {
                let Some(index) = missing.next() else { break };
                let Range { start, end } = bounds(index);
                // The first response has arrived already; the other requests are pinned to its version.
                let mut reader = match first.take_if(|_| index == first_index) {
                    Some(reader) => reader,
                    None => RangeReader::new(fetcher, start, use_ranges.then_some(end)),
                };
                let (writer, slots, hedge) = (writer.clone(), self.request.slots.clone(), hedge.clone());
                tasks.spawn(async move {
                    let _slot = slots.acquire().await;
                    let range = write_range(&mut reader, &writer, start, needs_crc32, hedge.as_ref()).await?;
                    if range.size != end - start {
                        return Err(Error::local(ErrorKind::Integrity, "a range arrived with another length"));
                    }
                    writer.complete_range(index, range.crc32).await?;
                    Ok((index, range))
                });
            }
            let Some(joined) = tasks.join_next().await else { break };
            let (index, range) = match joined {
                Ok(range) => range?,
                Err(error) if error.is_panic() => return Err(Error::other("a task of the download panicked")),
                Err(_) => return Err(Error::other("the download was stopped")),
            };
            ranges.insert(index, range);
            fetcher.meter.change(|progress| progress.parts += 1);
        }
        Ok((total, ranges))
    }

    /// Verifies the checksum, and renames the partial file to the target.
    async fn finish(&self, partial: &Arc<PartialFile>, total: u64, ranges: &Ranges) -> Result<u64> {
        let reported = &self.fetcher.metadata;
        if self.request.verify {
            let computed = if reported.crc32.is_some() && ranges.values().all(|range| range.crc32.is_some()) {
                let mut crc32 = crc32fast::Hasher::new();
                for range in ranges.values() {
                    let own = range.crc32.unwrap_or_default();
                    crc32.combine(&crc32fast::Hasher::new_with_initial_len(own, range.size));
                }
                Checksums { crc32: Some(crc32.finalize()), md5: None }
            } else if reported.md5.is_some() {
                let partial = Arc::clone(partial);
                blocking(move || partial.checksums(0..total, ChecksumHasher::md5())).await??
            } else {
                Checksums::default()
            };
            computed.verify(reported)?;
        }
        let (partial, sync) = (Arc::clone(partial), self.options.sync);
        blocking(move || partial.finish(total, sync)).await??;
        Ok(total)
    }
}

/// Returns the ranges that an earlier download has completed.
async fn resume(
    partial: &Arc<PartialFile>,
    manifest: Option<PartialManifest>,
    needs_crc32: bool,
    count: u64,
    bounds: impl Fn(u64) -> Range<u64>,
) -> Result<Ranges> {
    let resuming = Arc::clone(partial);
    let earlier_ranges = blocking(move || resuming.resume(manifest)).await??;
    let mut ranges = BTreeMap::new();
    for (index, mut crc32) in earlier_ranges.into_iter().filter(|(index, _)| *index < count) {
        let bounds = bounds(index);
        let size = bounds.end - bounds.start;
        if needs_crc32 && crc32.is_none() {
            // The service reported no CRC32 to the earlier download.
            let partial = Arc::clone(partial);
            crc32 = blocking(move || partial.checksums(bounds, ChecksumHasher::crc32())).await??.crc32;
        }
        ranges.insert(index, FetchedRange { size, crc32 });
    }
    Ok(ranges)
}

/// Writes a range while it arrives.
async fn write_range<F: Send + Sync + 'static>(
    reader: &mut RangeReader<F>,
    writer: &FileWriter,
    start: u64,
    needs_crc32: bool,
    hedge: Option<&Hedge>,
) -> Result<FetchedRange> {
    let mut hasher = if needs_crc32 { ChecksumHasher::crc32() } else { ChecksumHasher::default() };
    let (mut position, started) = (start, Instant::now());
    let (mut chunks, mut size) = (Vec::new(), 0);
    while let Some(chunk) = next_chunk(reader, start, started, hedge).await? {
        hasher.update(&chunk);
        size += chunk.len();
        chunks.push(chunk);
        // A few large writes cost less than many small ones.
        if size >= CHUNK {
            writer.write(position, std::mem::take(&mut chunks)).await?;
            position += size as u64;
            size = 0;
        }
    }
    if size > 0 {
        writer.write(position, chunks).await?;
        position += size as u64;
    }
    let size = position - start;
    if let Some(hedge) = hedge {
        hedge.record(started, size);
    }
    Ok(FetchedRange { size, crc32: hasher.finish().crc32 })
}

/// Returns the next bytes of a range. Requests the rest again if the range is an outlier.
async fn next_chunk<F: Send + Sync + 'static>(
    reader: &mut RangeReader<F>,
    start: u64,
    started: Instant,
    hedge: Option<&Hedge>,
) -> Result<Option<bytes::Bytes>> {
    let Some((hedge, size)) = hedge.zip(reader.size_from(start)) else { return reader.next().await };
    loop {
        let outlier = async {
            hedge.until_outlier(started, size).await;
            None
        };
        match race(async { Some(reader.next().await) }, outlier).await {
            Some(result) => return result,
            None => reader.restart_request(),
        }
    }
}
