//! No `Debug` or `Display` output and no error contains a secret. See `traces.rs` for traces.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::leaks::{MARK, debug_hides, error_hides, raw_call_hides, request_hides};
use serde_json::json;
use usebuckets::raw::{Idempotency, Method};
use usebuckets::{Authentication, Client, NewUser, RetryPolicy, Secret, UserUpdate};

#[path = "support/markers.rs"]
mod markers;

use markers::{KEY, PASSWORD};

fn new_user() -> NewUser {
    NewUser::new(&"b".into(), "mira", PASSWORD.into())
}

#[test]
fn client_builder_and_requests_hide_their_secrets() {
    let builder =
        Client::builder(Authentication::api_key(KEY)).base_url(format!("https://user:{PASSWORD}@host.example"));
    debug_hides(&builder);
    debug_hides(&builder.clone().proxy(format!("http://user:{PASSWORD}@proxy.example")));
    error_hides(&builder.build().unwrap_err());
    let client = Client::builder(Authentication::api_key(KEY)).transport(MockTransport::new()).build().unwrap();
    debug_hides(&client);
    debug_hides(&(client.buckets(), client.users(), client.buckets().list(), client.buckets().list().into_pages()));
    debug_hides(&client.users().create(new_user()));
    request_hides(&new_user(), PASSWORD);
    request_hides(&UserUpdate::new().password(PASSWORD), PASSWORD);
    request_hides(&UserUpdate::new().active(true).password(PASSWORD), PASSWORD);
    debug_hides(&Secret::new(PASSWORD));
}

#[tokio::test]
async fn headers_bodies_and_pages_hide_their_secrets() {
    let secret_cookie = [("set-cookie", "session=MARK-session"), ("x-token", "MARK-token")];
    let user = json!({ "id": "1", "username": "mira", "password": PASSWORD });
    let body = json!({ "has_more": false, "next_uri": "?after=MARK", "data": [user] }).to_string();
    let script = MockTransport::new().reply(200, &secret_cookie, body).repeat_last();
    let client = support::scripted(&script);
    let page = client.users().list(&"b".into()).into_pages().try_next().await.unwrap().unwrap();
    assert_eq!(page.items[0].username.as_deref(), Some("mira"));
    debug_hides(&page);
    let call = client.raw(Method::GET, "/users").idempotency(Idempotency::Safe);
    let whole = call.json::<serde::de::IgnoredAny>().with_response().await.unwrap();
    assert_eq!(whole.headers["x-token"], "MARK-token");
    debug_hides(&whole);
    raw_call_hides(client.raw(Method::POST, "/users"), &new_user(), PASSWORD).await;
    debug_hides(&script.calls());
}

#[tokio::test]
async fn an_error_hides_echoed_secrets() {
    let bearer = format!("Bearer {KEY}");
    for echoed in [KEY, bearer.as_str(), PASSWORD] {
        for status in [400, 401, 409, 500, 307] {
            let message = format!("refused: {echoed}, really");
            for body in [json!({ "code": echoed, "message": message }).to_string(), message] {
                let headers =
                    [("x-request-id", echoed), ("location", "https://MARK-user:MARK-pw@evil.example/MARK?MARK")];
                let script = MockTransport::new().reply(status, &headers, body).repeat_last();
                let client = Client::builder(Authentication::api_key(KEY))
                    .transport(script)
                    .retry(RetryPolicy::none())
                    .build()
                    .unwrap();
                let users = client.users();
                for error in [
                    users.create(new_user()).await.unwrap_err(),
                    users.update(&"1".into(), UserUpdate::new().password(PASSWORD)).await.unwrap_err(),
                ] {
                    assert!(String::from_utf8_lossy(error.body()).contains(echoed), "the service did not repeat it");
                    // The request id comes from the service and is not redacted.
                    if echoed == PASSWORD {
                        assert!(!error.message().unwrap().contains(MARK), "{error}");
                    } else {
                        error_hides(&error);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn an_undecodable_body_is_kept_but_not_shown() {
    for body in [
        json!({ "password": PASSWORD }).to_string(),
        json!({ "id": "1", "active": PASSWORD }).to_string(),
        json!({ "id": "1", "permissions": [PASSWORD] }).to_string(),
        json!({ "id": "1", "created_at": PASSWORD }).to_string(),
        json!({ "id": { "x": PASSWORD } }).to_string(),
        format!("<html>{PASSWORD}</html>"),
        format!(r#""{PASSWORD}""#),
        PASSWORD.to_owned(),
    ] {
        let client = support::scripted(&MockTransport::new().reply(200, &[], body.clone()));
        let error = client.users().update(&"1".into(), UserUpdate::new().active(true)).await.unwrap_err();
        assert!(String::from_utf8_lossy(error.body()).contains(PASSWORD));
        error_hides(&error);
    }
}

/// Receivers keep passwords and tokens in their addresses.
#[cfg(feature = "unverified")]
#[test]
fn notifications_hide_secrets_in_urls() {
    use usebuckets::{EventType, NewNotification, Notification, NotificationUpdate};
    let url = format!("https://user:{PASSWORD}@hooks.example.net/in?token=MARK-token");
    let new = NewNotification::new(&"b".into(), url.as_str(), [EventType::FileUploaded]);
    request_hides(&new, PASSWORD);
    request_hides(&NotificationUpdate::new().webhook_url(url.as_str()), PASSWORD);
    request_hides(&NotificationUpdate::new().active(true).webhook_url(url.as_str()), PASSWORD);
    let read: Notification = serde_json::from_value(json!({ "id": "1", "webhook_url": url })).unwrap();
    debug_hides(&read);
    assert!(format!("{read:?}").contains("https://***@hooks.example.net/***"), "{read:?}");
    assert_eq!(read.webhook_url.as_deref(), Some(url.as_str()));
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn an_error_hides_an_echoed_url() {
    use usebuckets::{EventType, NewNotification, NotificationUpdate};
    for (url, message) in [
        ("https://hooks.example.net/services/MARK-secret", "*** cannot be reached"),
        ("https://hooks.example.net", "https://hooks.example.net cannot be reached"),
    ] {
        let body = json!({ "message": format!("{url} cannot be reached") }).to_string();
        let script = MockTransport::new().reply(422, &[], body).repeat_last();
        let client = support::scripted(&script);
        let new = NewNotification::new(&"b".into(), url, [EventType::FileUploaded]);
        for error in [
            client.notifications().create(new).await.unwrap_err(),
            client.notifications().update(&"1".into(), NotificationUpdate::new().webhook_url(url)).await.unwrap_err(),
        ] {
            assert_eq!(error.message(), Some(message));
            error_hides(&error);
        }
    }
}
