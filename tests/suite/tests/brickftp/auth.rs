//! API keys, sessions and passwords of BrickFTP: the requests that carry them, and the effect of a rejection.

use std::time::Duration;

use brickftp::transfer::Source;
use brickftp::{Authentication, Client, Error, ErrorKind, NewUser, Outcome, PermissionKind, UserUpdate};
use futures_util::future::join_all;
use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;
use mft_tests::runtime::wait_until;
use mft_tests::{Brickftp, ClientOptions, Provider};

const HEADER: &str = "x-brick-reauthentication";

async fn logged_in(site: &Brickftp) -> brickftp::SessionGuard {
    let anonymous = site.builder_for(Authentication::anonymous(), ClientOptions::default()).build().unwrap();
    let (name, password) = (site.simulator.admin_username(), site.simulator.admin_password());
    anonymous.sessions().login_guarded(name, password.into()).await.unwrap()
}

/// Returns the operations whose requests contained a header.
fn carriers(site: &Brickftp, header: &str) -> Vec<&'static str> {
    let journal = site.journal();
    let carrying = journal.iter().filter(|exchange| exchange.headers.contains_key(header));
    carrying.filter_map(|exchange| exchange.operation).collect()
}

#[tokio::test]
async fn reauthentication_password_is_sent_only_with_calls_that_need_it() {
    let site: Brickftp = Brickftp::start().await;
    let session = logged_in(&site).await;
    let id = site.target;
    let refused = session.users().delete(id).await.unwrap_err();
    assert!(brickftp::needs_reauthentication(&refused), "{refused}");
    assert_eq!((refused.kind(), refused.outcome()), (ErrorKind::PermissionDenied, Outcome::NotDone), "{refused}");
    let wrong = session.with_reauthentication("another").users().delete(id).await.unwrap_err();
    assert!(brickftp::needs_reauthentication(&wrong) && wrong.attempts() == 1, "{wrong}");

    site.simulator.clear_journal();
    let client = session.with_reauthentication(site.simulator.admin_password());
    client.users().update(id, UserUpdate::new().name("renamed")).await.unwrap();
    client.users().update(id, UserUpdate::new().password("mrk-Chosen:Password@9%")).await.unwrap();
    client.users().list().try_collect_vec().await.unwrap();
    client.users().create(NewUser::new("another").password("mrk-Chosen:Password@9%")).await.unwrap();
    client.files().upload("in/a", Source::bytes(vec![1; 2_500])).await.unwrap();
    client.files().download("in/a").bytes(1 << 20).await.unwrap();
    client.files().delete("in/a").await.unwrap();
    client.users().delete(id).await.unwrap();
    assert_eq!(carriers(&site, HEADER), ["brickftp.users.update", "brickftp.users.delete"]);

    // A client with an API key needs no password, so the password is not sent.
    site.simulator.clear_journal();
    let by_key = site.client(ClientOptions::default()).with_reauthentication(site.simulator.admin_password());
    by_key
        .users()
        .delete(brickftp::UserId::new(site.simulator.state().user_named("another").unwrap().id))
        .await
        .unwrap();
    assert_eq!(carriers(&site, HEADER), [""; 0]);
}

#[tokio::test]
async fn session_cookie_is_sent_to_the_api_but_not_to_storage() {
    let site: Brickftp = Brickftp::start().await;
    let session = logged_in(&site).await;
    session.files().upload("in/a", Source::bytes(vec![1; 2_500])).await.unwrap();
    session.files().download("in/a").bytes(1 << 20).await.unwrap();
    session.logout().await.unwrap();
    assert_eq!(site.simulator.state().sessions(), []);
    for exchange in site.journal() {
        let to_storage = exchange.operation.is_some_and(|name| name.starts_with("brickftp.storage."));
        let is_login = exchange.operation == Some("brickftp.sessions.create");
        assert_eq!(exchange.headers.contains_key("cookie"), !to_storage && !is_login, "{exchange}");
        assert!(!exchange.headers.contains_key("authorization"), "{exchange}");
    }
}

#[tokio::test]
async fn calls_with_an_expired_session_are_not_retried() {
    let site: Brickftp = Brickftp::start().await;
    let session = logged_in(&site).await;
    // The reauthentication password does not create a new session either.
    let client = session.with_reauthentication(site.simulator.admin_password());
    client.users().get(site.target).await.unwrap();
    site.simulator.state().expire_sessions();
    site.simulator.clear_journal();
    let results = join_all((0..100).map(|_| client.users().get(site.target).into_future())).await;
    for result in results {
        let error = result.unwrap_err();
        assert!(error.is_auth() && error.attempts() == 1 && error.outcome() == Outcome::NotDone, "{error}");
    }
    assert_eq!(site.journal().len(), 100);
    // The service responds to a logout with success even if the session has expired.
    session.logout().await.unwrap();
}

