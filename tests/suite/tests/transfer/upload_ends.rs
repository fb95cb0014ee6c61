//! How uploads end: completed, stopped, dropped, or with an answer that never came.

use std::time::Duration;

use brickftp::{Client, ErrorKind, Outcome};
use mft_simulator::brickftp::{Overwrite, Simulator};
use mft_simulator::{Fault, FaultRule};
use mft_tests::support::eventually;
use mft_tests::transfer::{COMPLETE, From, PART, PUT, Site, content};
use tokio::runtime::Handle;

const SECOND: Duration = Duration::from_secs(1);

fn slow_parts(site: &Site) {
    site.faults().push(Fault::slow_request(64 << 10, Duration::from_millis(5)).on(PUT).after_skip(2));
}

/// The last call is answered in all the wrong ways. It is never made twice where it may have been carried out, and what
/// the caller is told is so.
#[tokio::test]
async fn a_completion_without_an_answer_is_looked_after() {
    let done = Some(Outcome::Done);
    // What the caller is told: `None` for success; whether the file is there; how often the call was made.
    for (fault, told, is_there, calls) in [
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
        (Fault::set_key("size", serde_json::json!(7)), done, true, 1),
    ] {
        let site = Site::start().await;
        let case = fault.to_string();
        site.faults().push(fault.on(COMPLETE).once());
        let client = site.client_with(|client| client.attempt_timeout(Duration::from_millis(400)));
        let bytes = content(PART + 77);
        let result = client.files().upload("in/file", bytes.clone()).await;
        assert_eq!(result.as_ref().err().map(brickftp::Error::outcome), told, "{case}: {result:?}");
        assert_eq!(site.count(COMPLETE), calls, "{case}");
        assert_eq!(site.state().content("in/file").is_some_and(|stored| stored == bytes), is_there, "{case}");
        assert_eq!(site.state().file_paths().len(), usize::from(is_there), "{case}: never a second copy");
        match result {
            Ok(file) => assert_eq!(file.size, Some(bytes.len() as u64), "{case}"),
            Err(error) => site.assert_silent(&error),
        }
        site.assert_storage_was_told_nothing();
    }
}

/// A file of the same size was there before, and the answer to the completion of the new one does not come: the old one
/// is not taken for the new one.
async fn an_older_file_stays(checksum_delay: Duration) {
    let site = Site::with(Simulator::builder().checksum_delay(checksum_delay)).await;
    let (old, new) = (content(1000), content(1001).slice(1..));
    let client = site.client();
    client.files().upload("in/file", old.clone()).await.unwrap();
    site.faults().push(Fault::reset().on(COMPLETE).once());
    let result = client.files().upload("in/file", new).await;
    assert!(site.state().content("in/file").unwrap() == old);
    let error = result.expect_err("the old file is still there, and success was reported");
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
}

#[tokio::test]
async fn an_older_file_is_told_by_its_sums() {
    an_older_file_stays(Duration::ZERO).await;
}

#[tokio::test]
async fn an_older_file_without_sums_is_not_taken_for_the_new_one() {
    an_older_file_stays(3600 * SECOND).await;
}

/// What the service says of the complete file is compared with what was sent.
#[tokio::test]
async fn sums_of_the_complete_file_are_compared() {
    let wrong = |key: &str, sum: &str| -> FaultRule { Fault::set_key(key, sum.into()).on(COMPLETE) };
    for from in From::ALL {
        for (rule, is_wrong) in [
            (wrong("crc32", "00000bad"), true),
            (wrong("md5", "00000000000000000000000000000bad"), !matches!(from, From::Sized | From::Unsized)),
            (wrong("crc32", ""), false),
        ] {
            let (site, bytes) = (Site::start().await, content(PART + 1));
            site.faults().push(rule.clone());
            let result = site.client().files().upload("in/file", from.source(&site, &bytes)).await;
            let outcome = result.as_ref().err().map(|error| (error.kind(), error.outcome()));
            assert_eq!(outcome, is_wrong.then_some((ErrorKind::Integrity, Outcome::Done)), "{rule} {from:?}");
            let unchecked = site.client().files().upload("in/file", from.source(&site, &bytes)).verify(false).await;
            assert!(unchecked.is_ok(), "{rule} {from:?}: {unchecked:?}");
        }
    }
}

/// Sums that come later are waited for where the caller asks for it.
#[tokio::test]
async fn sums_that_come_late_are_waited_for() {
    let site = Site::with(Simulator::builder().checksum_delay(SECOND / 2)).await;
    let client = site.client();
    let bytes = content(PART + 1);
    for from in [From::File, From::Sized] {
        let upload = client.files().upload("in/file", from.source(&site, &bytes)).verify_timeout(20 * SECOND);
        assert!(upload.await.unwrap().crc32.is_some_and(|sum| !sum.is_empty()), "{from:?}");
    }
    site.faults().push(Fault::set_key("crc32", "bad".into()).on("brickftp.files.stat"));
    let error = client.files().upload("in/file", bytes).verify_timeout(20 * SECOND).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Integrity, Outcome::Done));
    let never = Site::with(Simulator::builder().checksum_delay(3600 * SECOND)).await;
    let error = never.client().files().upload("in/file", "abc").verify_timeout(SECOND / 10).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Done));
}

