//! Files of 1 GiB from every source and to every sink, with four parallel parts.

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
use mft_tests::transfer::{COMPLETE, MIB, PART, Site, SourceKind, content};
use tokio::io::AsyncWrite;

const GIB: usize = 1 << 30;
/// The repeated block. No two of 64 consecutive parts start at the same offset.
const BLOCK: usize = 64 * MIB;

/// Returns the bytes from a position up to the end of the block at most.
fn block_slice(block: &Bytes, position: usize, length: usize) -> Bytes {
    let begin = position % BLOCK;
    block.slice(begin..(begin + length.min(GIB - position)).min(BLOCK))
}

fn crc_of(block: &Bytes, mut position: usize, end: usize) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    while position < end {
        let bytes = block_slice(block, position, end - position);
        crc.update(&bytes);
        position += bytes.len();
    }
    crc.finalize()
}

fn chunks(block: Bytes, mut position: usize) -> impl futures_util::Stream<Item = Result<Bytes, BodyError>> + Send {
    stream::iter(std::iter::from_fn(move || {
        let chunk = (position < GIB).then(|| block_slice(&block, position, 300_001))?;
        position += chunk.len();
        Some(Ok(chunk))
    }))
}

fn source(site: &Site, source_kind: SourceKind, block: &Bytes) -> Source {
    let block = block.clone();
    match source_kind {
        SourceKind::File => {
            let path = site.local_path("source");
            let mut file = std::fs::File::create(&path).unwrap();
            (0..GIB / BLOCK).for_each(|_| file.write_all(&block).unwrap());
            Source::file(path)
        }
        SourceKind::Bytes => Source::bytes(block.repeat(GIB / BLOCK)),
        SourceKind::Seekable => Source::seekable(GIB as u64, move |position| {
            std::future::ready(Ok(chunks(block.clone(), usize::try_from(position).unwrap())))
        }),
        SourceKind::KnownSize => Source::stream(chunks(block, 0), Some(GIB as u64)),
        SourceKind::UnknownSize => Source::stream(chunks(block, 0), None),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_gibibyte_uploads_from_every_source() {
    let block = content(BLOCK);
    for source_kind in SourceKind::ALL {
        // The checksums of the parts verify the content, so the storage need not keep the bytes.
        let site = Site::with(Simulator::builder().storage(StorageSettings::new().drain())).await;
        let source = source(&site, source_kind, &block);
        let file = site.client().files().upload("in/large", source).parallel(4).await.unwrap();
        assert_eq!((file.size, site.count_processed(COMPLETE)), (Some(GIB as u64), 1), "{source_kind:?}");
        let parts: BTreeMap<_, _> = site.puts().into_iter().map(|put| (put.part, put)).collect();
        let mut position = 0;
        for (expected, (part, put)) in (1..).zip(parts) {
            let end = position + usize::try_from(put.size).unwrap();
            assert!(part == expected && put.stored, "{source_kind:?}: {put:?}");
            assert_eq!(put.crc32, Some(crc_of(&block, position, end)), "{source_kind:?}: {put:?}");
            assert!(
                put.size == PART as u64 || end == GIB || source_kind == SourceKind::UnknownSize,
                "{source_kind:?}: {put:?}"
            );
            position = end;
        }
        assert_eq!(position, GIB, "{source_kind:?}");
        site.assert_no_credentials_in_storage_requests();
    }
}

/// A writer that only computes a checksum.
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
async fn one_gibibyte_downloads_to_every_sink() {
    let (site, block) = (Site::start().await, content(BLOCK));
    let client = site.client();
    client.files().upload("out/large", source(&site, SourceKind::Seekable, &block)).await.unwrap();
    let expected = crc_of(&block, 0, GIB);
    let request = || client.files().download("out/large").parallel(4);

    let target = site.local_path("target");
    assert_eq!(request().to_file(&target).await.unwrap().size, GIB as u64);
    let mut file = std::fs::File::open(&target).unwrap();
    let (mut crc, mut buffer) = (crc32fast::Hasher::new(), vec![0; MIB]);
    while let Ok(read @ 1..) = std::io::Read::read(&mut file, &mut buffer) {
        crc.update(&buffer[..read]);
    }
    assert_eq!(crc.finalize(), expected);
    assert_eq!(site.file_names(), ["target"]);

    let mut sum = Sum::default();
    assert_eq!(request().to_writer(&mut sum).await.unwrap().size, GIB as u64);
    assert_eq!(sum.0.finalize(), expected);

    let (mut stream, mut crc) = (request().stream().await.unwrap(), crc32fast::Hasher::new());
    while let Some(chunk) = stream.try_next().await.unwrap() {
        crc.update(&chunk);
    }
    assert_eq!((stream.received(), crc.finalize()), (GIB as u64, expected));
}
