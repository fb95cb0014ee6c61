//! Retries and errors.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::hostile::arbitrary_responses_are_values_or_errors;
use mft_test_support::retries::{
    broken_connection_leaves_outcome_unknown, retried_delete_that_gets_404_succeeds, retries_follow_idempotency,
    statuses_map_to_error_kinds,
};
use serde_json::json;
use stook::raw::{Idempotency, Method};
use stook::{
    BucketId, BucketUpdate, Call, Client, ErrorKind, FtpAccount, FtpAccountId, FtpAccountUpdate,
    LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount, OrganizationId, Outcome, Result, Secret,
};
use support::scripted;

fn id() -> FtpAccountId {
    "9a41".into()
}

async fn outcome<T: Send + 'static>(call: Call<T>) -> Result<()> {
    call.await.map(|_| ())
}

/// The operations and their idempotency.
const OPERATIONS: &[(&str, Idempotency)] = {
    use Idempotency::{Idempotent, NonIdempotent, Safe};
    &[
        ("ftp_accounts.list", Safe),
        ("ftp_accounts.get", Safe),
        ("ftp_accounts.create", NonIdempotent),
        ("ftp_accounts.update", Idempotent),
        ("ftp_accounts.delete", Idempotent),
        ("legacy_v1.ftp_accounts.get", Safe),
        ("legacy_v1.ftp_accounts.update", Idempotent),
        ("legacy_v1.ftp_accounts.delete", Idempotent),
        ("buckets.list", Safe),
        ("buckets.get", Safe),
        ("buckets.create", NonIdempotent),
        ("buckets.update", Idempotent),
        ("credentials.list", Safe),
        ("credentials.get", Safe),
        ("credentials.create", NonIdempotent),
        #[cfg(feature = "unverified")]
        ("buckets.delete", Idempotent),
        #[cfg(feature = "unverified")]
        ("credentials.update", Idempotent),
        #[cfg(feature = "unverified")]
        ("credentials.delete", Idempotent),
        #[cfg(feature = "unverified")]
        ("organizations.list", Safe),
    ]
};

async fn perform(client: &Client, operation: &str) -> Result<()> {
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let (buckets, credentials) = (client.buckets(), client.credentials());
    let new = NewFtpAccount::new("camera1", Secret::new("hunter2"), BucketId::from("b"), "cam1");
    match operation {
        "ftp_accounts.list" => accounts.list().try_collect_vec().await.map(|_| ()),
        "ftp_accounts.get" => outcome(accounts.get(&id())).await,
        "ftp_accounts.create" => outcome(accounts.create(new)).await,
        "ftp_accounts.update" => outcome(accounts.update(&id(), FtpAccountUpdate::new().read_only(true))).await,
        "ftp_accounts.delete" => outcome(accounts.delete(&id())).await,
        "legacy_v1.ftp_accounts.get" => outcome(legacy.get(&id())).await,
        "legacy_v1.ftp_accounts.update" => {
            outcome(legacy.update(&id(), LegacyFtpAccountUpdate::new(Secret::new("hunter2"), true, "cam1"))).await
        }
        "legacy_v1.ftp_accounts.delete" => outcome(legacy.delete(&id())).await,
        "buckets.list" => buckets.list().try_collect_vec().await.map(|_| ()),
        "buckets.get" => outcome(buckets.get(&"1".into())).await,
        "buckets.create" => outcome(buckets.create(NewBucket::new("a"))).await,
        "buckets.update" => outcome(buckets.update(&"1".into(), BucketUpdate::new().tags([]))).await,
        "credentials.list" => credentials.list().try_collect_vec().await.map(|_| ()),
        "credentials.get" => outcome(credentials.get(&"1".into())).await,
        "credentials.create" => outcome(credentials.create(NewCredential::new("a", ["1".into()]))).await,
        #[cfg(feature = "unverified")]
        "buckets.delete" => outcome(buckets.delete(&"1".into())).await,
        #[cfg(feature = "unverified")]
        "credentials.update" => outcome(credentials.update(&"1".into(), stook::CredentialUpdate::new("a", true))).await,
        #[cfg(feature = "unverified")]
        "credentials.delete" => outcome(credentials.delete(&"1".into())).await,
        #[cfg(feature = "unverified")]
        "organizations.list" => client.organizations().list().try_collect_vec().await.map(|_| ()),
        other => panic!("{other}"),
    }
}

async fn scripted_perform(script: &MockTransport, operation: &str) -> Result<()> {
    perform(&scripted(script), operation).await
}

