//! Addresses that live shortly: they are renewed when they have to be and not otherwise, and nobody waits for that.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use brickftp::ErrorKind;
use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;
use mft_tests::transfer::{From, MIB, PART, PUT, Site, content};

const ADDRESS: &str = "brickftp.uploads.part";

/// An address whose whole life is shorter than what is kept in reserve is asked for right before it is used.
#[tokio::test]
async fn short_lives_are_used_for_what_they_are() {
    let bytes = content(4 * PART + 1);
    for seconds in [5, 15, 30, 180, 900] {
        let site = Site::with(Simulator::builder().upload_url_life(Duration::from_secs(seconds))).await;
        for from in [From::File, From::Sized] {
            site.clear_journal();
            site.client().files().upload("in/file", from.source(&site, &bytes)).parallel(2).await.unwrap();
            site.assert_done("in/file", &bytes, "short lives");
            assert_eq!(site.puts().len(), 5, "{seconds} s: none was refused");
            let asked = site.count(ADDRESS);
            assert!(asked <= 9 && (seconds < 30 || asked == 4), "{seconds} s: {asked} addresses for 5 parts");
        }
    }
}

/// One that has expired when it comes ends the upload after a few tries, and does not go round in circles.
#[tokio::test]
async fn addresses_that_are_born_expired_end_the_upload() {
    let site = Site::with(Simulator::builder().upload_url_life(Duration::ZERO)).await;
    let error = site.client().files().upload("in/file", content(PART + 1)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::PermissionDenied, Some("AccessDenied")), "{error:?}");
    assert!(site.puts().len() <= 6 && site.count(ADDRESS) <= 8, "{} and {}", site.puts().len(), site.count(ADDRESS));
    site.assert_not_done("in/file", &error, "expired");
}

/// All addresses that were asked for ahead expire at once, by the clock of the storage: each costs one
/// refusal at most and one call, and the file is right.
#[tokio::test]
async fn addresses_that_expire_on_the_way_are_renewed() {
    let bytes = content(12 * PART);
    for parallel in [1, 2, 4] {
        let site = Arc::new(Site::start().await);
        let clock = Arc::clone(&site);
        let upload = site.client().files().upload("in/file", From::File.source(&site, &bytes)).parallel(parallel);
        let upload = upload.on_checkpoint(move |token| {
            if matches!(token.parts_done(), 3 | 8) {
                clock.advance(Duration::from_secs(3600));
            }
        });
        upload.await.unwrap();
        site.assert_done("in/file", &bytes, "expiry");
        site.assert_parts(&bytes, PART, "expiry");
        let puts = site.puts();
        let refused = puts.iter().filter(|put| put.status == Some(403)).count();
        assert!(refused <= 4 * parallel, "{parallel} at once: {refused} refused");
        let mut times = BTreeMap::<u32, usize>::new();
        for put in &puts {
            *times.entry(put.part).or_default() += 1;
        }
        assert!(times.values().all(|times| *times <= 2), "{times:?}");
        // Once the storage has told the time, those that are old are renewed before they are used.
        let asked = site.count(ADDRESS);
        assert!((11 + refused..=11 + 4 * parallel).contains(&asked), "{parallel} at once: {asked}");
    }
}

/// A storage that refuses early may be seen as a broken connection only. Then the age of the address decides.
#[tokio::test]
async fn a_reset_of_an_old_address_asks_for_a_new_one() {
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

/// A new address fails to come: the upload ends with what that call says.
#[tokio::test]
async fn a_renewal_that_fails_is_told() {
    for (fault, kind) in [
        (Fault::status(404), ErrorKind::NotFound),
        (Fault::status(403), ErrorKind::PermissionDenied),
        (Fault::status(500), ErrorKind::Server),
        (Fault::unauthorized(), ErrorKind::Auth),
    ] {
        let site = Site::start().await;
        site.faults().push(Fault::expired_url().on(PUT));
        site.faults().push(fault.on(ADDRESS));
        let error = site.client().files().upload("in/file", content(MIB)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        site.assert_not_done("in/file", &error, "renewal");
    }
}

/// 401 from the storage is no matter of the key: it is neither sent there nor asked for anew.
#[tokio::test]
async fn the_storage_cannot_ask_for_the_key() {
    let site = Site::start().await;
    site.faults().push(Fault::status(401).header("www-authenticate", "Basic realm=\"x\"").body("").on(PUT));
    let error = site.client().files().upload("in/file", "abc").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error:?}");
    assert_eq!(site.puts().len(), 1);
    assert_eq!(site.count("brickftp.sessions.*"), 0);
    site.assert_not_done("in/file", &error, "401");
}

/// A session with a password at hand uploads and downloads, and neither reaches the storage.
#[tokio::test]
async fn sessions_and_passwords_stay_with_the_service() {
    let site = Site::start().await;
    let (name, password) = (site.admin_username().to_owned(), site.admin_password());
    let session = site.client().sessions().login_guarded(&name, password.as_str()).await.unwrap();
    let client = session.with_reauthentication(password.as_str());
    let bytes = content(PART + 1);
    client.files().upload("in/file", bytes.clone()).await.unwrap();
    assert!(client.files().download("in/file").range_size(MIB as u64).bytes(8 * MIB).await.unwrap() == bytes);
    site.assert_storage_was_told_nothing();
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
