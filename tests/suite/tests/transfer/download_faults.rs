//! Downloads that go wrong: what comes is the file, whole and of one version, or an error and no file.

use std::time::Duration;

use brickftp::{ErrorKind, File, Outcome, Result};
use bytes::Bytes;
use mft_simulator::brickftp::Simulator;
use mft_simulator::{DownloadUrls, Fault, FaultRule, StorageSettings};
use mft_tests::support::Trap;
use mft_tests::transfer::{GET, MIB, Site, content};
use serde_json::json;

const SIZE: usize = 3 * MIB + 77;
const OLD: &[u8] = b"what was there before";

/// Where a download goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sink {
    /// A file, by ranges of 1 MiB, so many at once.
    Ranges(usize),
    /// A file, in one piece.
    Whole,
    Stream,
    Writer,
}

const SINKS: [Sink; 5] = [Sink::Ranges(1), Sink::Ranges(3), Sink::Whole, Sink::Stream, Sink::Writer];

impl Sink {
    async fn fetch(self, site: &Site) -> Result<Bytes> {
        let client = site.client_with(|client| client.idle_timeout(Duration::from_millis(400)));
        let request = client.files().download("out/file");
        let target = site.place("target");
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
                let done = request.to_writer(&mut bytes).await?;
                assert_eq!(done.size, bytes.len() as u64);
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
enum Ends {
    Right,
    Fails(ErrorKind),
    /// It is seen by a length, by a sum or by what does not fit together.
    Distrusted,
    /// An error here, the file there: what it takes to see the fault differs.
    Truthful,
}
use Ends::{Distrusted, Fails, Right, Truthful};

async fn meets(settings: &StorageSettings, rule: &FaultRule, ends: Ends, sinks: &[Sink]) {
    for sink in sinks {
        let site = Site::with(Simulator::builder().storage(settings.clone())).await;
        let case = format!("{rule} into {sink:?}");
        let bytes = content(SIZE);
        site.state().add_file("out/file", bytes.clone());
        let target = site.file("target", OLD);
        site.faults().push(rule.clone());
        let result = sink.fetch(&site).await;
        match (&result, ends) {
            (Ok(got), Right | Truthful) => assert!(*got == bytes, "{case}: other bytes, {} of them", got.len()),
            (Err(error), Fails(kind)) => assert_eq!(error.kind(), kind, "{case}: {error:?}"),
            (Err(error), Distrusted) if matches!(error.kind(), ErrorKind::Integrity | ErrorKind::Protocol) => {}
            (Err(_), Truthful) => {}
            (result, _) => panic!("{case}: {result:?} and not {ends:?}"),
        }
        if let Err(error) = &result {
            assert_eq!(error.outcome(), Outcome::NotDone, "{case}");
            site.assert_silent(error);
            assert!(std::fs::read(&target).unwrap() == OLD, "{case}: the old file was touched");
            if error.kind() == ErrorKind::Integrity {
                assert_eq!(site.names(), ["target"], "{case}: what fits nothing was kept");
            }
        } else if sink.is_file() {
            assert_eq!(site.names(), ["target"], "{case}");
        }
        site.assert_storage_was_told_nothing();
    }
}

#[tokio::test]
async fn what_breaks_off_is_gone_on_with() {
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
        Fault::close_after_reply(),
        Fault::drip(700_000, Duration::from_millis(2)),
        Fault::replaced_header("content-encoding", "gzip"),
        Fault::replaced_header("content-type", "text/html"),
        Fault::excess_body(),
    ] {
        meets(&settings, &fault.clone().on(GET).once(), Right, &SINKS).await;
        // Only what is fetched in pieces gets so far.
        meets(&settings, &fault.on(GET).nth(2), Right, &[Sink::Ranges(1), Sink::Ranges(3)]).await;
    }
    // A stream that breaks off goes on where it stopped, again and again as long as bytes come.
    meets(&settings, &Fault::truncated().on(GET).times(6), Right, &SINKS).await;
    meets(&settings, &Fault::reset_mid_body().on(GET).times(6), Truthful, &SINKS).await;
}

#[tokio::test]
async fn what_cannot_be_trusted_is_an_error() {
    let settings = StorageSettings::new();
    for (rule, ends, sinks) in [
        (Fault::html_page().on(GET), Distrusted, &SINKS[..]),
        (Fault::replaced_body("").on(GET), Distrusted, &SINKS),
        (Fault::html_page().on(GET).nth(2), Distrusted, &SINKS[..2]),
        (Fault::changed_content().on(GET).nth(2), Fails(ErrorKind::Integrity), &SINKS[..2]),
        (Fault::corrupted().on(GET).once(), Fails(ErrorKind::Integrity), &SINKS),
        (Fault::corrupted().on(GET).nth(3), Fails(ErrorKind::Integrity), &SINKS[..2]),
        (Fault::shifted_content_range().on(GET), Fails(ErrorKind::Protocol), &SINKS[..2]),
        (
            Fault::replaced_header("content-range", "bytes 0-9/10").on(GET).nth(2),
            Fails(ErrorKind::Protocol),
            &SINKS[..2],
        ),
        (Fault::removed_header("content-range").on(GET).nth(2), Fails(ErrorKind::Protocol), &SINKS[..2]),
        (Fault::replaced_header("content-range", "bytes */9").on(GET), Fails(ErrorKind::Protocol), &SINKS[..2]),
        (Fault::replaced_status(204).on(GET), Fails(ErrorKind::Protocol), &SINKS),
        (Fault::status(304).on(GET), Fails(ErrorKind::UnexpectedStatus), &SINKS),
        (Fault::storage_code("NoSuchKey").on(GET), Fails(ErrorKind::NotFound), &SINKS),
        (Fault::storage_code("AccessDenied").on(GET), Fails(ErrorKind::PermissionDenied), &SINKS),
        (Fault::storage_code("InvalidRange").on(GET).nth(2), Fails(ErrorKind::Integrity), &SINKS[..2]),
        (Fault::storage_code("PreconditionFailed").on(GET).nth(2), Fails(ErrorKind::Integrity), &SINKS[..2]),
        (Fault::status(500).on(GET), Fails(ErrorKind::Server), &SINKS),
        (Fault::status(503).retry_after(9999).on(GET), Fails(ErrorKind::RateLimited), &SINKS),
        (Fault::reset().on(GET), Fails(ErrorKind::Interrupted), &SINKS),
        (Fault::stall().on(GET), Fails(ErrorKind::Timeout), &SINKS),
        (Fault::expired_url().on(GET), Fails(ErrorKind::PermissionDenied), &SINKS),
        (Fault::garbage().on(GET), Truthful, &SINKS),
        (Fault::storage_error().on(GET), Distrusted, &SINKS),
        (Fault::replaced_status(206).on(GET).once(), Truthful, &SINKS),
        (Fault::removed_header("etag").on(GET).nth(2), Truthful, &SINKS[..2]),
    ] {
        meets(&settings, &rule, ends, sinks).await;
    }
}

/// Somebody replaces the file, and the storage takes no notice of `If-Match`: pieces of two versions are never joined.
#[tokio::test]
async fn two_versions_are_never_joined() {
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
                // Of the one or of the other, but whole.
                Ok(got) => assert!(!tag && got == content(SIZE), "{case}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Integrity, "{case}: {error:?}"),
            }
        }
    }
}

