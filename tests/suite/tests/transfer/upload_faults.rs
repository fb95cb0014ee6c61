//! Failed parts: each part is sent again with the same bytes, or the error is accurate and no file is created.

use std::time::Duration;

use brickftp::{ErrorKind, Outcome};
use mft_simulator::{Fault, FaultRule};
use mft_tests::net::Honeypot;
use mft_tests::transfer::{MIB, PART, PUT, Site, SourceKind, content};

/// The expected end of an upload with faulty parts.
#[derive(Debug, Clone, Copy)]
enum Expectation {
    /// The file is correct, and the faulty part was sent this many times.
    Success(usize),
    /// The upload fails with this error, and no part was sent more often than this.
    Failure(ErrorKind, Option<&'static str>, usize),
    /// Either result, because the failure that the client sees depends on socket buffers.
    Either,
}
use Expectation::{Either, Failure, Success};

/// Uploads three parts, two in parallel, from a replayable source and from a stream.
async fn check_upload(rule: FaultRule, expectation: Expectation) {
    let bytes = content(2 * PART + 4321);
    for source_kind in [SourceKind::File, SourceKind::KnownSize] {
        let (site, rule) = (Site::start().await, rule.clone());
        let case = format!("{rule} from {source_kind:?}");
        site.faults().push(rule);
        let client = site.client_with(|client| client.idle_timeout(Duration::from_millis(400)));
        let request = client.files().upload("in/file", source_kind.source(&site, &bytes)).parallel(2);
        let upload = request.response_timeout(Duration::from_millis(400)).start();
        let watch = upload.progress();
        let result = upload.join().await;
        let puts = site.puts();
        let faulty = puts.iter().find(|put| put.fault.is_some()).unwrap_or_else(|| panic!("{case} was not injected"));
        let times = |part| puts.iter().filter(|put| put.part == part).count();
        match (&result, expectation) {
            (Ok(_), Success(expected)) => {
                assert_eq!(times(faulty.part), expected, "{case}: {puts:#?}");
                let unaffected = (1..=3).filter(|part| *part != faulty.part);
                assert!(unaffected.map(times).all(|times| times == 1), "{case}: other parts were resent: {puts:#?}");
                assert_eq!(watch.now().retries as usize, expected - 1, "{case}");
                assert_eq!(watch.now().bytes, bytes.len() as u64, "{case}");
            }
            (Err(error), Failure(kind, code, max_attempts)) => {
                assert_eq!((error.kind(), error.code()), (kind, code), "{case}: {error:?}");
                assert_eq!((1..=3).map(times).max(), Some(max_attempts), "{case}: {puts:#?}");
            }
            (_, Either) => {}
            (result, _) => panic!("{case}: {result:?} expected {expectation:?}"),
        }
        match result {
            Ok(_) => {
                site.assert_done("in/file", &bytes, &case);
                site.assert_parts(&bytes, PART, &case);
            }
            Err(error) => {
                site.assert_not_done("in/file", &error, &case);
                assert_eq!(error.resume_token.is_some(), source_kind == SourceKind::File, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn transient_part_faults_are_retried_with_the_same_bytes() {
    for (fault, expectation) in [
        (Fault::expired_url(), Success(2)),
        (Fault::status(403).body(""), Success(2)),
        (Fault::status(403).html(), Success(2)),
        (Fault::status(500), Success(2)),
        (Fault::status(500).after_processing(), Success(2)),
        (Fault::status(502).html(), Success(2)),
        (Fault::status(503).retry_after(0), Success(2)),
        (Fault::status(429), Success(2)),
        (Fault::storage_code("SlowDown").retry_after(1), Success(2)),
        (Fault::reset(), Success(2)),
        (Fault::reset().after_processing(), Success(2)),
        (Fault::reset().during_request(0), Success(2)),
        (Fault::reset().during_request(3 << 20), Success(2)),
        (Fault::stall(), Success(2)),
        (Fault::stall().after_processing(), Success(2)),
        (Fault::stall().during_request(1 << 20), Success(2)),
        (Fault::wrong_etag(), Success(2)),
        (Fault::storage_error(), Success(2)),
        (Fault::storage_code("RequestTimeout").during_request(1 << 20), Success(2)),
        (Fault::removed_header("etag"), Success(1)),
        (Fault::replaced_status(201), Success(1)),
        (Fault::replaced_status(204), Success(1)),
        // Another part may use the closed connection.
        (Fault::close_after_response(), Either),
        (Fault::slow_request(1 << 20, Duration::from_millis(20)), Success(1)),
    ] {
        check_upload(fault.on(PUT).once(), expectation).await;
    }
}

#[tokio::test]
async fn persistent_part_faults_are_reported() {
    let storage = Some("InternalError");
    for (rule, expectation) in [
        (Fault::expired_url().on(PUT), Failure(ErrorKind::PermissionDenied, Some("AccessDenied"), 3)),
        (Fault::status(403).on(PUT), Failure(ErrorKind::PermissionDenied, Some("AccessDenied"), 1)),
        (Fault::status(403).body("").on(PUT).after_skip(1), Failure(ErrorKind::PermissionDenied, None, 3)),
        (Fault::status(500).on(PUT).after_skip(2), Failure(ErrorKind::Server, storage, 3)),
        (Fault::storage_error().on(PUT), Failure(ErrorKind::Server, storage, 3)),
        (Fault::wrong_etag().on(PUT), Failure(ErrorKind::Integrity, None, 2)),
        (Fault::status(503).retry_after(3600).on(PUT).once(), Failure(ErrorKind::RateLimited, Some("SlowDown"), 1)),
        (Fault::reset().on(PUT), Failure(ErrorKind::Interrupted, None, 3)),
        (Fault::stall().on(PUT), Failure(ErrorKind::Timeout, None, 3)),
        (Fault::replaced_status(202).on(PUT).once(), Failure(ErrorKind::UnexpectedStatus, None, 1)),
        (Fault::status(304).on(PUT).once(), Failure(ErrorKind::UnexpectedStatus, None, 1)),
        (Fault::status(403).during_request(0).on(PUT), Either),
        (Fault::status(403).during_request(1 << 20).on(PUT).once(), Either),
        (Fault::garbage().on(PUT).once(), Either),
        (Fault::interim(103).on(PUT), Either),
    ] {
        check_upload(rule, expectation).await;
    }
}

/// Storage error codes that are retried.
#[tokio::test]
async fn storage_error_codes_determine_retries() {
    for (code, attempts) in [
        ("RequestTimeout", 3),
        ("InternalError", 3),
        ("SlowDown", 3),
        ("ServiceUnavailable", 3),
        ("TemporarilyUnavailable", 3),
        ("RequestLimitExceeded", 3),
        ("AccessDenied", 1),
        ("NoSuchKey", 1),
        ("NoSuchUpload", 1),
        ("InvalidPart", 1),
        ("InvalidArgument", 1),
        ("EntityTooSmall", 1),
        ("EntityTooLarge", 1),
        ("InvalidRequest", 1),
        ("BadDigest", 1),
        ("SignatureDoesNotMatch", 1),
        ("NotImplemented", 1),
    ] {
        let site = Site::start().await;
        site.faults().push(Fault::storage_code(code).on(PUT));
        let error = site.client().files().upload("in/file", b"abc").await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{error:?}");
        assert_eq!(site.puts().len(), attempts, "{code}");
        assert!(error.message().is_some_and(|message| message.starts_with("storage: ")), "{error}");
        site.assert_not_done("in/file", &error, code);
    }
}

/// The storage responds with 200 before it has read the part. The client detects this only if it has not sent all
/// bytes. Otherwise, the completion fails because of the missing bytes.
#[tokio::test]
async fn premature_success_is_not_trusted() {
    let bytes = content(24 * MIB);
    let site = Site::start().await;
    site.faults().push(Fault::status(200).during_request(1 << 20).on(PUT).once());
    let request = site.client().files().upload("in/file", SourceKind::File.source(&site, &bytes));
    match request.part_size(16 << 20).parallel(1).await {
        Ok(_) => site.assert_done("in/file", &bytes, "early"),
        Err(error) => {
            assert!(site.state().entry("in/file").is_none(), "{error:?}");
            assert_eq!(error.outcome(), Outcome::NotDone, "{error:?}");
        }
    }
}

#[tokio::test]
async fn parts_do_not_follow_redirects() {
    let honeypot = Honeypot::open().await;
    for status in [301, 302, 307, 308] {
        let site = Site::start().await;
        let to = format!("http://{}/elsewhere?secret=1", honeypot.address());
        site.faults().push(Fault::redirect(status, &to).body("").on(PUT));
        let error = site.client().files().upload("in/file", b"abc").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedStatus, "{error:?}");
        assert_eq!(site.puts().len(), 1);
        site.assert_not_done("in/file", &error, "redirect");
    }
    assert!(honeypot.received().is_empty());
}

/// The delay that the storage requests applies only to the affected part.
#[tokio::test]
async fn part_honors_retry_after() {
    let site = Site::start().await;
    site.faults().push(Fault::storage_code("SlowDown").retry_after(1).on(PUT).once());
    let bytes = content(3 * PART);
    site.client().files().upload("in/file", bytes.clone()).parallel(2).await.unwrap();
    let journal = site.journal();
    let puts: Vec<_> = journal.iter().filter(|exchange| exchange.operation == Some(PUT)).collect();
    let rejected = puts.iter().find(|put| put.fault.is_some()).unwrap();
    let number = |query: &Option<String>| query.as_deref().unwrap_or_default().split('&').next().map(str::to_owned);
    let retry = puts.iter().rfind(|put| number(&put.query) == number(&rejected.query)).unwrap();
    assert!(retry.received_at_ms - rejected.received_at_ms >= 1000);
    assert_eq!(
        retry.sequence,
        journal.iter().filter(|one| one.operation == Some(PUT)).map(|one| one.sequence).max().unwrap()
    );
}

/// If one part fails permanently, the other parts stop and the upload is not completed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permanently_failed_part_stops_the_upload() {
    for source_kind in [SourceKind::File, SourceKind::UnknownSize] {
        let site = Site::start().await;
        site.faults().push(Fault::slow_request(256 << 10, Duration::from_millis(10)).on(PUT));
        site.faults().push(Fault::storage_code("AccessDenied").during_request(0).on(PUT).nth(3));
        let client = site.client();
        let bytes = content(20 * PART);
        let error = client.files().upload("in/file", source_kind.source(&site, &bytes)).parallel(4).await.unwrap_err();
        site.assert_not_done("in/file", &error, "for good");
        assert_eq!(client.free_permits(), site.client().free_permits());
        // Requests that were already sent may arrive a moment later.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let parts_before = site.puts().len();
        assert!(parts_before <= 8, "{parts_before} parts were started");
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(site.puts().len(), parts_before, "more parts were started after the error");
    }
}

/// Parts complete in a different order than they started.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_may_complete_in_any_order() {
    let site = Site::start().await;
    for (nth, delay) in [(1, 120), (2, 60), (4, 90)] {
        site.faults().push(Fault::delay(Duration::from_millis(delay)).on(PUT).nth(nth));
    }
    let bytes = content(6 * PART + 1);
    for source_kind in [SourceKind::File, SourceKind::KnownSize] {
        site.clear_journal();
        site.client().files().upload("in/file", source_kind.source(&site, &bytes)).parallel(4).await.unwrap();
        site.assert_done("in/file", &bytes, "order");
        site.assert_parts(&bytes, PART, "order");
    }
}