/// Presigned URLs authorize themselves, so a rejection by the storage does not affect the key or the session.
#[tokio::test]
async fn storage_401_does_not_affect_authentication() {
    let site: Brickftp = Brickftp::start().await;
    site.simulator.state().add_file("out/a", vec![7; 100]);
    for (operation, rule) in [
        ("brickftp.storage.get", Fault::status(401).body("").on("brickftp.storage.get")),
        ("brickftp.storage.put_part", Fault::status(401).body("").on("brickftp.storage.put_part")),
    ] {
        site.faults().clear();
        site.simulator.clear_journal();
        site.faults().push(rule);
        let client = logged_in(&site).await;
        let error = if operation.ends_with("get") {
            client.files().download("out/a").bytes(1 << 20).await.unwrap_err()
        } else {
            client.files().upload("in/a", Source::bytes(vec![1; 100])).await.unwrap_err().into()
        };
        assert_eq!((error.outcome(), error.status().map(|status| status.as_u16())), (Outcome::NotDone, Some(401)));
        assert_eq!(site.simulator.count("brickftp.sessions.create"), 1, "a new session for {operation}");
        assert_eq!(site.simulator.count(operation), 1, "{error}");
        for exchange in site.journal().iter().filter(|exchange| exchange.operation == Some(operation)) {
            for name in ["authorization", "cookie", HEADER, "referer"] {
                assert!(!exchange.headers.contains_key(name), "{exchange}: {name}");
            }
        }
        client.users().get(site.target).await.unwrap();
        drop(client);
    }
    assert_eq!(site.simulator.state().file_paths(), ["out/a"]);
}

#[tokio::test]
async fn failed_logins_are_not_retried() {
    let builder = Simulator::builder().lockout(3, Duration::from_secs(600));
    let site: Brickftp = Brickftp::start_with(builder).await;
    let client = site.builder_for(Authentication::anonymous(), ClientOptions::default()).build().unwrap();
    for _ in 0..2 {
        let error = client.sessions().login("target", "wrong".into()).await.unwrap_err();
        assert!(error.is_auth() && error.attempts() == 1 && error.outcome() == Outcome::NotDone, "{error}");
    }
    assert_eq!(site.simulator.state().user_named("target").unwrap().failed_logins, 2);
    let password = site.simulator.state().user_named("target").unwrap().password;
    let session = client.sessions().login("target", password.into()).await.unwrap();
    assert_eq!(site.simulator.state().sessions()[0].0, session.id.expose());
}

#[tokio::test]
async fn dropped_session_guard_logs_out() {
    let site: Brickftp = Brickftp::start().await;
    let session = logged_in(&site).await;
    let client: Client = session.client().clone();
    assert_eq!(site.simulator.state().sessions().len(), 1);
    drop(session);
    let state = site.simulator.state();
    assert!(wait_until(Duration::from_secs(5), || state.sessions().is_empty()).await, "the session is still open");
    assert!(client.users().count().await.unwrap_err().is_auth());
}

#[tokio::test]
async fn user_permissions_are_enforced() {
    let site: Brickftp = Brickftp::start().await;
    let (state, admin) = (site.simulator.state(), site.client(ClientOptions::default()));
    state.add_file("open/a", "hello");
    state.add_file("closed/b", "secret");
    let new = brickftp::NewPermission::new("open", site.target, PermissionKind::ReadOnly).recursive(true);
    admin.permissions().create(new).await.unwrap();
    let key = admin.api_keys().create(site.target, brickftp::NewApiKey::new("key")).await.unwrap().key.unwrap();
    let user =
        site.builder(ClientOptions { key: Some(key.expose().to_owned()), ..ClientOptions::default() }).build().unwrap();
    assert_eq!(user.files().download("open/a").bytes(100).await.unwrap(), "hello".as_bytes());
    assert!(user.files().stat("open/a").await.unwrap().permissions.is_some_and(|letters| !letters.can_write()));
    for error in [
        user.files().download("closed/b").bytes(100).await.err(),
        user.files().upload("open/c", Source::bytes("x")).await.err().map(Error::from),
        user.files().delete("open/a").await.err(),
        user.users().list().try_next().await.err(),
        user.users().delete(site.target).await.err(),
    ] {
        let error = error.expect("not allowed");
        let refused = matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound);
        assert!(refused && error.outcome() == Outcome::NotDone, "{error}");
    }
    assert_eq!(state.file_paths(), ["closed/b", "open/a"]);
}

#[tokio::test]
async fn root_certificate_applies_to_api_and_storage() {
    let site: Brickftp = Brickftp::start_with(Simulator::builder().tls()).await;
    let pem = site.simulator.ca_pem().expect("a simulator with TLS").to_owned();
    let error = site.client(ClientOptions::default()).users().get(site.target).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{error}");
    let trusting = site.builder(ClientOptions::default()).add_root_certificate(pem).build().unwrap();
    trusting.files().upload("in/a", Source::bytes(vec![1; 2_500])).await.unwrap();
    assert_eq!(trusting.files().download("in/a").bytes(1 << 20).await.unwrap(), vec![1; 2_500]);
}