/// Ranges are bound to the version that the first reply named.
#[tokio::test]
async fn ranges_ask_for_one_version() {
    let site = Site::start().await;
    site.state().add_file("out/file", content(SIZE));
    Sink::Ranges(2).fetch(&site).await.unwrap();
    let journal = site.journal();
    let gets: Vec<_> = journal.iter().filter(|exchange| exchange.operation == Some(GET)).collect();
    assert_eq!(gets.len(), 4);
    assert!(gets[0].header("if-match").is_none());
    assert!(gets[1..].iter().all(|get| get.header("if-match").is_some_and(|tag| tag.len() > 10)));
    assert!(gets.iter().all(|get| get.header("accept-encoding") == Some("identity")));
    // Only the bytes that were missing are asked for again.
    let site = Site::start().await;
    site.state().add_file("out/file", content(SIZE));
    site.faults().push(Fault::truncated().on(GET).once());
    Sink::Stream.fetch(&site).await.unwrap();
    assert_eq!(site.ranges(), [String::new(), format!("bytes={}-", SIZE / 2)]);
}

/// Without tag and time nothing tells versions apart: one reply has to do.
#[tokio::test]
async fn a_storage_without_versions_is_asked_once() {
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

/// The address expires on the way, really: by the clock of the simulator, in both spellings of an expiry.
#[tokio::test]
async fn an_address_that_expires_on_the_way_is_renewed_once() {
    let bytes = content(SIZE);
    for urls in [DownloadUrls::ExpiresSeconds, DownloadUrls::DateAndLife] {
        for sink in SINKS {
            let storage = StorageSettings::new().download_urls(urls);
            let site = Site::with(Simulator::builder().storage(storage)).await;
            site.state().add_file("out/file", bytes.clone());
            let target = site.place("target");
            let client = site.client();
            let request = client.files().download("out/file");
            let got: Bytes = if sink.is_file() {
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
                let mut got = Vec::new();
                while let Some(chunk) = stream.try_next().await.unwrap() {
                    got.extend_from_slice(&chunk);
                }
                got.into()
            };
            assert!(got == bytes, "{urls:?} {sink:?}");
            assert!(site.count("brickftp.files.download_url") <= 2, "{urls:?} {sink:?}");
        }
    }
}

/// What the service says of the file is compared with what came.
#[tokio::test]
async fn sums_and_sizes_of_the_service_are_compared() {
    let set = |key: &str, value: serde_json::Value| Fault::set_key(key, value).on("brickftp.files.download_url");
    let crc32 = |bytes: &[u8]| json!(format!("{:x}", crc32fast::hash(bytes)));
    for sink in SINKS {
        for (rules, ends) in [
            (vec![set("crc32", json!("00000bad"))], Fails(ErrorKind::Integrity)),
            (vec![set("crc32", json!(null)), set("md5", json!("0bad"))], Fails(ErrorKind::Integrity)),
            (vec![set("crc32", json!("not hexadecimal"))], Fails(ErrorKind::Integrity)),
            (vec![set("size", json!(SIZE - 1))], Fails(ErrorKind::Integrity)),
            (vec![set("size", json!(SIZE + 1))], Fails(ErrorKind::Integrity)),
            (vec![set("size", json!(null))], Right),
            (vec![set("crc32", json!(null)), set("md5", json!(null))], Right),
            (vec![set("crc32", json!("")), set("md5", json!(""))], Right),
            (vec![set("crc32", crc32(&content(SIZE))), set("md5", json!("an older sum"))], Right),
            (vec![set("size", json!(null)), Fault::removed_header("content-length").on(GET)], Truthful),
            (
                vec![set("size", json!(null)), set("crc32", json!("00000bad")), Fault::ignored_header("range").on(GET)],
                Fails(ErrorKind::Integrity),
            ),
        ] {
            let site = Site::start().await;
            site.state().add_file("out/file", content(SIZE));
            let case = format!("{rules:?} into {sink:?}");
            for rule in rules {
                site.faults().push(rule);
            }
            match (sink.fetch(&site).await, ends) {
                (Ok(got), Right | Truthful) => assert!(got == content(SIZE), "{case}"),
                (Err(error), Fails(kind)) => assert_eq!(error.kind(), kind, "{case}: {error:?}"),
                (Err(_), Truthful) => {}
                (result, _) => panic!("{case}: {result:?}"),
            }
            if !matches!(ends, Right | Truthful) && sink.is_file() {
                assert!(site.names().is_empty(), "{case}: {:?}", site.names());
            }
        }
    }
}

/// Nothing is fetched from where the service must not send anybody.
#[tokio::test]
async fn addresses_that_lead_elsewhere_are_refused() {
    let trap = Trap::open().await;
    for (uri, plain) in [
        ("ftp://127.0.0.1/a".to_owned(), true),
        ("file:///etc/passwd".to_owned(), true),
        (format!("http://user:word@{}/a", trap.address()), true),
        (format!("http://{}/a/../b", trap.address()), true),
        (format!("http://{}/{}", trap.address(), "a".repeat(65_536)), true),
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
        site.faults().push(Fault::redirect(status, &format!("http://{}/x?secret=1", trap.address())).on(GET));
        let error = site.client().files().download("out/file").to_file(site.place("target")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedStatus, "{error:?}");
        assert!(site.names().is_empty());
    }
    assert!(trap.caught().is_empty());
}

/// A folder has no bytes, and a file that is not there is not there.
#[tokio::test]
async fn what_is_no_file_is_told() {
    let site = Site::start().await;
    site.state().add_folder("out/folder");
    for path in ["out/folder", "out/missing"] {
        let error = site.client().files().download(path).to_file(site.place("target")).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotDone, "{error:?}");
        assert!(site.names().is_empty(), "{path}");
    }
    let file: Result<File> = site.client().files().stat("out/missing").await;
    assert!(file.unwrap_err().is_not_found());
}
