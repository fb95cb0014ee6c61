//! Download faults: the result is the complete file in one version, or an error and no file.

use std::time::Duration;

use brickftp::{ErrorKind, File, Outcome, Result};
use bytes::Bytes;
use mft_simulator::brickftp::Simulator;
use mft_simulator::{DownloadUrls, Fault, FaultRule, StorageSettings};
use mft_tests::net::Honeypot;
use mft_tests::transfer::{GET, MIB, Site, content};
use serde_json::json;

const SIZE: usize = 3 * MIB + 77;
const OLD: &[u8] = b"old content";

/// The sinks of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sink {
    /// A file in ranges of 1 MiB, with the given parallelism.
    Ranges(usize),
    /// A file in a single request.
    Whole,
    Stream,
    Writer,
}

const SINKS: [Sink; 5] = [Sink::Ranges(1), Sink::Ranges(3), Sink::Whole, Sink::Stream, Sink::Writer];

impl Sink {
    async fn fetch(self, site: &Site) -> Result<Bytes> {
        let client = site.client_with(|client| client.idle_timeout(Duration::from_millis(400)));
        let request = client.files().download("out/file");
        let target = site.local_path("target");
        match self {
            Self::Ranges(parallel) => {
                request.range_size(MIB as u64).parallel(parallel).to_file(&target).await?;
            }
            Self::Whole => {
                request.range_size(64 << 20).to_file(&target).await?;
            }
            Self::Stream => return request.bytes(64 * MIB).await,
            Self::Writer => {
                let mut bytes = Vec::new();
                let summary = request.to_writer(&mut bytes).await?;
                assert_eq!(summary.size, bytes.len() as u64);
                return Ok(bytes.into());
            }
        }
        Ok(std::fs::read(&target).unwrap().into())
    }

    fn is_file(self) -> bool {
        matches!(self, Self::Ranges(_) | Self::Whole)
    }
}

#[derive(Debug, Clone, Copy)]
enum Expectation {
    Success,
    Failure(ErrorKind),
    /// The client detects a wrong length, a wrong checksum or a contradiction.
    Detected,
    /// An error or the complete file, because detection depends on the sink.
    Either,
}
use Expectation::{Detected, Either, Failure, Success};

async fn check_download(settings: &StorageSettings, rule: &FaultRule, expectation: Expectation, sinks: &[Sink]) {
    for sink in sinks {
        let site = Site::with(Simulator::builder().storage(settings.clone())).await;
        let case = format!("{rule} into {sink:?}");
        let bytes = content(SIZE);
        site.state().add_file("out/file", bytes.clone());
        let target = site.file("target", OLD);
        site.faults().push(rule.clone());
        let result = sink.fetch(&site).await;
        match (&result, expectation) {
            (Ok(received), Success | Either) => {
                assert!(*received == bytes, "{case}: wrong content, {} of them", received.len());
            }
            (Err(error), Failure(kind)) => assert_eq!(error.kind(), kind, "{case}: {error:?}"),
            (Err(error), Detected) if matches!(error.kind(), ErrorKind::Integrity | ErrorKind::Protocol) => {}
            (Err(_), Either) => {}
            (result, _) => panic!("{case}: {result:?} expected {expectation:?}"),
        }
        if let Err(error) = &result {
            assert_eq!(error.outcome(), Outcome::NotDone, "{case}");
            site.assert_no_secrets(error);
            assert!(std::fs::read(&target).unwrap() == OLD, "{case}: the old file was modified");
            if error.kind() == ErrorKind::Integrity {
                assert_eq!(site.file_names(), ["target"], "{case}: unusable data was kept");
            }
        } else if sink.is_file() {
            assert_eq!(site.file_names(), ["target"], "{case}");
        }
        site.assert_no_credentials_in_storage_requests();
    }
}

