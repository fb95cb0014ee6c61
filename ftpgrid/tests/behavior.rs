//! Retries and errors.

mod operations;
mod support;

use ftpgrid::raw::{Idempotency, Method};
use ftpgrid::{FtpAccount, FtpAccountId, Outcome};
use mft_common::testing::MockTransport;
use mft_test_support::hostile::arbitrary_responses_are_values_or_errors;
use mft_test_support::retries::{
    broken_connection_leaves_outcome_unknown, retried_delete_that_gets_404_succeeds, retries_follow_idempotency,
    statuses_map_to_error_kinds,
};
use operations::perform;
use support::scripted;

/// The operations and their idempotency.
const OPERATIONS: [(&str, Idempotency); 14] = {
    use Idempotency::{Idempotent, NonIdempotent, Safe};
    [
        ("ftp_accounts.create", NonIdempotent),
        ("ftp_accounts.list", Safe),
        ("ftp_accounts.get", Safe),
        ("ftp_accounts.update", Idempotent),
        ("ftp_accounts.delete", Idempotent),
        ("storage.list_tree", Safe),
        ("storage.list_dirs", Safe),
        ("storage.list_files", Safe),
        ("storage.move", NonIdempotent),
        ("storage.delete", Idempotent),
        ("storage.upload", Idempotent),
        ("storage.prepare_download", Safe),
        ("storage.download_multi", Safe),
        ("storage.download_single", Safe),
    ]
};

async fn scripted_perform(script: &MockTransport, operation: &str) -> ftpgrid::Result<()> {
    perform(&scripted(script), operation).await
}

#[tokio::test(start_paused = true)]
async fn retries_each_operation_as_its_documentation_permits() {
    retries_follow_idempotency("ftpgrid", &OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn any_response_is_a_value_or_an_error() {
    arbitrary_responses_are_values_or_errors(&OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_ambiguous_and_a_refused_one_is_not() {
    broken_connection_leaves_outcome_unknown(&["ftp_accounts.create", "storage.move"], scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_by_an_earlier_attempt_is_a_success() {
    retried_delete_that_gets_404_succeeds(&["ftp_accounts.delete"], "", scripted_perform).await;
}

#[tokio::test]
async fn maps_each_status_to_an_error_kind() {
    let body = r#"{"error":"Words of the service"}"#;
    let change = async |script: &MockTransport| scripted_perform(script, "storage.move").await;
    // The message of a 403 starts with the required scope.
    let is_message = |message: &str| message.ends_with("Words of the service");
    statuses_map_to_error_kinds(&[], body, None, is_message, change).await;
}

#[tokio::test]
async fn raw_calls_reach_both_servers_and_are_not_retried_by_default() {
    let account = r#"{"id":1,"username":"u","accessRights":"RO"}"#;
    let script = MockTransport::new().reply(200, &[], account).reply(200, &[], "[]").reply(500, &[], "").repeat_last();
    let client = scripted(&script);
    let call = client.raw(Method::GET, "/ftpaccounts/id/{id}").path("id", "a/b").query("q", "x y");
    let account: FtpAccount = call.idempotency(Idempotency::Safe).json().await.unwrap();
    assert_eq!(account.id, FtpAccountId::new(1));
    client.raw_storage(Method::POST, "/api/list/files").into_call().await.unwrap();
    let uris: Vec<_> = script.calls().iter().map(|call| call.uri.to_string()).collect();
    assert_eq!(
        uris,
        ["https://api.ftpgrid.com/ftpaccounts/id/a%2Fb?q=x%20y", "https://web3.ftpgrid.com/api/list/files"]
    );
    assert!(script.calls().iter().all(|call| call.headers["authorization"] == "Bearer token-0001"));
    let error = client.raw(Method::POST, "/new").into_call().await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (3, Outcome::Unknown));
    for path in ["users", "", "evil/../users", "?a=b"] {
        assert!(client.raw_storage(Method::GET, path).into_call().await.unwrap_err().is_invalid_input(), "{path}");
    }
}
