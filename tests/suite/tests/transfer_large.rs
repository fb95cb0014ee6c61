//! Files of 1 GiB, once from every source and once to every sink, four parts at a time.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use brickftp::transfer::Source;
use brickftp::transport::BodyError;
use bytes::Bytes;
use futures_util::stream;
use mft_simulator::StorageSettings;
use mft_simulator::brickftp::Simulator;
use mft_tests::transfer::{COMPLETE, From, MIB, PART, Site, content};
use tokio::io::AsyncWrite;

const GIB: usize = 1 << 30;
/// What the file repeats. No part begins where another one does within the next 64.
const BLOCK: usize = 64 * MIB;

/// The bytes from a place on, to the end of a block at most.
fn at(block: &Bytes, position: usize, length: usize) -> Bytes {
    let begin = position % BLOCK;
    block.slice(begin..(begin + length.min(GIB - position)).min(BLOCK))
}

fn crc_of(block: &Bytes, mut position: usize, end: usize) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    while position < end {
        let bytes = at(block, position, end - position);
        crc.update(&bytes);
        position += bytes.len();
    }
    crc.finalize()
}

fn chunks(block: Bytes, mut position: usize) -> impl futures_util::Stream<Item = Result<Bytes, BodyError>> + Send {
    stream::iter(std::iter::from_fn(move || {
        let chunk = (position < GIB).then(|| at(&block, position, 300_001))?;
        position += chunk.len();
        Some(Ok(chunk))
    }))
}

fn source(site: &Site, from: From, block: &Bytes) -> Source {
    let block = block.clone();
    match from {
        From::File => {
            let path = site.place("source");
            let mut file = std::fs::File::create(&path).unwrap();
            (0..GIB / BLOCK).for_each(|_| file.write_all(&block).unwrap());
            Source::file(path)
        }
        From::Bytes => Source::bytes(block.repeat(GIB / BLOCK)),
        From::Reopened => Source::seekable(GIB as u64, move |position| {
            std::future::ready(Ok(chunks(block.clone(), usize::try_from(position).unwrap())))
        }),
        From::Sized => Source::stream(chunks(block, 0), Some(GIB as u64)),
        From::Unsized => Source::stream(chunks(block, 0), None),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gibibyte_arrives_from_every_source() {
    let block = content(BLOCK);
    for from in From::ALL {
        // The sums of the parts tell what came; the bytes need not be kept for that.
        let site = Site::with(Simulator::builder().storage(StorageSettings::new().drain())).await;
        let source = source(&site, from, &block);
        let file = site.client().files().upload("in/large", source).parallel(4).await.unwrap();
        assert_eq!((file.size, site.count_processed(COMPLETE)), (Some(GIB as u64), 1), "{from:?}");
        let parts: BTreeMap<_, _> = site.puts().into_iter().map(|put| (put.part, put)).collect();
        let mut position = 0;
        for (expected, (part, put)) in (1..).zip(parts) {
            let end = position + usize::try_from(put.size).unwrap();
            assert!(part == expected && put.stored, "{from:?}: {put:?}");
            assert_eq!(put.crc32, Some(crc_of(&block, position, end)), "{from:?}: {put:?}");
            assert!(put.size == PART as u64 || end == GIB || from == From::Unsized, "{from:?}: {put:?}");
            position = end;
        }
        assert_eq!(position, GIB, "{from:?}");
        site.assert_storage_was_told_nothing();
    }
}

/// A writer that only keeps the sum.
#[derive(Default)]
struct Sum(crc32fast::Hasher);

impl AsyncWrite for Sum {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.0.update(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gibibyte_arrives_at_every_sink() {
    let (site, block) = (Site::start().await, content(BLOCK));
    let client = site.client();
    client.files().upload("out/large", source(&site, From::Reopened, &block)).await.unwrap();
    let expected = crc_of(&block, 0, GIB);
    let request = || client.files().download("out/large").parallel(4);

    let target = site.place("target");
    assert_eq!(request().to_file(&target).await.unwrap().size, GIB as u64);
    let mut file = std::fs::File::open(&target).unwrap();
    let (mut crc, mut buffer) = (crc32fast::Hasher::new(), vec![0; MIB]);
    while let Ok(read @ 1..) = std::io::Read::read(&mut file, &mut buffer) {
        crc.update(&buffer[..read]);
    }
    assert_eq!(crc.finalize(), expected);
    assert_eq!(site.names(), ["target"]);

    let mut sum = Sum::default();
    assert_eq!(request().to_writer(&mut sum).await.unwrap().size, GIB as u64);
    assert_eq!(sum.0.finalize(), expected);

    let (mut stream, mut crc) = (request().stream().await.unwrap(), crc32fast::Hasher::new());
    while let Some(chunk) = stream.try_next().await.unwrap() {
        crc.update(&chunk);
    }
    assert_eq!((stream.received(), crc.finalize()), (GIB as u64, expected));
}
