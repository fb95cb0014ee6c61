//! What is repeated, what the caller is told, and calls beside the operations.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::behavior::{
    a_broken_connection_leaves_a_doubt, a_delete_done_before_is_success, a_status_becomes_a_kind,
    each_is_repeated_as_allowed,
};
use mft_test_support::hostile::any_reply_is_a_value_or_an_error;
use serde_json::json;
use support::scripted;
use usebuckets::raw::{Idempotency, Method};
use usebuckets::{
    Authentication, Bucket, BucketUpdate, Call, Client, ErrorKind, NewBucket, NewUser, Outcome, Result, UserUpdate,
};

async fn told<T: Send + 'static>(call: Call<T>) -> Result<()> {
    call.await.map(|_| ())
}

/// The operations with what each may bear.
fn operations() -> Vec<(&'static str, Idempotency)> {
    use Idempotency::{Idempotent, NonIdempotent, Safe};
    let mut operations = vec![
        ("buckets.list", Safe),
        ("buckets.create", NonIdempotent),
        ("buckets.update", Idempotent),
        ("buckets.delete", Idempotent),
        ("users.list", Safe),
        ("users.create", NonIdempotent),
        ("users.update", Idempotent),
    ];
    if cfg!(feature = "unverified") {
        operations.extend([
            ("users.delete", Idempotent),
            ("notifications.list", Safe),
            ("notifications.create", NonIdempotent),
            ("notifications.update", Idempotent),
            ("notifications.delete", Idempotent),
        ]);
    }
    operations
}

async fn perform(client: &Client, operation: &str) -> Result<()> {
    let (buckets, users) = (client.buckets(), client.users());
    match operation {
        "buckets.list" => buckets.list().try_collect_vec().await.map(|_| ()),
        "buckets.create" => told(buckets.create(NewBucket::new("b"))).await,
        "buckets.update" => told(buckets.update(&"1".into(), BucketUpdate::active(false))).await,
        "buckets.delete" => told(buckets.delete(&"1".into())).await,
        "users.list" => users.list(&"1".into()).try_collect_vec().await.map(|_| ()),
        "users.create" => told(users.create(NewUser::new("1", "mira", "example-only"))).await,
        "users.update" => told(users.update(&"1".into(), UserUpdate::active(false))).await,
        #[cfg(feature = "unverified")]
        "users.delete" => told(users.delete(&"1".into())).await,
        #[cfg(feature = "unverified")]
        other => perform_unverified(client, other).await,
        #[cfg(not(feature = "unverified"))]
        other => panic!("{other}"),
    }
}

#[cfg(feature = "unverified")]
async fn perform_unverified(client: &Client, operation: &str) -> Result<()> {
    use usebuckets::{EventType, NewNotification, NotificationUpdate};
    let notifications = client.notifications();
    let new = NewNotification::new("1", "https://hooks.example.net", [EventType::FileUploaded]);
    match operation {
        "notifications.list" => notifications.list(&"1".into()).try_collect_vec().await.map(|_| ()),
        "notifications.create" => told(notifications.create(new)).await,
        "notifications.update" => told(notifications.update(&"1".into(), NotificationUpdate::active(false))).await,
        "notifications.delete" => told(notifications.delete(&"1".into())).await,
        other => panic!("{other}"),
    }
}

async fn scripted_perform(script: &MockTransport, operation: &str) -> Result<()> {
    perform(&scripted(script), operation).await
}

