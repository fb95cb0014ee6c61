//! Short-lived presigned URLs are renewed only if necessary, without delaying other parts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use brickftp::ErrorKind;
use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;
use mft_tests::transfer::{MIB, PART, PUT, Site, SourceKind, content};

const PART_URL: &str = "brickftp.uploads.part";

/// A URL whose lifetime is shorter than the safety margin is requested right before its use.
#[tokio::test]
async fn short_lived_urls_are_fetched_right_before_use() {
    let bytes = content(4 * PART + 1);
    for seconds in [5, 15, 30, 180, 900] {
        let site = Site::with(Simulator::builder().upload_url_lifetime(Duration::from_secs(seconds))).await;
        for source_kind in [SourceKind::File, SourceKind::KnownSize] {
            site.clear_journal();
            site.client().files().upload("in/file", source_kind.source(&site, &bytes)).parallel(2).await.unwrap();
            site.assert_done("in/file", &bytes, "short lives");
            assert_eq!(site.puts().len(), 5, "{seconds} s: no rejection");
            let url_requests = site.count(PART_URL);
            assert!(
                url_requests <= 9 && (seconds < 30 || url_requests == 4),
                "{seconds} s: {url_requests} addresses for 5 parts"
            );
        }
    }
}

/// A URL that is already expired fails the upload after a few attempts.
#[tokio::test]
async fn already_expired_urls_fail_the_upload() {
    let site = Site::with(Simulator::builder().upload_url_lifetime(Duration::ZERO)).await;
    let error = site.client().files().upload("in/file", content(PART + 1)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::PermissionDenied, Some("AccessDenied")), "{error:?}");
    assert!(site.puts().len() <= 6 && site.count(PART_URL) <= 8, "{} and {}", site.puts().len(), site.count(PART_URL));
    site.assert_not_done("in/file", &error, "expired");
}

/// All prefetched URLs expire at once, by the clock of the storage. Each one costs at most one rejection and one call,
/// and the file is correct.
#[tokio::test]
async fn expired_part_urls_are_renewed() {
    let bytes = content(12 * PART);
    for parallel in [1, 2, 4] {
        let site = Arc::new(Site::start().await);
        let clock = Arc::clone(&site);
        let upload = site.client().files().upload("in/file", SourceKind::File.source(&site, &bytes)).parallel(parallel);
        let upload = upload.on_checkpoint(move |token| {
            if matches!(token.parts_done(), 3 | 8) {
                clock.advance(Duration::from_secs(3600));
            }
        });
        upload.await.unwrap();
        site.assert_done("in/file", &bytes, "expiry");
        site.assert_parts(&bytes, PART, "expiry");
        let puts = site.puts();
        let rejected = puts.iter().filter(|put| put.status == Some(403)).count();
        assert!(rejected <= 4 * parallel, "{parallel} parallel: {rejected} refused");
        let mut times = BTreeMap::<u32, usize>::new();
        for put in &puts {
            *times.entry(put.part).or_default() += 1;
        }
        assert!(times.values().all(|times| *times <= 2), "{times:?}");
        // After the first `Date` header of the storage, expired URLs are renewed before their use.
        let url_requests = site.count(PART_URL);
        assert!((11 + rejected..=11 + 4 * parallel).contains(&url_requests), "{parallel} parallel: {url_requests}");
    }
}

/// An early rejection may only be visible as a broken connection. The client then checks the age of the URL.
#[tokio::test]
async fn reset_on_an_old_url_renews_it() {
    let bytes = content(3 * PART);
    let site = Arc::new(Site::start().await);
    let clock = Arc::clone(&site);
    site.faults().push(Fault::reset().during_request(0).on(PUT).nth(3));
    let upload = site.client().files().upload("in/file", bytes.clone()).parallel(1);
    let upload = upload.on_checkpoint(move |token| {
        if token.parts_done() == 2 {
            clock.advance(Duration::from_secs(3600));
        }
    });
    upload.await.unwrap();
    site.assert_done("in/file", &bytes, "reset");
    assert_eq!(site.puts().len(), 4);
}

/// If the renewal of a URL fails, the upload fails with the error of that call.
#[tokio::test]
async fn failed_renewal_is_reported() {
    for (fault, kind) in [
        (Fault::status(404), ErrorKind::NotFound),
        (Fault::status(403), ErrorKind::PermissionDenied),
        (Fault::status(500), ErrorKind::Server),
        (Fault::unauthorized(), ErrorKind::Auth),
    ] {
        let site = Site::start().await;
        site.faults().push(Fault::expired_url().on(PUT));
        site.faults().push(fault.on(PART_URL));
        let error = site.client().files().upload("in/file", content(MIB)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        site.assert_not_done("in/file", &error, "renewal");
    }
}

/// A 401 from the storage does not concern the API key. The key is neither sent to the storage nor renewed.
#[tokio::test]
async fn storage_cannot_request_the_api_key() {
    let site = Site::start().await;
    site.faults().push(Fault::status(401).header("www-authenticate", "Basic realm=\"x\"").body("").on(PUT));
    let error = site.client().files().upload("in/file", b"abc").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error:?}");
    assert_eq!(site.puts().len(), 1);
    assert_eq!(site.count("brickftp.sessions.*"), 0);
    site.assert_not_done("in/file", &error, "401");
}

/// Neither the session nor the reauthentication password reaches the storage.
#[tokio::test]
async fn sessions_and_passwords_are_not_sent_to_storage() {
    let site = Site::start().await;
    let (name, password) = (site.admin_username().to_owned(), site.admin_password());
    let session = site.client().sessions().login_guarded(&name, password.as_str().into()).await.unwrap();
    let client = session.with_reauthentication(password.as_str());
    let bytes = content(PART + 1);
    client.files().upload("in/file", bytes.clone()).await.unwrap();
    assert!(client.files().download("in/file").range_size(MIB as u64).bytes(8 * MIB).await.unwrap() == bytes);
    site.assert_no_credentials_in_storage_requests();
    let id = site.state().sessions().pop().unwrap().0;
    let storage = site.journal().into_iter().filter(|one| one.operation.is_some_and(|name| name.contains("storage")));
    for exchange in storage {
        for value in exchange.headers.values() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            assert!(!value.contains(&id) && !value.contains(&password), "{exchange}");
        }
    }
    session.logout().await.unwrap();
}