/// Waits until nothing is under way any more, and then looks whether something comes after all.
async fn falls_silent(site: &Site, client: &Client, case: &str) {
    let free = site.client().free_permits();
    assert!(eventually(5 * SECOND, || client.free_permits() == free).await, "{case}: a permit is held");
    // What was sent before is heard of a moment later.
    tokio::time::sleep(Duration::from_millis(60)).await;
    let seen = site.journal().len();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(site.journal().len(), seen, "{case}: something was sent after the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_aborted_can_be_gone_on_with() {
    let bytes = content(8 * PART);
    for from in From::ALL {
        let (site, case) = (Site::start().await, format!("{from:?}"));
        slow_parts(&site);
        let client = site.client();
        let upload = client.files().upload("in/file", from.source(&site, &bytes)).parallel(2).start();
        let mut watch = upload.progress();
        while watch.now().parts < 2 {
            watch.changed().await.expect("it goes on");
        }
        let aborted = upload.abort().await;
        assert_eq!(aborted.outcome, Outcome::NotDone, "{case}");
        let is_seekable = !matches!(from, From::Sized | From::Unsized);
        assert_eq!(aborted.resume_token.is_some(), is_seekable, "{case}");
        falls_silent(&site, &client, &case).await;
        assert!(watch.changed().await.is_none() || watch.now().parts < 8, "{case}");
        assert_eq!(site.count(COMPLETE), 0, "{case}");
        assert!(site.state().entry("in/file").is_none(), "{case}");
        site.faults().clear();
        client.files().upload("in/other", "abc").await.expect("the next upload");
    }
}

/// Stopped in the middle of the last call, nobody can know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_aborted_during_completion_is_unknown() {
    for fault in [Fault::stall(), Fault::stall().after_processing()] {
        let site = Site::start().await;
        site.faults().push(fault.on(COMPLETE));
        let client = site.client();
        let upload = client.files().upload("in/file", "abc").start();
        assert!(eventually(5 * SECOND, || site.count(COMPLETE) == 1).await);
        assert_eq!(upload.abort().await.outcome, Outcome::Unknown);
        falls_silent(&site, &client, "completion").await;
        assert_eq!(site.count(COMPLETE), 1);
    }
    let site = Site::start().await;
    let mut upload = site.client().files().upload("in/file", "abc").start();
    upload.join().await.unwrap();
    assert!(upload.join().await.unwrap_err().is_invalid_input(), "it was joined already");
}

/// Dropped at whatever moment: no task stays, no permit, and no file appears.
#[tokio::test]
async fn an_upload_that_is_dropped_leaves_nothing() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    for from in [From::File, From::Reopened, From::Unsized] {
        let site = Site::start().await;
        site.faults().set_latency(Duration::from_millis(3));
        slow_parts(&site);
        let client = site.client();
        let bytes = content(4 * PART);
        for millis in [0, 1, 3, 5, 8, 12, 20, 40] {
            let request = client.files().upload("in/file", from.source(&site, &bytes)).parallel(3);
            if millis % 2 == 0 {
                let upload = request.start();
                tokio::time::sleep(Duration::from_millis(millis)).await;
                drop(upload);
            } else {
                assert!(tokio::time::timeout(Duration::from_millis(millis), request).await.is_err());
            }
        }
        falls_silent(&site, &client, &format!("{from:?}")).await;
        assert_eq!(site.count(COMPLETE), 0, "{from:?}");
        drop(client);
        assert!(eventually(5 * SECOND, || alive() == before).await, "{from:?}: {} tasks stay", alive());
    }
}

/// Two uploads to one path: both are told what became of theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_uploads_to_one_path_are_told_the_truth() {
    let (one, other) = (content(PART + 1), content(PART + 2));
    for overwrite in [Overwrite::Replace, Overwrite::Rename] {
        let site = Site::with(Simulator::builder().overwrite(overwrite)).await;
        let client = site.client();
        let (first, second) =
            (client.files().upload("in/a.bin", one.clone()), client.files().upload("in/a.bin", other.clone()));
        let (first, second) = tokio::join!(first.into_future(), second.into_future());
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(site.count_processed(COMPLETE), 2);
        let stored = |path: &str| site.state().content(path).unwrap();
        if overwrite == Overwrite::Rename {
            assert_ne!(first.path, second.path);
            assert!(stored(&first.path) == one && stored(&second.path) == other);
        } else {
            assert_eq!((first.path.as_str(), second.path.as_str()), ("in/a.bin", "in/a.bin"));
            assert!([&one, &other].contains(&&stored("in/a.bin")), "neither, but a mixture");
        }
    }
}