#[tokio::test]
async fn interrupted_downloads_continue() {
    let settings = StorageSettings::new();
    for fault in [
        Fault::truncated(),
        Fault::truncated_unsized(),
        Fault::reset_mid_body(),
        Fault::reset(),
        Fault::stall(),
        Fault::status(500),
        Fault::status(503).retry_after(0),
        Fault::storage_code("SlowDown"),
        Fault::status(429),
        Fault::expired_url(),
        Fault::status(403).body(""),
        Fault::status(403).html(),
        Fault::ignored_header("range"),
        Fault::close_after_response(),
        Fault::drip(700_000, Duration::from_millis(2)),
        Fault::replaced_header("content-encoding", "gzip"),
        Fault::replaced_header("content-type", "text/html"),
        Fault::excess_body(),
    ] {
        check_download(&settings, &fault.clone().on(GET).once(), Success, &SINKS).await;
        // Only ranged downloads send a second request.
        check_download(&settings, &fault.on(GET).nth(2), Success, &[Sink::Ranges(1), Sink::Ranges(3)]).await;
    }
    // An interrupted stream continues at its position, and repeats this if each attempt makes progress.
    check_download(&settings, &Fault::truncated().on(GET).times(6), Success, &SINKS).await;
    check_download(&settings, &Fault::reset_mid_body().on(GET).times(6), Either, &SINKS).await;
}

#[tokio::test]
async fn inconsistent_responses_are_errors() {
    let settings = StorageSettings::new();
    for (rule, expectation, sinks) in [
        (Fault::html_page().on(GET), Detected, &SINKS[..]),
        (Fault::replaced_body("").on(GET), Detected, &SINKS),
        (Fault::html_page().on(GET).nth(2), Detected, &SINKS[..2]),
        (Fault::changed_content().on(GET).nth(2), Failure(ErrorKind::Integrity), &SINKS[..2]),
        (Fault::corrupted().on(GET).once(), Failure(ErrorKind::Integrity), &SINKS),
        (Fault::corrupted().on(GET).nth(3), Failure(ErrorKind::Integrity), &SINKS[..2]),
        (Fault::shifted_content_range().on(GET), Failure(ErrorKind::Protocol), &SINKS[..2]),
        (
            Fault::replaced_header("content-range", "bytes 0-9/10").on(GET).nth(2),
            Failure(ErrorKind::Protocol),
            &SINKS[..2],
        ),
        (Fault::removed_header("content-range").on(GET).nth(2), Failure(ErrorKind::Protocol), &SINKS[..2]),
        (Fault::replaced_header("content-range", "bytes */9").on(GET), Failure(ErrorKind::Protocol), &SINKS[..2]),
        (Fault::replaced_status(204).on(GET), Failure(ErrorKind::Protocol), &SINKS),
        (Fault::status(304).on(GET), Failure(ErrorKind::UnexpectedStatus), &SINKS),
        (Fault::storage_code("NoSuchKey").on(GET), Failure(ErrorKind::NotFound), &SINKS),
        (Fault::storage_code("AccessDenied").on(GET), Failure(ErrorKind::PermissionDenied), &SINKS),
        (Fault::storage_code("InvalidRange").on(GET).nth(2), Failure(ErrorKind::Integrity), &SINKS[..2]),
        (Fault::storage_code("PreconditionFailed").on(GET).nth(2), Failure(ErrorKind::Integrity), &SINKS[..2]),
        (Fault::status(500).on(GET), Failure(ErrorKind::Server), &SINKS),
        (Fault::status(503).retry_after(9999).on(GET), Failure(ErrorKind::RateLimited), &SINKS),
        (Fault::reset().on(GET), Failure(ErrorKind::Interrupted), &SINKS),
        (Fault::stall().on(GET), Failure(ErrorKind::Timeout), &SINKS),
        (Fault::expired_url().on(GET), Failure(ErrorKind::PermissionDenied), &SINKS),
        (Fault::garbage().on(GET), Either, &SINKS),
        (Fault::storage_error().on(GET), Detected, &SINKS),
        (Fault::replaced_status(206).on(GET).once(), Either, &SINKS),
        (Fault::removed_header("etag").on(GET).nth(2), Either, &SINKS[..2]),
    ] {
        check_download(&settings, &rule, expectation, sinks).await;
    }
}

