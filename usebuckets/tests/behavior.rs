//! Retries, errors and raw calls.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::hostile::arbitrary_responses_are_values_or_errors;
use mft_test_support::retries::{
    broken_connection_leaves_outcome_unknown, retried_delete_that_gets_404_succeeds, retries_follow_idempotency,
    statuses_map_to_error_kinds,
};
use serde_json::json;
use support::scripted;
use usebuckets::raw::{Idempotency, Method};
use usebuckets::{
    Authentication, Bucket, BucketUpdate, Call, Client, ErrorKind, NewBucket, NewUser, Outcome, Result, UserUpdate,
};

async fn discard_value<T: Send + 'static>(call: Call<T>) -> Result<()> {
    call.await.map(|_| ())
}

/// The operations with their idempotency.
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
        "buckets.create" => discard_value(buckets.create(NewBucket::new("b"))).await,
        "buckets.update" => discard_value(buckets.update(&"1".into(), BucketUpdate::new().active(false))).await,
        "buckets.delete" => discard_value(buckets.delete(&"1".into())).await,
        "users.list" => users.list(&"1".into()).try_collect_vec().await.map(|_| ()),
        "users.create" => discard_value(users.create(NewUser::new(&"1".into(), "mira", "example-only".into()))).await,
        "users.update" => discard_value(users.update(&"1".into(), UserUpdate::new().active(false))).await,
        #[cfg(feature = "unverified")]
        "users.delete" => discard_value(users.delete(&"1".into())).await,
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
    let new = NewNotification::new(&"1".into(), "https://hooks.example.net", [EventType::FileUploaded]);
    match operation {
        "notifications.list" => notifications.list(&"1".into()).try_collect_vec().await.map(|_| ()),
        "notifications.create" => discard_value(notifications.create(new)).await,
        "notifications.update" => {
            discard_value(notifications.update(&"1".into(), NotificationUpdate::new().active(false))).await
        }
        "notifications.delete" => discard_value(notifications.delete(&"1".into())).await,
        other => panic!("{other}"),
    }
}

async fn scripted_perform(script: &MockTransport, operation: &str) -> Result<()> {
    perform(&scripted(script), operation).await
}

#[tokio::test(start_paused = true)]
async fn each_operation_is_retried_as_documented() {
    retries_follow_idempotency("usebuckets", &operations(), scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn any_response_is_a_value_or_an_error() {
    arbitrary_responses_are_values_or_errors(&operations(), scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_creation_is_ambiguous_after_a_broken_connection_only() {
    broken_connection_leaves_outcome_unknown(&["buckets.create", "users.create"], scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_applied_by_an_earlier_attempt_is_a_success() {
    let deletes = operations().into_iter().map(|(name, _)| name).filter(|name| name.ends_with("delete"));
    let (deletes, already_deleted) = (deletes.collect::<Vec<_>>(), r#"{"message":"Not Found"}"#);
    retried_delete_that_gets_404_succeeds(&deletes, already_deleted, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_find_is_not_ambiguous_and_names_its_operation() {
    let first = r#"{"has_more":true,"data":[{"id":"1"}]}"#;
    let script = MockTransport::new().reply(200, &[], first).reply(500, &[], "").repeat_last();
    let error = scripted(&script).buckets().find(&"2".into()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Server, Outcome::NotDone));
    assert_eq!((error.operation(), script.calls().len()), (Some("usebuckets.buckets.find"), 4));
}

/// No status is documented, so the common mapping applies.
#[tokio::test]
async fn each_status_maps_to_an_error_kind() {
    let body = r#"{"code":"E7","message":"The service's message"}"#;
    let create = async |script: &MockTransport| scripted_perform(script, "buckets.create").await;
    let is_message = |message: &str| message == "The service's message";
    statuses_map_to_error_kinds(&[(401, ErrorKind::Auth)], body, Some("E7"), is_message, create).await;
}

#[tokio::test(start_paused = true)]
async fn an_error_in_a_success_response_has_the_services_message() {
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
        // The call was applied; only the bucket is missing in the response.
        let created = scripted(&MockTransport::new().reply(200, &[], body)).buckets().create(NewBucket::new("b")).await;
        let error = created.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done), "{body}");
        assert_eq!(error.message(), Some("it contains only a message: Deleted."), "{body}");
    }
    for body in [r#"{"error":true}"#, r#"{"error":{"code":7}}"#, r#"{"data":[],"errors":[7]}"#] {
        let error =
            scripted(&MockTransport::new().reply(200, &[], body)).buckets().delete(&"1".into()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{body}: {error}");
    }
    // The result may have a message. A missing message is not invented.
    for (body, kind) in [
        (r#"{"id":"1","message":"Created.","error":null}"#, None),
        (r#"{"message":" "}"#, Some(ErrorKind::Decode)),
        (r#"{"id":7,"active":[],"message":"boom"}"#, Some(ErrorKind::Decode)),
        (r#"{"name":"b"}"#, Some(ErrorKind::Decode)),
        (r#""boom""#, Some(ErrorKind::Decode)),
        // An array is not decoded as the fields of a bucket in order.
        (r#"["boom"]"#, Some(ErrorKind::Decode)),
        (r#" ["boom", "b.example", "b", true, 1]"#, Some(ErrorKind::Decode)),
    ] {
        let created = scripted(&MockTransport::new().reply(200, &[], body)).buckets().create(NewBucket::new("b")).await;
        assert_eq!(created.err().map(|error| error.kind()), kind, "{body}");
    }
}

#[tokio::test]
async fn a_raw_call_stays_below_the_base_url_and_is_not_retried_by_default() {
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
async fn the_later_product_name_is_another_base_url() {
    let script = MockTransport::new().reply(200, &[], r#"{"has_more":false,"data":[{"id":"nly_test_buc_1"}]}"#);
    let client = Client::builder(Authentication::api_key("nly_test_api_1"))
        .base_url("https://api.nightly.sh/v1/")
        .transport(script.clone());
    let all = client.build().unwrap().buckets().list().try_collect_vec().await.unwrap();
    assert_eq!(all[0].id.as_str(), "nly_test_buc_1");
    assert_eq!(script.calls()[0].uri, "https://api.nightly.sh/v1/buckets");
}
