//! A download into a file: ranges side by side, then one rename.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use md5::{Digest, Md5};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::chunks::CHUNK;
use super::fetch::{Fetch, Ranged, Taken};
use super::file::blocking;
use super::pace::Pace;
use super::partial::{Notes, Partial, check_target};
use super::put::hex;
use super::run::same_crc;
use super::source::clamp;
use super::storage::Held;
use super::writer::Writer;
use crate::http::idle::race;
use crate::{Error, ErrorKind, Result};

/// What the caller chose.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each with a method of its own")]
pub(super) struct FileOptions {
    pub(super) parallel: usize,
    pub(super) segment: u64,
    pub(super) verifies: bool,
    pub(super) keeps_partial: bool,
    pub(super) overwrites: bool,
    pub(super) syncs: bool,
    pub(super) hedges: bool,
    pub(super) slots: Option<Arc<Semaphore>>,
    /// Held by whatever still works on the file.
    pub(super) held: Option<Held>,
}

/// A segment and the sum of its bytes, where one is needed.
type Segment = (u64, Option<u32>);

pub(super) async fn check(target: PathBuf, overwrites: bool) -> Result<()> {
    blocking(move || check_target(&target, overwrites)).await?
}

/// Downloads into a file and returns its size.
pub(super) async fn download<F: Send + Sync + 'static>(
    fetch: &Arc<Fetch<F>>,
    origin: &str,
    target: PathBuf,
    options: &FileOptions,
) -> Result<u64> {
    let (keeps, held) = (options.keeps_partial, options.held.clone());
    let partial = Arc::new(blocking(move || Partial::open(&target, keeps, held)).await??);
    let (writer, writing) = Writer::start(&partial);
    let filled = fill(fetch, origin, &partial, writer, options).await;
    // All senders are gone, so that it ends with what is waiting.
    let written = writing.await.unwrap_or_else(|_| Err(Error::other("the runtime shut down during a file operation")));
    let result = match (written, filled) {
        // A writer that failed is why the rest failed.
        (Err(error), _) | (Ok(()), Err(error)) => Err(error),
        (Ok(()), Ok((size, sums))) => finish(fetch, &partial, options, size, sums).await,
    };
    if let Err(error) = &result
        && error.kind() == ErrorKind::Integrity
    {
        partial.spoil();
    }
    result
}

/// The sums of all segments, with their lengths.
type Sums = BTreeMap<u64, (Option<u32>, u64)>;

/// Fetches what is missing and hands it to the writer. Returns the size of the file and what is known of its segments.
async fn fill<F: Send + Sync + 'static>(
    fetch: &Arc<Fetch<F>>,
    origin: &str,
    partial: &Arc<Partial>,
    writer: Writer,
    options: &FileOptions,
) -> Result<(u64, Sums)> {
    let sums = options.verifies && fetch.facts.crc32.is_some();
    // A file of one segment is asked for as a whole, which every storage can do.
    let parted = fetch.facts.size.filter(|size| *size > options.segment);
    // The first request is for something that is missing, whatever version it turns out to be of.
    let mut begun = match parted {
        Some(size) => {
            let (looking, segment) = (Arc::clone(partial), options.segment);
            blocking(move || looking.first_missing(size, segment)).await?
        }
        None => 0,
    };
    let start = begun * options.segment;
    let mut first = fetch.range(start, parted.map(|size| (start + options.segment).min(size)));
    first.open().await?;
    let version = fetch.version().cloned().unwrap_or_default();
    let whole = first.takes_whole() || parted.is_none();
    let Some(total) = version.total else {
        let (size, sum) = write(&mut first, &writer, 0, sums.then(crc32fast::Hasher::new), None).await?;
        return Ok((size, BTreeMap::from([(0, (sum, size))])));
    };
    fetch.meter.change(|progress| progress.total = Some(total));
    let splits = !whole && version.is_bound();
    if !splits && parted.is_some() && (!whole || begun > 0) {
        // All of it in one reply: the storage sends it so, or nothing would tell whether another range is of this version.
        (first, begun) = (fetch.range(0, None), 0);
    }
    let segment = if splits { options.segment } else { total.max(1) };
    let notes = Notes::new(origin, &version, total, segment).filter(|_| splits);
    let (resuming, wanted) = (Arc::clone(partial), notes.clone());
    let earlier = blocking(move || resuming.resume(wanted)).await??;

    let bounds = |index: u64| index * segment..((index + 1) * segment).min(total);
    let segments = total.div_ceil(segment).max(1);
    let mut done: BTreeMap<u64, Option<u32>> = BTreeMap::new();
    for (index, mut sum) in earlier.into_iter().filter(|(index, _)| *index < segments) {
        if sums && sum.is_none() {
            // The service named no sum of the file then, and does now.
            let (reading, range) = (Arc::clone(partial), bounds(index));
            sum = Some(blocking(move || reading.crc32_of(range)).await??);
        }
        done.insert(index, sum);
    }
    let resumed: u64 = done.keys().map(|index| bounds(*index)).map(|range| range.end - range.start).sum();
    fetch.meter.change(|progress| {
        progress.parts_total = Some(u32::try_from(segments).unwrap_or(u32::MAX));
        progress.parts = u32::try_from(done.len()).unwrap_or(u32::MAX);
    });
    fetch.meter.resumed(resumed);
    let mut missing = (0..segments).filter(|index| !done.contains_key(index)).collect::<Vec<_>>().into_iter();
    let mut first = (!done.contains_key(&begun)).then_some(first);
    let mut tasks: JoinSet<Result<Segment>> = JoinSet::new();
    let pace = (options.hedges && splits).then(Pace::default);
    loop {
        while tasks.len() < options.parallel {
            let Some(index) = missing.next() else { break };
            let Range { start, end } = bounds(index);
            // The first reply is under way already; the others begin now that the version is known.
            let mut ranged = match first.take_if(|_| index == begun) {
                Some(ranged) => ranged,
                None => fetch.range(start, if splits { Some(end) } else { None }),
            };
            let (writer, slots, pace) = (writer.clone(), options.slots.clone(), pace.clone());
            let sum = sums.then(crc32fast::Hasher::new);
            tasks.spawn(async move {
                let _slot = match slots {
                    Some(slots) => slots.acquire_owned().await.ok(),
                    None => None,
                };
                let (size, sum) = write(&mut ranged, &writer, start, sum, pace.as_ref()).await?;
                if size != end - start {
                    return Err(Error::local(ErrorKind::Integrity, "a part of the file came with another length"));
                }
                writer.done(index, sum).await?;
                Ok((index, sum))
            });
        }
        let Some(ended) = tasks.join_next().await else { break };
        let (index, sum) = match ended {
            Ok(segment) => segment?,
            Err(error) if error.is_panic() => return Err(Error::other("a task of the download panicked")),
            Err(_) => return Err(Error::other("the download was stopped")),
        };
        done.insert(index, sum);
        fetch.meter.change(|progress| progress.parts += 1);
    }
    let sums = done.into_iter().map(|(index, sum)| (index, (sum, bounds(index).end - bounds(index).start))).collect();
    Ok((total, sums))
}