#[tokio::test(start_paused = true)]
async fn each_operation_is_repeated_as_its_documentation_allows() {
    each_is_repeated_as_allowed("usebuckets", &operations(), scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_comes_is_a_value_or_an_error() {
    any_reply_is_a_value_or_an_error(&operations(), scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_leaves_a_creation_in_doubt_and_a_refused_one_does_not() {
    a_broken_connection_leaves_a_doubt(&["buckets.create", "users.create"], scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_an_earlier_attempt_did_is_success() {
    let deletes = operations().into_iter().map(|(name, _)| name).filter(|name| name.ends_with("delete"));
    let (deletes, gone) = (deletes.collect::<Vec<_>>(), r#"{"message":"Not Found"}"#);
    a_delete_done_before_is_success(&deletes, gone, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_walk_that_fails_has_changed_nothing_and_names_itself() {
    let first = r#"{"has_more":true,"data":[{"id":"1"}]}"#;
    let script = MockTransport::new().reply(200, &[], first).reply(500, &[], "").repeat_last();
    let error = scripted(&script).buckets().find(&"2".into()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Server, Outcome::NotDone));
    assert_eq!((error.operation(), script.calls().len()), (Some("usebuckets.buckets.find"), 4));
}

/// No status is documented, so each means what it means everywhere.
#[tokio::test]
async fn a_status_becomes_the_kind_that_says_what_to_do() {
    let body = r#"{"code":"E7","message":"Words of the service"}"#;
    let create = async |script: &MockTransport| scripted_perform(script, "buckets.create").await;
    let is_message = |said: &str| said == "Words of the service";
    a_status_becomes_a_kind(&[(401, ErrorKind::Auth)], body, Some("E7"), is_message, create).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_under_a_status_of_success_is_told_in_the_services_words() {
    for (operation, _) in operations() {
        for body in [
            r#"{"error":"boom"}"#,
            r#"{"message":"boom","error":true}"#,
            r#"{"error":{"message":"boom"},"id":null}"#,
            r#"{"data":null,"errors":["boom"]}"#,
        ] {
            let script = MockTransport::new().reply(200, &[], body);
            let done = perform(&scripted(&script), operation).await;
            let error = done.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{operation}: {body}");
            assert_eq!((error.message(), error.attempts()), (Some("boom"), 1), "{operation}: {body}");
        }
    }
    for body in [
        r#"{"error":false,"message":"Deleted."}"#,
        r#"{"error":0,"errors":[],"message":"Deleted."}"#,
        r#"{"error":"","message":"Deleted."}"#,
        r#"{"errors":[],"data":[],"message":"Deleted."}"#,
    ] {
        scripted(&MockTransport::new().reply(200, &[], body)).buckets().delete(&"1".into()).await.unwrap();
        // It was created, and what is missing is only the bucket.
        let created = scripted(&MockTransport::new().reply(200, &[], body)).buckets().create(NewBucket::new("b")).await;
        let error = created.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done), "{body}");
        assert_eq!(error.message(), Some("it holds nothing but a message: Deleted."), "{body}");
    }
    for body in [r#"{"error":true}"#, r#"{"error":{"code":7}}"#, r#"{"data":[],"errors":[7]}"#] {
        let error =
            scripted(&MockTransport::new().reply(200, &[], body)).buckets().delete(&"1".into()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{body}: {error}");
    }
    // What was asked for may come with a message; what has no words is not made up.
    for (body, kind) in [
        (r#"{"id":"1","message":"Created.","error":null}"#, None),
        (r#"{"message":" "}"#, Some(ErrorKind::Decode)),
        (r#"{"id":7,"active":[],"message":"boom"}"#, Some(ErrorKind::Decode)),
        (r#"{"name":"b"}"#, Some(ErrorKind::Decode)),
        (r#""boom""#, Some(ErrorKind::Decode)),
        // Not the values of a bucket in the order of its fields.
        (r#"["boom"]"#, Some(ErrorKind::Decode)),
        (r#" ["boom", "b.example", "b", true, 1]"#, Some(ErrorKind::Decode)),
    ] {
        let created = scripted(&MockTransport::new().reply(200, &[], body)).buckets().create(NewBucket::new("b")).await;
        assert_eq!(created.err().map(|error| error.kind()), kind, "{body}");
    }
}

#[tokio::test]
async fn a_raw_call_stays_below_the_base_url_and_is_not_repeated_unless_told() {
    let script = MockTransport::new().reply(200, &[], r#"{"id":"1"}"#).reply(500, &[], "").repeat_last();
    let client = scripted(&script);
    let call = client.raw(Method::GET, "/buckets/{id}").path("id", "a/b").query("q", "x y");
    let bucket: Bucket = call.idempotency(Idempotency::Safe).json().await.unwrap();
    assert_eq!(bucket.id.as_str(), "1");
    let sent = &script.calls()[0];
    assert_eq!(sent.uri.to_string(), "https://api.usebuckets.io/v1/buckets/a%2Fb?q=x%20y");
    assert_eq!(sent.headers["authorization"], format!("Bearer {}", support::API_KEY));
    let error = client.raw(Method::POST, "/new").json_body(&json!({ "a": 1 })).into_call().await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (2, Outcome::Unknown));
    for path in ["buckets", "", "@evil.example/buckets", "?a=b", ".evil.example"] {
        let error = client.raw(Method::GET, path).into_call().await.unwrap_err();
        assert!(error.is_invalid_input() && script.calls().len() == 2, "{path}: {error}");
    }
}

#[tokio::test]
async fn the_later_name_of_the_product_is_another_base_url() {
    let script = MockTransport::new().reply(200, &[], r#"{"has_more":false,"data":[{"id":"nly_test_buc_1"}]}"#);
    let client = Client::builder(Authentication::api_key("nly_test_api_1"))
        .base_url("https://api.nightly.sh/v1/")
        .transport(script.clone());
    let all = client.build().unwrap().buckets().list().try_collect_vec().await.unwrap();
    assert_eq!(all[0].id.as_str(), "nly_test_buc_1");
    assert_eq!(script.calls()[0].uri, "https://api.nightly.sh/v1/buckets");
}
