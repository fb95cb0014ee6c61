//! Sessions: login, logout and the guard.

use std::time::Duration;

use crate::support::{
    NOTHING, SESSION, Service, both_formats, delete, either, fixture, get, post, scripted, scripted_for,
};
use brickftp::{Authentication, Client, ErrorKind, Format, Outcome, RetryPolicy};
use mft_common::testing::MockTransport;
use serde_json::json;

const LOGIN: &str = "<session><username>ada</username><password>p&amp;w</password></session>";

async fn create(format: Format) {
    let login = || post("/sessions").anonymous().body(json!({ "username": "ada", "password": "p&w" }), LOGIN);
    let service = Service::start_for(format, Authentication::anonymous()).await;
    service.answers(login(), 201, fixture("session", format)).await;
    let session = service.client.sessions().login("ada", "p&w".into()).await.unwrap();
    assert_eq!(session.id.expose(), SESSION);
    // The login does not send the credentials of the client.
    let service = Service::answering(format, login(), 201, fixture("session", format)).await;
    assert_eq!(service.client.sessions().login("ada", "p&w".into()).await.unwrap(), session);
}

async fn remove(format: Format) {
    let service = Service::start_for(format, Authentication::session(SESSION)).await;
    service.answers(delete("/sessions").by_session(), 200, either(format, NOTHING)).await;
    service.client.sessions().logout().await.unwrap();
}

#[tokio::test]
async fn a_guarded_login_works_as_the_session_and_logs_out() {
    for format in [Format::Json, Format::Xml] {
        let service = Service::start(format).await;
        let login = post("/sessions").anonymous().body(json!({ "username": "ada", "password": "p&w" }), LOGIN);
        service.answers(login, 201, fixture("session", format)).await;
        service.answers(get("/users").by_session().query("action=count"), 200, fixture("users_count", format)).await;
        service.answers(delete("/sessions").by_session(), 200, either(format, NOTHING)).await;
        let session = service.client.sessions().login_guarded("ada", "p&w".into()).await.unwrap();
        assert_eq!(session.users().count().await.unwrap(), 12);
        session.logout().await.unwrap();
        assert_eq!(service.requests().await, 3);
    }
}

/// Waits until the mock has received this number of requests, and a little longer to detect further ones.
async fn settled(script: &MockTransport, requests: usize) {
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(script.calls().len(), requests);
}

#[tokio::test(start_paused = true)]
async fn dropping_a_guard_logs_out_once() {
    let new = || MockTransport::new().reply(201, &[], r#"{"id":"s1"}"#).reply(200, &[], "[]").reply(200, &[], "[]");
    let script = new();
    drop(scripted(&script).sessions().login_guarded("ada", "pw".into()).await.unwrap());
    settled(&script, 2).await;
    let logout = &script.calls()[1];
    assert_eq!((logout.method.as_str(), logout.uri.path()), ("DELETE", "/api/rest/v1/sessions.json"));
    assert_eq!(logout.headers["cookie"], "BrickAPI=s1");

    let script = new();
    let open_client = scripted(&script).sessions().login_guarded("ada", "pw".into()).await.unwrap().keep_open();
    settled(&script, 1).await;
    open_client.sessions().logout().await.unwrap();
    settled(&script, 2).await;

    // The guard can outlive its runtime.
    let script = new();
    let session = scripted(&script).sessions().login_guarded("ada", "pw".into()).await.unwrap();
    std::thread::spawn(move || drop(session)).join().unwrap();
    settled(&script, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_login_is_not_retried_and_a_rejection_has_its_code() {
    let script = MockTransport::new().reply(500, &[], "").repeat_last();
    let error = scripted(&script).sessions().login("ada", "pw".into()).await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (1, Outcome::Unknown));
    let refused = r#"{"error":"invalid username or password","http-code":"401",
        "errors":[{"type":"401-invalid-username-or-password","message":"invalid username or password"}]}"#;
    let script = MockTransport::new().reply(401, &[], refused);
    let error = scripted(&script).sessions().login_guarded("ada", "pw".into()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone));
    assert_eq!(error.code(), Some("401-invalid-username-or-password"));
    assert_eq!(error.message(), Some("invalid username or password"));
    // A session id that is invalid in a cookie.
    let script = MockTransport::new().reply(201, &[], r#"{"id":"a;b"}"#);
    let error = scripted(&script).sessions().login_guarded("ada", "pw".into()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Protocol, Outcome::Done));
    assert!(!format!("{error} {error:?}").contains("a;b"), "{error:?}");
}

#[tokio::test]
async fn a_logout_without_a_session_is_invalid_input() {
    for authentication in [Authentication::api_key("key"), Authentication::anonymous()] {
        let script = MockTransport::new();
        let error = scripted_for(&script, authentication, Format::Json).sessions().logout().await.unwrap_err();
        assert!(error.is_invalid_input() && script.calls().is_empty(), "{error}");
    }
}

#[test]
fn another_authentication_keeps_the_settings() {
    let client = Client::builder("acme", Authentication::api_key("key"))
        .format(Format::Xml)
        .base_url("https://gateway.example/x")
        .build()
        .unwrap();
    let debug = format!("{:?}", client.with_authentication(Authentication::session("s")).unwrap());
    assert!(
        debug.contains("https://gateway.example/x") && debug.contains("Session") && debug.contains("Xml"),
        "{debug}"
    );
    assert!(client.with_authentication(Authentication::session("a b")).unwrap_err().is_invalid_input());
    assert!(
        Client::builder("acme", Authentication::api_key("a:b"))
            .retry(RetryPolicy::none())
            .build()
            .unwrap_err()
            .is_invalid_input()
    );
}

both_formats! {
    #[tokio::test]
    create => fn create_json(), fn create_xml();
    remove => fn delete_json(), fn delete_xml();
}