/// Hands a range to the writer as it arrives, and returns how many bytes came.
async fn write<F: Send + Sync + 'static>(
    ranged: &mut Ranged<F>,
    writer: &Writer,
    start: u64,
    mut sum: Option<crc32fast::Hasher>,
    pace: Option<&Pace>,
) -> Result<(u64, Option<u32>)> {
    let (mut position, begun) = (start, Instant::now());
    let (mut held, mut size) = (Vec::new(), 0);
    while let Taken::Chunk(chunk) = next(ranged, start, begun, pace).await? {
        if let Some(sum) = &mut sum {
            sum.update(&chunk);
        }
        size += chunk.len();
        held.push(chunk);
        // Few large writes cost less than many small ones.
        if size >= CHUNK {
            writer.write(position, std::mem::take(&mut held)).await?;
            position += size as u64;
            size = 0;
        }
    }
    if size > 0 {
        writer.write(position, held).await?;
        position += size as u64;
    }
    if let Some(pace) = pace {
        pace.took(begun, position - start);
    }
    Ok((position - start, sum.map(crc32fast::Hasher::finalize)))
}

/// The next bytes of a range, which is asked for anew where it stands out.
async fn next<F: Send + Sync + 'static>(
    ranged: &mut Ranged<F>,
    start: u64,
    begun: Instant,
    pace: Option<&Pace>,
) -> Result<Taken> {
    let Some((pace, size)) = pace.zip(ranged.size_from(start)) else { return ranged.next().await };
    loop {
        let stands_out = async {
            pace.stands_out(begun, size).await;
            None
        };
        match race(async { Some(ranged.next().await) }, stands_out).await {
            Some(taken) => return taken,
            None => ranged.ask_anew(),
        }
    }
}

/// Compares what is there with what the service says of it, and makes the target of it.
async fn finish<F: Send + Sync + 'static>(
    fetch: &Fetch<F>,
    partial: &Arc<Partial>,
    options: &FileOptions,
    total: u64,
    sums: Sums,
) -> Result<u64> {
    let differs = |what: &str| {
        Error::local(
            ErrorKind::Integrity,
            format_args!("what was downloaded has another {what} than the service names"),
        )
    };
    if options.verifies {
        match (&fetch.facts.crc32, &fetch.facts.md5) {
            (Some(named), _) if sums.values().all(|(sum, _)| sum.is_some()) && !sums.is_empty() => {
                let mut whole = crc32fast::Hasher::new();
                for (sum, length) in sums.values() {
                    whole.combine(&crc32fast::Hasher::new_with_initial_len(sum.unwrap_or_default(), *length));
                }
                if !same_crc(named, whole.finalize()) {
                    return Err(differs("CRC32"));
                }
            }
            (_, Some(named)) => {
                let reading = Arc::clone(partial);
                let sum = blocking(move || md5_of(&reading, total)).await??;
                if !named.eq_ignore_ascii_case(&sum) {
                    return Err(differs("MD5"));
                }
            }
            _ => {}
        }
    }
    let (finishing, syncs) = (Arc::clone(partial), options.syncs);
    blocking(move || finishing.finish(total, syncs)).await??;
    Ok(total)
}

fn md5_of(partial: &Partial, total: u64) -> Result<String> {
    let mut sum = Md5::new();
    let mut buffer = vec![0; CHUNK];
    let mut at = 0;
    while at < total {
        let size = clamp(total - at).min(CHUNK);
        partial.file.read_at(&mut buffer[..size], at)?;
        sum.update(&buffer[..size]);
        at += size as u64;
    }
    Ok(hex(&sum.finalize()))
}
