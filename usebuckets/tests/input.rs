//! Invalid input is rejected by field name, before anything is sent.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::{input, invalid_settings_are_rejected};
use support::scripted;
use usebuckets::{
    Authentication, BucketUpdate, Client, NewBucket, NewUser, Permission, Permissions, Result, Secret, UserUpdate,
};

/// A client whose transport fails every request, and the transport.
fn client() -> (Client, MockTransport) {
    let script = MockTransport::new();
    (scripted(&script), script)
}

/// Asserts that the error names the field and was returned before anything was sent.
#[track_caller]
fn refused<T>(result: Result<T>, script: &MockTransport, field: &str) -> String {
    input::refused("usebuckets", result, script, field)
}

#[tokio::test]
async fn an_empty_string_is_never_sent() {
    let (client, script) = client();
    let (buckets, users) = (client.buckets(), client.users());
    refused(buckets.create(NewBucket::new("")).await, &script, "name");
    refused(buckets.create(NewBucket::new(" \t")).await, &script, "name");
    refused(buckets.update(&"1".into(), BucketUpdate::new().active(true).name("")).await, &script, "name");
    refused(users.create(NewUser::new(&"".into(), "mira", "p".into())).await, &script, "bucket_id");
    refused(users.create(NewUser::new(&"b".into(), "", "p".into())).await, &script, "username");
    refused(users.create(NewUser::new(&"b".into(), "mira", "".into())).await, &script, "password");
    refused(users.update(&"1".into(), UserUpdate::new().username("")).await, &script, "username");
    refused(users.update(&"1".into(), UserUpdate::new().password("")).await, &script, "password");
    for permissions in
        [Permissions::on("", Permission::Read), Permissions::on("/a", Permission::Read).and("/b", Permission::from(""))]
    {
        let new = NewUser::new(&"b".into(), "mira", "p".into()).permissions(permissions.clone());
        refused(users.create(new).await, &script, "permissions");
        let update = UserUpdate::new().active(true).permissions(permissions);
        refused(users.update(&"1".into(), update).await, &script, "permissions");
    }
    refused(buckets.list().resume_from("").try_next().await, &script, "resume_from");
    refused(buckets.find(&"".into()).await, &script, "bucket_id");
    refused(users.find(&"b".into(), &"".into()).await, &script, "user_id");
}

#[tokio::test]
async fn an_empty_update_is_rejected() {
    let (client, script) = client();
    refused(client.buckets().update(&"1".into(), BucketUpdate::new()).await, &script, "update");
    refused(client.users().update(&"1".into(), UserUpdate::default()).await, &script, "update");
    #[cfg(feature = "unverified")]
    {
        let update = usebuckets::NotificationUpdate::new();
        refused(client.notifications().update(&"1".into(), update).await, &script, "update");
    }
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn a_notification_needs_an_event_and_an_https_url() {
    use usebuckets::{EventType, NewNotification, NotificationUpdate};
    let (client, script) = client();
    let notifications = client.notifications();
    let events = [EventType::FileUploaded];
    for url in [
        "",
        "http://hooks.example.net",
        "hooks.example.net",
        "ftp://hooks.example.net",
        "https://",
        // A URL parser would repair these, but the service receives the original text.
        "https:hooks.example.net",
        "https:/hooks.example.net",
        r"https:\\hooks.example.net",
        " https://hooks.example.net",
        "https://hooks.example.net/\n",
        "https://hooks.exam\tple.net",
    ] {
        let created = notifications.create(NewNotification::new(&"b".into(), url, events.clone())).await;
        refused(created, &script, "webhook_url");
        let update = NotificationUpdate::new().active(true).webhook_url(url);
        refused(notifications.update(&"1".into(), update).await, &script, "webhook_url");
    }
    let url = "https://hooks.example.net/in";
    refused(notifications.create(NewNotification::new(&"b".into(), url, [])).await, &script, "events");
    refused(notifications.create(NewNotification::new(&"".into(), url, events.clone())).await, &script, "bucket_id");
    let with_empty_path = NewNotification::new(&"b".into(), url, events.clone()).paths(["/a", ""]);
    refused(notifications.create(with_empty_path).await, &script, "paths");
    refused(notifications.update(&"1".into(), NotificationUpdate::new().events([])).await, &script, "events");
    refused(notifications.update(&"1".into(), NotificationUpdate::new().paths([""])).await, &script, "paths");
    let script = MockTransport::new().reply(200, &[], r#"{"id":"1"}"#).repeat_last();
    let allowing =
        Client::builder(Authentication::api_key("key")).transport(script.clone()).allow_http().build().unwrap();
    allowing.notifications().create(NewNotification::new(&"b".into(), "http://127.0.0.1:9/", events)).await.unwrap();
}

#[tokio::test]
async fn an_id_that_would_reach_another_endpoint_is_rejected() {
    let (client, script) = client();
    for id in ["", ".", "..", "a\nb", "a\r\nHost: x", "\0", "tab\t"] {
        refused(client.buckets().update(&id.into(), BucketUpdate::new().active(true)).await, &script, "bucket_id");
        refused(client.buckets().delete(&id.into()).await, &script, "bucket_id");
        refused(client.users().list(&id.into()).try_next().await, &script, "bucket_id");
        refused(client.users().update(&id.into(), UserUpdate::new().active(true)).await, &script, "user_id");
    }
}

#[tokio::test]
async fn any_id_is_encoded_as_one_path_segment() {
    for (id, segment) in [
        ("../users/1", "..%2Fusers%2F1"),
        ("a?b#c", "a%3Fb%23c"),
        ("50%25", "50%2525"),
        ("a b;c+d", "a%20b%3Bc%2Bd"),
        ("é", "%C3%A9"),
    ] {
        let script = MockTransport::new().reply(200, &[], r#"{"id":"1"}"#).repeat_last();
        let client = scripted(&script);
        client.buckets().update(&id.into(), BucketUpdate::new().active(true)).await.unwrap();
        client.buckets().delete(&id.into()).await.unwrap();
        client.users().update(&id.into(), UserUpdate::new().active(true)).await.unwrap();
        let _ = client.users().list(&id.into()).try_next().await;
        let paths: Vec<String> = script.calls().iter().map(|call| call.uri.to_string()).collect();
        let base = "https://api.usebuckets.io/v1";
        let expected = [
            format!("{base}/buckets/{segment}"),
            format!("{base}/buckets/{segment}"),
            format!("{base}/users/{segment}"),
            format!("{base}/buckets/{segment}/users"),
        ];
        assert_eq!(paths, expected);
    }
}

#[test]
fn an_invalid_api_key_is_rejected_and_not_shown() {
    for key in input::UNSENDABLE {
        input::assert_build_fails(
            Client::builder(Authentication::api_key(key)).transport(MockTransport::new()).build(),
            "api_key ",
        );
    }
}

#[test]
fn invalid_settings_are_rejected() {
    invalid_settings_are_rejected!(|| Client::builder(Authentication::api_key(Secret::new("key"))));
}

#[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls", feature = "rustls-no-provider")))]
#[test]
fn a_build_without_tls_names_the_feature_to_enable() {
    let error = Client::builder(Authentication::api_key("key")).build().unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("enable the feature `rustls`"), "{error}");
}