#[tokio::test(start_paused = true)]
async fn retries_each_operation_as_its_documentation_permits() {
    retries_follow_idempotency("stook", OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn any_response_is_a_value_or_an_error() {
    arbitrary_responses_are_values_or_errors(OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_ambiguous_and_a_refused_one_is_not() {
    broken_connection_leaves_outcome_unknown(
        &["ftp_accounts.create", "buckets.create", "credentials.create"],
        scripted_perform,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_by_an_earlier_attempt_is_a_success() {
    let deletes = OPERATIONS.iter().map(|(name, _)| *name).filter(|name| name.ends_with("delete")).collect::<Vec<_>>();
    let gone = r#"{"status":false,"message":"Not Found"}"#;
    retried_delete_that_gets_404_succeeds(&deletes, gone, scripted_perform).await;
}

#[tokio::test]
async fn maps_each_status_to_an_error_kind() {
    let body = r#"{"status":false,"code":"E7","opID":"not this","message":"Words of the service"}"#;
    let create = async |script: &MockTransport| scripted_perform(script, "buckets.create").await;
    let is_message = |message: &str| message == "Words of the service";
    statuses_map_to_error_kinds(&[(401, ErrorKind::Auth)], body, Some("E7"), is_message, create).await;
}

#[tokio::test(start_paused = true)]
async fn a_2xx_with_status_false_is_an_error_with_the_service_message() {
    let words = json!({
        "status": false, "message": "The given data was invalid.", "opID": "op-7",
        "errors": { "password": ["must hold a special character"] }, "data": { "uuid": "1" },
    });
    for &(operation, _) in OPERATIONS {
        for status in [200, 201] {
            let script = MockTransport::new().reply(status, &[], words.to_string());
            let error = perform(&scripted(&script), operation).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{operation}");
            assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (status, 1), "{operation}");
            let message = "The given data was invalid.; password: must hold a special character";
            assert_eq!((error.message(), error.request_id()), (Some(message), Some("op-7")), "{operation}");
        }
    }
    // A server failure is retried like one with an error status.
    let broken = MockTransport::new().reply(200, &[], r#"{"status":false,"code":500}"#);
    let script = broken.reply(200, &[], r#"{"status":true,"data":{"uuid":"1"}}"#);
    perform(&scripted(&script), "ftp_accounts.update").await.unwrap();
    assert_eq!(script.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_2xx_with_only_a_failure_word_is_an_error() {
    for &(operation, _) in OPERATIONS {
        for (body, message) in [
            (r#"{"status":"error","message":"boom"}"#, "boom"),
            (r#"{"status":"error","data":null,"message":"boom"}"#, "boom"),
            (r#"{"data":[],"status":"failed"}"#, "failed"),
        ] {
            let script = MockTransport::new().reply(200, &[], body);
            let error = perform(&scripted(&script), operation).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{operation}: {body}");
            assert_eq!((error.message(), error.attempts()), (Some(message), 1), "{operation}: {body}");
        }
    }
    for (operation, body) in [
        ("ftp_accounts.delete", r#"{"status":"success","message":"Deleted."}"#),
        ("ftp_accounts.delete", r#"{"status":"deleted","data":{"uuid":"9a41"}}"#),
        ("legacy_v1.ftp_accounts.get", r#"{"status":"active","uuid":"9a41"}"#),
        ("legacy_v1.ftp_accounts.update", r#"{"status":"OK"}"#),
    ] {
        perform(&scripted(&MockTransport::new().reply(200, &[], body)), operation).await.unwrap();
    }
}

#[tokio::test]
async fn an_undecodable_2xx_was_applied_and_is_described() {
    for (body, message) in [
        ("", "empty"),
        ("<!doctype html><p>Log in", "an HTML page"),
        (r#"{"status":true}"#, "missing key"),
        (r#"{"status":true,"data":[]}"#, "data"),
        (r#"{"status":true,"data":{"name":"a"}}"#, "data"),
        // Not decoded as the fields of a bucket in declaration order.
        (r#"{"status":true,"data":["name taken"]}"#, "data"),
        (r#"[true,{"uuid":"1"}]"#, "a list of"),
    ] {
        let error =
            perform(&scripted(&MockTransport::new().reply(200, &[], body)), "buckets.create").await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done), "{body}");
        assert!(error.to_string().contains(message), "{body}: {error}");
    }
}

#[tokio::test]
async fn raw_calls_have_the_complete_path_and_are_not_retried_by_default() {
    let account = r#"{"status":true,"data":{"uuid":"1"}}"#;
    let script = MockTransport::new().reply(200, &[], account).reply(200, &[], "{}").reply(500, &[], "").repeat_last();
    let client = scripted(&script);
    let call =
        client.raw(Method::GET, "/api/v2/stook/{organization_uuid}/ftp/{id}").path("id", "a/b").query("q", "x y");
    let response: serde_json::Value = call.idempotency(Idempotency::Safe).json().await.unwrap();
    assert_eq!(serde_json::from_value::<FtpAccount>(response["data"].clone()).unwrap().uuid.as_str(), "1");
    let request = &script.calls()[0];
    assert_eq!(request.uri.to_string(), "https://cloud.medianova.com/api/v2/stook/org/ftp/a%2Fb?q=x%20y");
    assert_eq!(request.headers["authorization"], format!("Bearer {}", support::TOKEN));
    client.raw(Method::GET, "/api/v1/profile").into_call().await.unwrap();
    assert_eq!(script.calls()[1].uri.path(), "/api/v1/profile");
    let error = client.raw(Method::POST, "/new").json_body(&json!({ "a": 1 })).into_call().await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (3, Outcome::Unknown));
    for path in ["users", "", "evil/../users", "?a=b"] {
        let error = client.raw(Method::GET, path).into_call().await.unwrap_err();
        assert!(error.is_invalid_input() && script.calls().len() == 3, "{path}: {error}");
    }
}

#[tokio::test]
async fn the_base_url_may_have_a_prefix() {
    let script = MockTransport::new().reply(200, &[], r#"{"status":true,"data":[]}"#);
    let client = Client::builder(OrganizationId::from("org"), stook::Authentication::token("t"))
        .base_url("https://cloud.medianova.com/api/");
    client.transport(script.clone()).build().unwrap().buckets().list().try_collect_vec().await.unwrap();
    assert_eq!(script.calls()[0].uri.path(), "/api/api/v2/stook/org/bucket");
}
