//! Boundary file sizes from all sources and to all sinks, with few and many parallel parts.

use std::collections::BTreeSet;

use brickftp::{Client, Format};
use bytes::Bytes;
use mft_simulator::brickftp::Simulator;
use mft_tests::transfer::{COMPLETE, GET, MIB, PART, Site, SourceKind, content};

const SIZES: [usize; 6] = [0, 1, PART - 1, PART, PART + 1, 64 * MIB];
const PARALLEL: [usize; 3] = [1, 4, 16];

async fn upload(site: &Site, client: &Client, source_kind: SourceKind, bytes: &Bytes, parallel: usize, case: &str) {
    site.clear_journal();
    let mut upload = client.files().upload("in/file", source_kind.source(site, bytes)).parallel(parallel).start();
    let watch = upload.progress();
    let file = (&mut upload).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
    assert_eq!((file.path.as_str(), file.size), ("in/file", Some(bytes.len() as u64)), "{case}");
    site.assert_done("in/file", bytes, case);
    site.assert_parts(bytes, PART, case);
    let puts = site.puts();
    assert_eq!(puts.len(), bytes.len().div_ceil(PART).max(1), "{case}");
    assert_eq!(site.count("brickftp.uploads.start"), 1, "{case}");
    assert_eq!(
        site.count("brickftp.uploads.part"),
        puts.len() - 1,
        "{case}: the first URL is part of the start response"
    );
    let now = watch.now();
    assert_eq!((now.bytes, now.parts as usize, now.retries), (bytes.len() as u64, puts.len(), 0), "{case}");
    if source_kind != SourceKind::UnknownSize {
        assert_eq!((now.total, now.fraction()), (Some(bytes.len() as u64), Some(1.0)), "{case}");
    }
    assert!(upload.resume_token().is_none(), "{case}: a completed upload has no resume token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_size_uploads_from_every_source() {
    for size in SIZES {
        let (site, bytes) = (Site::start().await, content(size));
        let client = site.client();
        for source_kind in SourceKind::ALL {
            for parallel in PARALLEL {
                upload(
                    &site,
                    &client,
                    source_kind,
                    &bytes,
                    parallel,
                    &format!("{size} from {source_kind:?}, {parallel} parallel"),
                )
                .await;
            }
        }
    }
}

/// The same in XML, on one thread.
#[tokio::test]
async fn transfers_work_with_xml() {
    let site = Site::start().await;
    let client = site.client_with(|client| client.format(Format::Xml));
    for size in [0, PART + 1] {
        upload(&site, &client, SourceKind::File, &content(size), 4, &format!("{size} in XML")).await;
        let target = site.local_path("target");
        client.files().download("in/file").to_file(&target).await.unwrap();
        assert!(std::fs::read(&target).unwrap() == content(size), "{size}");
    }
    assert_eq!(site.count_processed(COMPLETE), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_size_downloads_to_every_sink() {
    for size in SIZES {
        let (site, bytes) = (Site::start().await, content(size));
        site.state().add_file("out/file", bytes.clone());
        let client = site.client();
        for parallel in PARALLEL {
            let case = format!("{size}, {parallel} parallel");
            let request = || client.files().download("out/file").parallel(parallel).range_size(PART as u64);

            site.clear_journal();
            let target = site.file("target", b"old content");
            let download = request().to_file(&target);
            let watch = download.progress();
            let summary = download.join().await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
            assert_eq!((summary.size, summary.file.path.as_str()), (size as u64, "out/file"), "{case}");
            assert!(std::fs::read(&target).unwrap() == bytes, "{case}");
            assert_eq!(site.file_names(), ["target"], "{case}");
            let expected: BTreeSet<String> = match size {
                0..=PART => [String::new()].into(),
                _ => (0..size.div_ceil(PART))
                    .map(|index| format!("bytes={}-{}", index * PART, ((index + 1) * PART).min(size) - 1))
                    .collect(),
            };
            let ranges = site.ranges();
            assert_eq!(
                (ranges.len(), ranges.into_iter().collect::<BTreeSet<_>>()),
                (expected.len(), expected),
                "{case}"
            );
            let now = watch.now();
            assert_eq!((now.bytes, now.total, now.retries), (size as u64, Some(size as u64), 0), "{case}");

            site.clear_journal();
            assert!(request().bytes(64 * MIB).await.unwrap() == bytes, "{case}");
            let mut output = Vec::new();
            let summary = request().to_writer(&mut output).await.unwrap();
            assert!(output == bytes && summary.size == size as u64, "{case}");
            let mut stream = request().stream().await.unwrap();
            assert_eq!(stream.size(), Some(size as u64), "{case}");
            let mut read = Vec::new();
            while let Some(chunk) = stream.try_next().await.unwrap() {
                read.extend_from_slice(&chunk);
            }
            assert!(read == bytes && stream.received() == size as u64, "{case}");
            assert_eq!(site.count(GET), 3, "{case}: a sequential sink needs one request");
            site.assert_no_credentials_in_storage_requests();
        }
    }
}

/// The part size follows the instructions of the service, and must fit its limit on the number of parts.
#[tokio::test]
async fn part_size_follows_service_limits_and_caller_settings() {
    let bytes = content(24 * MIB);
    for (settings, part_size, size) in [
        (Simulator::builder().part_size(8 << 20), None, 8 * MIB),
        (Simulator::builder(), Some(7 << 20), 7 * MIB),
        (Simulator::builder().available_parts(2), None, 12 * MIB),
        (Simulator::builder().available_parts(1), None, 24 * MIB),
    ] {
        let site = Site::with(settings).await;
        let client = site.client();
        for source_kind in [SourceKind::File, SourceKind::KnownSize] {
            let mut request = client.files().upload("in/file", source_kind.source(&site, &bytes));
            if let Some(part_size) = part_size {
                request = request.part_size(part_size);
            }
            site.clear_journal();
            request.await.unwrap();
            site.assert_done("in/file", &bytes, "parts");
            site.assert_parts(&bytes, size, "parts");
        }
    }
}
