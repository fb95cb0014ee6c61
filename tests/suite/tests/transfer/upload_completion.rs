//! The end of an upload: completed, aborted, dropped, or with a lost response.

use std::time::Duration;

use brickftp::{Client, ErrorKind, Outcome};
use mft_simulator::brickftp::{Overwrite, Simulator};
use mft_simulator::{Fault, FaultRule};
use mft_tests::runtime::wait_until;
use mft_tests::transfer::{COMPLETE, PART, PUT, Site, SourceKind, content};
use tokio::runtime::Handle;

const SECOND: Duration = Duration::from_secs(1);

fn slow_parts(site: &Site) {
    site.faults().push(Fault::slow_request(64 << 10, Duration::from_millis(5)).on(PUT).after_skip(2));
}

/// The completion request fails in every way. It is never repeated if it may have been processed, and the reported
/// outcome is accurate.
#[tokio::test]
async fn lost_completion_response_is_confirmed() {
    let outcome_done = Some(Outcome::Done);
    // The expected outcome (`None` for success), whether the file exists, and the number of completion requests.
    for (fault, outcome, exists, calls) in [
        (Fault::reset().after_processing(), None, true, 1),
        (Fault::reset_mid_body(), None, true, 1),
        (Fault::truncated(), None, true, 1),
        (Fault::stall().after_processing(), None, true, 1),
        (Fault::status(500).after_processing(), None, true, 1),
        (Fault::garbage().after_processing(), None, true, 1),
        (Fault::html_page(), None, true, 1),
        (Fault::replaced_body("{\"path\": 7}"), None, true, 1),
        (Fault::reset(), Some(Outcome::Unknown), false, 1),
        (Fault::stall(), Some(Outcome::Unknown), false, 1),
        (Fault::status(500), Some(Outcome::Unknown), false, 1),
        (Fault::status(422), Some(Outcome::NotDone), false, 1),
        (Fault::status(404), Some(Outcome::NotDone), false, 1),
        (Fault::status(503).retry_after(0), None, true, 2),
        (Fault::status(429).retry_after(0), None, true, 2),
        (Fault::set_key("size", serde_json::json!(7)), outcome_done, true, 1),
    ] {
        let site = Site::start().await;
        let case = fault.to_string();
        site.faults().push(fault.on(COMPLETE).once());
        let client = site.client_with(|client| client.attempt_timeout(Duration::from_millis(400)));
        let bytes = content(PART + 77);
        let result = client.files().upload("in/file", bytes.clone()).await;
        assert_eq!(result.as_ref().err().map(|error| error.outcome()), outcome, "{case}: {result:?}");
        assert_eq!(site.count(COMPLETE), calls, "{case}");
        assert_eq!(site.state().content("in/file").is_some_and(|stored| stored == bytes), exists, "{case}");
        assert_eq!(site.state().file_paths().len(), usize::from(exists), "{case}: no second copy");
        match result {
            Ok(file) => assert_eq!(file.size, Some(bytes.len() as u64), "{case}"),
            Err(error) => site.assert_no_secrets(&error),
        }
        site.assert_no_credentials_in_storage_requests();
    }
}

/// A file of the same size exists, and the completion response of the new file is lost. The old file must not be
/// mistaken for the new one.
async fn check_older_file(checksum_delay: Duration) {
    let site = Site::with(Simulator::builder().checksum_delay(checksum_delay)).await;
    let (old, new) = (content(1000), content(1001).slice(1..));
    let client = site.client();
    client.files().upload("in/file", old.clone()).await.unwrap();
    site.faults().push(Fault::reset().on(COMPLETE).once());
    let result = client.files().upload("in/file", new).await;
    assert!(site.state().content("in/file").unwrap() == old);
    let error = result.expect_err("the old file is unchanged, but success was reported");
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
}

#[tokio::test]
async fn older_file_is_distinguished_by_its_checksum() {
    check_older_file(Duration::ZERO).await;
}

#[tokio::test]
async fn older_file_without_checksum_is_not_mistaken_for_the_new_one() {
    check_older_file(3600 * SECOND).await;
}

/// The checksums of the completed file are compared with the sent bytes.
#[tokio::test]
async fn checksums_of_the_completed_file_are_verified() {
    let wrong = |key: &str, sum: &str| -> FaultRule { Fault::set_key(key, sum.into()).on(COMPLETE) };
    for source_kind in SourceKind::ALL {
        for (rule, is_wrong) in [
            (wrong("crc32", "00000bad"), true),
            (
                wrong("md5", "00000000000000000000000000000bad"),
                !matches!(source_kind, SourceKind::KnownSize | SourceKind::UnknownSize),
            ),
            (wrong("crc32", ""), false),
        ] {
            let (site, bytes) = (Site::start().await, content(PART + 1));
            site.faults().push(rule.clone());
            let result = site.client().files().upload("in/file", source_kind.source(&site, &bytes)).await;
            let outcome = result.as_ref().err().map(|error| (error.kind(), error.outcome()));
            assert_eq!(outcome, is_wrong.then_some((ErrorKind::Integrity, Outcome::Done)), "{rule} {source_kind:?}");
            let unchecked =
                site.client().files().upload("in/file", source_kind.source(&site, &bytes)).verify(false).await;
            assert!(unchecked.is_ok(), "{rule} {source_kind:?}: {unchecked:?}");
        }
    }
}

