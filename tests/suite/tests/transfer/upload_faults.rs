//! Parts that do not arrive: each is sent again, with the same bytes, or the error says what happened and there is no file.

use std::time::Duration;

use brickftp::{ErrorKind, Outcome};
use mft_simulator::{Fault, FaultRule};
use mft_tests::support::Trap;
use mft_tests::transfer::{From, MIB, PART, PUT, Site, content};

/// How an upload ends whose parts meet a fault.
#[derive(Debug, Clone, Copy)]
enum Ends {
    /// The file is right, and the part that met it was sent so often.
    Right(usize),
    /// It fails like this, and no part was sent more often than the one that was sent so often.
    Fails(ErrorKind, Option<&'static str>, usize),
    /// Either: what the sender sees depends on how much the sockets hold.
    Truthful,
}
use Ends::{Fails, Right, Truthful};

/// Three parts, two at a time, from something that can be read again and from something that cannot.
async fn meets(rule: FaultRule, ends: Ends) {
    let bytes = content(2 * PART + 4321);
    for from in [From::File, From::Sized] {
        let (site, rule) = (Site::start().await, rule.clone());
        let case = format!("{rule} from {from:?}");
        site.faults().push(rule);
        let client = site.client_with(|client| client.idle_timeout(Duration::from_millis(400)));
        let request = client.files().upload("in/file", from.source(&site, &bytes)).parallel(2);
        let mut upload = request.response_timeout(Duration::from_millis(400)).start();
        let watch = upload.progress();
        let result = upload.join().await;
        let puts = site.puts();
        let struck = puts.iter().find(|put| put.fault.is_some()).unwrap_or_else(|| panic!("{case} did not strike"));
        let times = |part| puts.iter().filter(|put| put.part == part).count();
        match (&result, ends) {
            (Ok(_), Right(expected)) => {
                assert_eq!(times(struck.part), expected, "{case}: {puts:#?}");
                let others = (1..=3).filter(|part| *part != struck.part);
                assert!(others.map(times).all(|times| times == 1), "{case}: others were sent again: {puts:#?}");
                assert_eq!(watch.now().retries as usize, expected - 1, "{case}");
                assert_eq!(watch.now().bytes, bytes.len() as u64, "{case}");
            }
            (Err(error), Fails(kind, code, most)) => {
                assert_eq!((error.kind(), error.code()), (kind, code), "{case}: {error:?}");
                assert_eq!((1..=3).map(times).max(), Some(most), "{case}: {puts:#?}");
            }
            (_, Truthful) => {}
            (result, _) => panic!("{case}: {result:?} and not {ends:?}"),
        }
        match result {
            Ok(_) => {
                site.assert_done("in/file", &bytes, &case);
                site.assert_parts(&bytes, PART, &case);
            }
            Err(error) => {
                site.assert_not_done("in/file", &error, &case);
                assert_eq!(upload.resume_token().is_some(), from == From::File, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn what_passes_is_repeated_with_the_same_bytes() {
    for (fault, ends) in [
        (Fault::expired_url(), Right(2)),
        (Fault::status(403).body(""), Right(2)),
        (Fault::status(403).html(), Right(2)),
        (Fault::status(500), Right(2)),
        (Fault::status(500).after_processing(), Right(2)),
        (Fault::status(502).html(), Right(2)),
        (Fault::status(503).retry_after(0), Right(2)),
        (Fault::status(429), Right(2)),
        (Fault::storage_code("SlowDown").retry_after(1), Right(2)),
        (Fault::reset(), Right(2)),
        (Fault::reset().after_processing(), Right(2)),
        (Fault::reset().during_request(0), Right(2)),
        (Fault::reset().during_request(3 << 20), Right(2)),
        (Fault::stall(), Right(2)),
        (Fault::stall().after_processing(), Right(2)),
        (Fault::stall().during_request(1 << 20), Right(2)),
        (Fault::wrong_etag(), Right(2)),
        (Fault::storage_error(), Right(2)),
        (Fault::storage_code("RequestTimeout").during_request(1 << 20), Right(2)),
        (Fault::removed_header("etag"), Right(1)),
        (Fault::replaced_status(201), Right(1)),
        (Fault::replaced_status(204), Right(1)),
        // Another part may be the one that meets the closed connection.
        (Fault::close_after_reply(), Truthful),
        (Fault::slow_request(1 << 20, Duration::from_millis(20)), Right(1)),
    ] {
        meets(fault.on(PUT).once(), ends).await;
    }
}

#[tokio::test]
async fn what_does_not_pass_is_told() {
    let storage = Some("InternalError");
    for (rule, ends) in [
        (Fault::expired_url().on(PUT), Fails(ErrorKind::PermissionDenied, Some("AccessDenied"), 3)),
        (Fault::status(403).on(PUT), Fails(ErrorKind::PermissionDenied, Some("AccessDenied"), 1)),
        (Fault::status(403).body("").on(PUT).after_skip(1), Fails(ErrorKind::PermissionDenied, None, 3)),
        (Fault::status(500).on(PUT).after_skip(2), Fails(ErrorKind::Server, storage, 3)),
        (Fault::storage_error().on(PUT), Fails(ErrorKind::Server, storage, 3)),
        (Fault::wrong_etag().on(PUT), Fails(ErrorKind::Integrity, None, 2)),
        (Fault::status(503).retry_after(3600).on(PUT).once(), Fails(ErrorKind::RateLimited, Some("SlowDown"), 1)),
        (Fault::reset().on(PUT), Fails(ErrorKind::Interrupted, None, 3)),
        (Fault::stall().on(PUT), Fails(ErrorKind::Timeout, None, 3)),
        (Fault::replaced_status(202).on(PUT).once(), Fails(ErrorKind::UnexpectedStatus, None, 1)),
        (Fault::status(304).on(PUT).once(), Fails(ErrorKind::UnexpectedStatus, None, 1)),
        (Fault::status(403).during_request(0).on(PUT), Truthful),
        (Fault::status(403).during_request(1 << 20).on(PUT).once(), Truthful),
        (Fault::garbage().on(PUT).once(), Truthful),
        (Fault::interim(103).on(PUT), Truthful),
    ] {
        meets(rule, ends).await;
    }
}

/// Which errors of a storage are worth another attempt.
#[tokio::test]
async fn the_codes_of_the_storage_decide() {
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
        let error = site.client().files().upload("in/file", "abc").await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{error:?}");
        assert_eq!(site.puts().len(), attempts, "{code}");
        assert!(error.message().is_some_and(|said| said.starts_with("the storage says: ")), "{error}");
        site.assert_not_done("in/file", &error, code);
    }
}

/// The storage says 200 before it has read the part. Only where the rest was never sent can that be seen here; where it
/// was, the missing bytes are seen when the file is made.
#[tokio::test]
async fn a_success_that_comes_too_early_is_none() {
    let bytes = content(24 * MIB);
    let site = Site::start().await;
    site.faults().push(Fault::status(200).during_request(1 << 20).on(PUT).once());
    let request = site.client().files().upload("in/file", From::File.source(&site, &bytes));
    match request.part_size(16 << 20).parallel(1).await {
        Ok(_) => site.assert_done("in/file", &bytes, "early"),
        Err(error) => {
            assert!(site.state().entry("in/file").is_none(), "{error:?}");
            assert_eq!(error.outcome(), Outcome::NotDone, "{error:?}");
        }
    }
}

#[tokio::test]
async fn no_part_follows_a_redirect() {
    let trap = Trap::open().await;
    for status in [301, 302, 307, 308] {
        let site = Site::start().await;
        let to = format!("http://{}/elsewhere?secret=1", trap.address());
        site.faults().push(Fault::redirect(status, &to).body("").on(PUT));
        let error = site.client().files().upload("in/file", "abc").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedStatus, "{error:?}");
        assert_eq!(site.puts().len(), 1);
        site.assert_not_done("in/file", &error, "redirect");
    }
    assert!(trap.caught().is_empty());
}

/// The wait that the storage asks for is kept, and the others do not wait with it.
#[tokio::test]
async fn a_part_waits_as_long_as_the_storage_says() {
    let site = Site::start().await;
    site.faults().push(Fault::storage_code("SlowDown").retry_after(1).on(PUT).once());
    let bytes = content(3 * PART);
    site.client().files().upload("in/file", bytes.clone()).parallel(2).await.unwrap();
    let journal = site.journal();
    let puts: Vec<_> = journal.iter().filter(|exchange| exchange.operation == Some(PUT)).collect();
    let told = puts.iter().find(|put| put.fault.is_some()).unwrap();
    let number = |query: &Option<String>| query.as_deref().unwrap_or_default().split('&').next().map(str::to_owned);
    let again = puts.iter().rfind(|put| number(&put.query) == number(&told.query)).unwrap();
    assert!(again.received_at_ms - told.received_at_ms >= 1000);
    assert_eq!(
        again.sequence,
        journal.iter().filter(|one| one.operation == Some(PUT)).map(|one| one.sequence).max().unwrap()
    );
}

/// One part fails for good: the others stop, and nothing is completed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_fails_for_good_stops_the_others() {
    for from in [From::File, From::Unsized] {
        let site = Site::start().await;
        site.faults().push(Fault::slow_request(256 << 10, Duration::from_millis(10)).on(PUT));
        site.faults().push(Fault::storage_code("AccessDenied").during_request(0).on(PUT).nth(3));
        let client = site.client();
        let bytes = content(20 * PART);
        let error = client.files().upload("in/file", from.source(&site, &bytes)).parallel(4).await.unwrap_err();
        site.assert_not_done("in/file", &error, "for good");
        assert_eq!(client.free_permits(), site.client().free_permits());
        // What was sent before is heard of a moment later.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let seen = site.puts().len();
        assert!(seen <= 8, "{seen} parts were begun");
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(site.puts().len(), seen, "more parts were begun after the error");
    }
}

/// Parts end in another order than they were begun in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_order_in_which_parts_end_does_not_matter() {
    let site = Site::start().await;
    for (nth, delay) in [(1, 120), (2, 60), (4, 90)] {
        site.faults().push(Fault::delay(Duration::from_millis(delay)).on(PUT).nth(nth));
    }
    let bytes = content(6 * PART + 1);
    for from in [From::File, From::Sized] {
        site.clear_journal();
        site.client().files().upload("in/file", from.source(&site, &bytes)).parallel(4).await.unwrap();
        site.assert_done("in/file", &bytes, "order");
        site.assert_parts(&bytes, PART, "order");
    }
}
