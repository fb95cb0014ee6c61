//! What is repeated, and what the caller is told.

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

/// The operations with what the documentation of each allows.
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
async fn each_operation_is_repeated_as_its_documentation_allows() {
    retries_follow_idempotency("ftpgrid", &OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_comes_is_a_value_or_an_error() {
    arbitrary_responses_are_values_or_errors(&OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_leaves_a_change_in_doubt_and_a_refused_one_does_not() {
    broken_connection_leaves_outcome_unknown(&["ftp_accounts.create", "storage.move"], scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_an_earlier_attempt_did_is_success() {
    retried_delete_that_gets_404_succeeds(&["ftp_accounts.delete"], "", scripted_perform).await;
}

#[tokio::test]
async fn a_status_becomes_the_kind_that_says_what_to_do() {
    let body = r#"{"error":"Words of the service"}"#;
    let change = async |script: &MockTransport| scripted_perform(script, "storage.move").await;
    // A 403 names the scope that the call needs before them.
    let is_message = |said: &str| said.ends_with("Words of the service");
    statuses_map_to_error_kinds(&[], body, None, is_message, change).await;
}

#[tokio::test]
async fn a_raw_call_goes_to_either_server_and_is_not_repeated_unless_told() {
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