/// The client waits for delayed checksums if the caller requests it.
#[tokio::test]
async fn delayed_checksums_are_awaited() {
    let site = Site::with(Simulator::builder().checksum_delay(SECOND / 2)).await;
    let client = site.client();
    let bytes = content(PART + 1);
    for source_kind in [SourceKind::File, SourceKind::KnownSize] {
        let upload = client.files().upload("in/file", source_kind.source(&site, &bytes)).verify_timeout(20 * SECOND);
        assert!(upload.await.unwrap().crc32.is_some_and(|sum| !sum.is_empty()), "{source_kind:?}");
    }
    site.faults().push(Fault::set_key("crc32", "bad".into()).on("brickftp.files.stat"));
    let error = client.files().upload("in/file", bytes).verify_timeout(20 * SECOND).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Integrity, Outcome::Done));
    let never = Site::with(Simulator::builder().checksum_delay(3600 * SECOND)).await;
    let error = never.client().files().upload("in/file", b"abc").verify_timeout(SECOND / 10).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Done));
}

/// Waits until all permits are free, and then checks that no further request arrives.
async fn assert_idle(site: &Site, client: &Client, case: &str) {
    let free = site.client().free_permits();
    assert!(wait_until(5 * SECOND, || client.free_permits() == free).await, "{case}: a permit is still held");
    // Requests that were already sent may arrive a moment later.
    tokio::time::sleep(Duration::from_millis(60)).await;
    let requests_before = site.journal().len();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(site.journal().len(), requests_before, "{case}: a request was sent after the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aborted_upload_can_be_resumed() {
    let bytes = content(8 * PART);
    for source_kind in SourceKind::ALL {
        let (site, case) = (Site::start().await, format!("{source_kind:?}"));
        slow_parts(&site);
        let client = site.client();
        let upload = client.files().upload("in/file", source_kind.source(&site, &bytes)).parallel(2).start();
        let mut watch = upload.progress();
        while watch.now().parts < 2 {
            watch.changed().await.expect("the transfer continues");
        }
        let aborted = upload.abort().await;
        assert_eq!(aborted.outcome, Outcome::NotDone, "{case}");
        let is_seekable = !matches!(source_kind, SourceKind::KnownSize | SourceKind::UnknownSize);
        assert_eq!(aborted.resume_token.is_some(), is_seekable, "{case}");
        assert_idle(&site, &client, &case).await;
        assert!(watch.changed().await.is_none() || watch.now().parts < 8, "{case}");
        assert_eq!(site.count(COMPLETE), 0, "{case}");
        assert!(site.state().entry("in/file").is_none(), "{case}");
        site.faults().clear();
        client.files().upload("in/other", b"abc").await.expect("the next upload");
    }
}

/// If the upload is aborted during completion, its outcome is unknown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upload_aborted_during_completion_has_outcome_unknown() {
    for fault in [Fault::stall(), Fault::stall().after_processing()] {
        let site = Site::start().await;
        site.faults().push(fault.on(COMPLETE));
        let client = site.client();
        let upload = client.files().upload("in/file", b"abc").start();
        assert!(wait_until(5 * SECOND, || site.count(COMPLETE) == 1).await);
        assert_eq!(upload.abort().await.outcome, Outcome::Unknown);
        assert_idle(&site, &client, "completion").await;
        assert_eq!(site.count(COMPLETE), 1);
    }
    let site = Site::start().await;
    let mut upload = site.client().files().upload("in/file", b"abc").start();
    (&mut upload).await.unwrap();
    assert!(upload.join().await.unwrap_err().is_invalid_input(), "the upload was already joined");
}

/// The upload can be dropped at any point. No task and no permit remains, and no file appears.
#[tokio::test]
async fn dropped_upload_releases_all_resources() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    for source_kind in [SourceKind::File, SourceKind::Seekable, SourceKind::UnknownSize] {
        let site = Site::start().await;
        site.faults().set_latency(Duration::from_millis(3));
        slow_parts(&site);
        let client = site.client();
        let bytes = content(4 * PART);
        for millis in [0, 1, 3, 5, 8, 12, 20, 40] {
            let request = client.files().upload("in/file", source_kind.source(&site, &bytes)).parallel(3);
            if millis % 2 == 0 {
                let upload = request.start();
                tokio::time::sleep(Duration::from_millis(millis)).await;
                drop(upload);
            } else {
                assert!(tokio::time::timeout(Duration::from_millis(millis), request).await.is_err());
            }
        }
        assert_idle(&site, &client, &format!("{source_kind:?}")).await;
        assert_eq!(site.count(COMPLETE), 0, "{source_kind:?}");
        drop(client);
        assert!(wait_until(5 * SECOND, || alive() == before).await, "{source_kind:?}: {} tasks remain", alive());
    }
}

/// Two uploads to one path: both results are accurate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_uploads_to_one_path_report_accurately() {
    let (first_content, second_content) = (content(PART + 1), content(PART + 2));
    for overwrite in [Overwrite::Replace, Overwrite::Rename] {
        let site = Site::with(Simulator::builder().overwrite(overwrite)).await;
        let client = site.client();
        let (first, second) = (
            client.files().upload("in/a.bin", first_content.clone()),
            client.files().upload("in/a.bin", second_content.clone()),
        );
        let (first, second) = tokio::join!(first.into_future(), second.into_future());
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(site.count_processed(COMPLETE), 2);
        let stored = |path: &str| site.state().content(path).unwrap();
        if overwrite == Overwrite::Rename {
            assert_ne!(first.path, second.path);
            assert!(stored(&first.path) == first_content && stored(&second.path) == second_content);
        } else {
            assert_eq!((first.path.as_str(), second.path.as_str()), ("in/a.bin", "in/a.bin"));
            assert!([&first_content, &second_content].contains(&&stored("in/a.bin")), "the content mixes both uploads");
        }
    }
}