/// The file is replaced and the storage ignores `If-Match`. Ranges of two versions are never mixed.
#[tokio::test]
async fn versions_are_never_mixed() {
    for tag in [true, false] {
        for sink in [Sink::Ranges(1), Sink::Ranges(3), Sink::Stream] {
            let site = Site::start().await;
            site.state().add_file("out/file", content(SIZE));
            if !tag {
                site.faults().push(Fault::removed_header("etag").on(GET));
            }
            site.faults().push(Fault::ignored_header("if-match").on(GET));
            site.faults().push(Fault::truncated().on(GET).once());
            site.faults().push(Fault::changed_content().on(GET).after_skip(1));
            let case = format!("tag {tag}, {sink:?}");
            match sink.fetch(&site).await {
                // Either version, but complete.
                Ok(received) => assert!(!tag && received == content(SIZE), "{case}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Integrity, "{case}: {error:?}"),
            }
        }
    }
}

/// Ranges are pinned with the strong validator of the first response.
#[tokio::test]
async fn ranges_are_pinned_with_if_match() {
    let site = Site::start().await;
    site.state().add_file("out/file", content(SIZE));
    Sink::Ranges(2).fetch(&site).await.unwrap();
    let journal = site.journal();
    let gets: Vec<_> = journal.iter().filter(|exchange| exchange.operation == Some(GET)).collect();
    assert_eq!(gets.len(), 4);
    assert!(gets[0].header("if-match").is_none());
    assert!(gets[1..].iter().all(|get| get.header("if-match").is_some_and(|tag| tag.len() > 10)));
    assert!(gets.iter().all(|get| get.header("accept-encoding") == Some("identity")));
    // Only the missing bytes are requested again.
    let site = Site::start().await;
    site.state().add_file("out/file", content(SIZE));
    site.faults().push(Fault::truncated().on(GET).once());
    Sink::Stream.fetch(&site).await.unwrap();
    assert_eq!(site.ranges(), [String::new(), format!("bytes={}-", SIZE / 2)]);
}

/// Without `ETag` and `Last-Modified`, versions are indistinguishable, so the file must be fetched in a single request.
#[tokio::test]
async fn storage_without_validators_gets_a_single_request() {
    let bytes = content(SIZE);
    for sink in SINKS {
        let site = Site::start().await;
        site.state().add_file("out/file", bytes.clone());
        site.faults().push(Fault::removed_header("etag").on(GET));
        site.faults().push(Fault::removed_header("last-modified").on(GET));
        assert!(sink.fetch(&site).await.unwrap() == bytes, "{sink:?}");
        assert!(site.ranges().iter().filter(|range| range.is_empty()).count() == 1, "{sink:?}: {:?}", site.ranges());
        site.faults().push(Fault::truncated().on(GET));
        let error = sink.fetch(&site).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{sink:?}: {error:?}");
    }
}

/// The URL expires during the download, by the simulated clock, in both formats of an expiry.
#[tokio::test]
async fn expired_download_url_is_renewed_once() {
    let bytes = content(SIZE);
    for urls in [DownloadUrls::ExpiresSeconds, DownloadUrls::DateAndLifetime] {
        for sink in SINKS {
            let storage = StorageSettings::new().download_urls(urls);
            let site = Site::with(Simulator::builder().storage(storage)).await;
            site.state().add_file("out/file", bytes.clone());
            let target = site.local_path("target");
            let client = site.client();
            let request = client.files().download("out/file");
            let received: Bytes = if sink.is_file() {
                let parallel = if let Sink::Ranges(parallel) = sink { parallel } else { 1 };
                site.faults().push(Fault::reset_mid_body().on(GET).nth(2));
                let download = request.range_size(MIB as u64).parallel(parallel).to_file(&target);
                let mut watch = download.progress();
                while watch.now().parts == 0 && watch.changed().await.is_some() {}
                site.advance(Duration::from_secs(3600));
                download.await.unwrap();
                std::fs::read(&target).unwrap().into()
            } else {
                site.faults().push(Fault::truncated().on(GET).once());
                let mut stream = request.stream().await.unwrap();
                site.advance(Duration::from_secs(3600));
                let mut received = Vec::new();
                while let Some(chunk) = stream.try_next().await.unwrap() {
                    received.extend_from_slice(&chunk);
                }
                received.into()
            };
            assert!(received == bytes, "{urls:?} {sink:?}");
            assert!(site.count("brickftp.files.download_url") <= 2, "{urls:?} {sink:?}");
        }
    }
}

/// The metadata of the service is compared with the received bytes.
#[tokio::test]
async fn checksums_and_sizes_are_verified() {
    let set = |key: &str, value: serde_json::Value| Fault::set_key(key, value).on("brickftp.files.download_url");
    let crc32 = |bytes: &[u8]| json!(format!("{:x}", crc32fast::hash(bytes)));
    for sink in SINKS {
        for (rules, expectation) in [
            (vec![set("crc32", json!("00000bad"))], Failure(ErrorKind::Integrity)),
            (vec![set("crc32", json!(null)), set("md5", json!("0bad"))], Failure(ErrorKind::Integrity)),
            (vec![set("crc32", json!("not hexadecimal"))], Failure(ErrorKind::Integrity)),
            (vec![set("size", json!(SIZE - 1))], Failure(ErrorKind::Integrity)),
            (vec![set("size", json!(SIZE + 1))], Failure(ErrorKind::Integrity)),
            (vec![set("size", json!(null))], Success),
            (vec![set("crc32", json!(null)), set("md5", json!(null))], Success),
            (vec![set("crc32", json!("")), set("md5", json!(""))], Success),
            (vec![set("crc32", crc32(&content(SIZE))), set("md5", json!("an older sum"))], Success),
            (vec![set("size", json!(null)), Fault::removed_header("content-length").on(GET)], Either),
            (
                vec![set("size", json!(null)), set("crc32", json!("00000bad")), Fault::ignored_header("range").on(GET)],
                Failure(ErrorKind::Integrity),
            ),
        ] {
            let site = Site::start().await;
            site.state().add_file("out/file", content(SIZE));
            let case = format!("{rules:?} into {sink:?}");
            for rule in rules {
                site.faults().push(rule);
            }
            match (sink.fetch(&site).await, expectation) {
                (Ok(received), Success | Either) => assert!(received == content(SIZE), "{case}"),
                (Err(error), Failure(kind)) => assert_eq!(error.kind(), kind, "{case}: {error:?}"),
                (Err(_), Either) => {}
                (result, _) => panic!("{case}: {result:?}"),
            }
            if !matches!(expectation, Success | Either) && sink.is_file() {
                assert!(site.file_names().is_empty(), "{case}: {:?}", site.file_names());
            }
        }
    }
}

/// Invalid or unsafe URLs from the service are not requested.
#[tokio::test]
async fn invalid_download_urls_are_rejected() {
    let honeypot = Honeypot::open().await;
    for (uri, plain) in [
        ("ftp://127.0.0.1/a".to_owned(), true),
        ("file:///etc/passwd".to_owned(), true),
        (format!("http://user:word@{}/a", honeypot.address()), true),
        (format!("http://{}/a/../b", honeypot.address()), true),
        (format!("http://{}/{}", honeypot.address(), "a".repeat(65_536)), true),
        (String::new(), true),
    ] {
        let site = Site::start().await;
        site.state().add_file("out/file", "abc");
        site.faults().push(Fault::set_key("download_uri", json!(uri)).on("brickftp.files.download_url"));
        let error = site.client().files().download("out/file").bytes(9).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{uri} {plain}: {error:?}");
        assert!(!error.to_string().contains("word"), "{error}");
    }
    for status in [301, 302, 307] {
        let site = Site::start().await;
        site.state().add_file("out/file", "abc");
        site.faults().push(Fault::redirect(status, &format!("http://{}/x?secret=1", honeypot.address())).on(GET));
        let error = site.client().files().download("out/file").to_file(site.local_path("target")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedStatus, "{error:?}");
        assert!(site.file_names().is_empty());
    }
    assert!(honeypot.received().is_empty());
}

/// Folders and missing files cannot be downloaded.
#[tokio::test]
async fn folders_and_missing_files_are_errors() {
    let site = Site::start().await;
    site.state().add_folder("out/folder");
    for path in ["out/folder", "out/missing"] {
        let error = site.client().files().download(path).to_file(site.local_path("target")).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotDone, "{error:?}");
        assert!(site.file_names().is_empty(), "{path}");
    }
    let file: Result<File> = site.client().files().stat("out/missing").await;
    assert!(file.unwrap_err().is_not_found());
}
